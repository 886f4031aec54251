"""Timeframes of live candles: up to date seconds after each minute, without a Dagster run of their own."""

import asyncio
import logging
import time
from typing import Final

import psycopg

from alphapulse_resources.database.client import Database

log = logging.getLogger(__name__)

AFTER_SECONDS: Final = 4.0
"""After the close of a minute: its candles are stored within one second, those by REST some later (ours)."""


async def keep_timeframes(database: Database, after: float = AFTER_SECONDS) -> None:
    """Let every timeframe take in what the minute brought, minute after minute, until cancelled.

    What comes later, or while another process refreshes, is taken in a minute later. The batch, which does
    the same after its own candles, has nothing left to do then. `after`: seconds after each full minute.
    """
    while True:
        await asyncio.sleep(60.0 - (time.time() - after) % 60.0)
        try:
            await asyncio.to_thread(database.refresh_timeframes, wait=False)
        except psycopg.Error as error:
            log.warning("timeframes could not be brought up to date: %s", error)
