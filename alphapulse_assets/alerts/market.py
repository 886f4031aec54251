"""Alerts of what is collected: funding, open interest, dominance, texts. They need no instrument. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from alphapulse_assets.alerts.model import Detail, Severity

COOL_DOWN: Final = timedelta(hours=1)
"""How long after an alert of a kind and subject the next is held back, by default (ours)."""


class MarketAlertKind(StrEnum):
    """What such an alert is about. The table's CHECK has the same list: a new kind needs a migration."""

    FUNDING_EXTREME = "funding_extreme"
    OPEN_INTEREST_JUMP = "open_interest_jump"
    DOMINANCE_SHIFT = "dominance_shift"
    SENTIMENT_SPIKE = "sentiment_spike"
    STORY_CLUSTER = "story_cluster"


@dataclass(frozen=True, slots=True)
class MarketAlert:
    """Something in collected rows that somebody may want to know at once.

    `subject` is what it is about, as titles call it: `BTC/USDT:USDT on binanceusdm`, `coingecko market`.
    `ts` is the time that it is about, `known_at` when it was known here (both aware, UTC). With kind, subject
    and reference `ts` is its identity: raised again it is the same alert. Of one kind, subject and reference
    the next is stored `cool_down` after the last one at the earliest.
    """

    kind: MarketAlertKind
    subject: str
    ts: datetime
    known_at: datetime
    severity: Severity
    title: str
    detail: Detail
    logic_version: int
    instrument_id: int | None = None
    reference: str = ""
    cool_down: timedelta = COOL_DOWN
