"""Bars that look like others: the search, what followed, and the same of random windows. Pure.

>>> import numpy as np
>>> from alphapulse.lookalike.windows import distances
>>> waves = np.sin(np.arange(40.0) / 2)
>>> bool(distances(waves[-8:], waves)[-1] < 1e-6)
True
"""
