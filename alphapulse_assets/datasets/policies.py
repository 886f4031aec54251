"""What holds of assets whose data set says nothing else: whose they are, how often they are retried."""

from typing import Final

import dagster as dg

OWNERS: Final = ["team:market-data"]
RETRY: Final = dg.RetryPolicy(
    max_retries=3, delay=10, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
ONE_RUN: Final = dg.BackfillPolicy.single_run()
"""A range of days is one run: what it reads before the first day it reads once."""
