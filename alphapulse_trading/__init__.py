"""Orders at venues, off by default. Nothing that collects, computes or streams imports this package."""
