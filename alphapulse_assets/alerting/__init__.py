"""Alert rules at work: as rows, evaluated by streams, the poller and the watch, and replayed.

What a rule is and when it fires is in the pure room `alerts`; here is what reads and writes.
"""
