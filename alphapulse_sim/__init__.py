"""A venue simulator: the venues' wire protocols on loopback, deterministic, with faults on command.

The market is a pure function of (seed, venue, symbol, time): any moment of any year can be asked and
nothing is stored. Nobody imports this package but the command line, the tests and the benchmarks.
"""
