"""Venue streams: common words for what a socket says, one adapter per protocol, readers of captures."""
