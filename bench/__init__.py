"""Benchmarks: the figures the project holds itself to, measured beside what they are compared with."""
