"""The probability that an event is right after costs: features, models that must beat chance, what they say."""
