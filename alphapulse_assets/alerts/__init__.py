"""Alerts: what one is, which kinds there are, what keeps them few. Each room says what deserves one."""
