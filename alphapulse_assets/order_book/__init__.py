"""Order books: kept from a venue's snapshots and diffs, proven right on every message, and measured."""
