"""What a text says, good or bad: scored by tiers, each with its model, version and the hash of its data."""
