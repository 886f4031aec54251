"""Volume patterns, the volume profile of a day, and what price did after a pattern."""
