"""Venue streams: the common words for what a socket says, one adapter per protocol, and readers of captures."""
