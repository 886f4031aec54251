"""The probability that an event is right after costs: features, models, and what they are worth."""
