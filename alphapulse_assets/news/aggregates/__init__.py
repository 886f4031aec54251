"""What all texts say together, hour by hour, and whether price has anything to do with it."""
