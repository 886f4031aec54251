"""The poller: one long run that asks all collectors by their cadence, kept alive as streams are.

A run a minute would be a process a minute, and a process of Dagster takes three seconds of processor time to
begin: with a cadence of half a minute that is a tenth of two cores for nothing. One process that stays costs
what the answers cost.
"""
