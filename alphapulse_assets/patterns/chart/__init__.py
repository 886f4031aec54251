"""Chart patterns and their life: pure modules, causal, the same code for a year and for one bar."""
