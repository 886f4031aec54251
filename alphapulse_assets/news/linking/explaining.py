"""Why a text is linked to a coin or not, mention by mention. Pure."""

from datetime import datetime
from typing import NamedTuple

import polars as pl

from alphapulse_assets.news.linking.batch import ready
from alphapulse_assets.news.linking.coins import Coins
from alphapulse_assets.news.linking.doubts import Evidence
from alphapulse_assets.news.linking.matching import match
from alphapulse_assets.news.linking.rules import RULES
from alphapulse_assets.news.linking.support import why_not
from alphapulse_assets.news.model import TEXT_SCHEMA


class Mention(NamedTuple):
    """Words that can mean a coin; `why_not` is null where they are taken for it."""

    mention: str
    coin: str
    rule: str
    confidence: float
    why_not: str | None


def explain(text: str, at: datetime, known: Coins, source: str | None = None) -> list[Mention]:
    """Mentions of a text as it would be read at a time: the strongest of each coin that it is linked to, then
    the doubts that found no support.
    """
    row = {"text_id": 0, "ts": at, "title": text, "source": source}
    _, _, title, body, crypto = ready(pl.DataFrame([row], schema=TEXT_SCHEMA)).row(0)
    found = match(title, body, known.era(at), crypto)
    told = Evidence.of(found.matches, found.doubts, found.passages, crypto)
    linked = [
        Mention(one.mention, coin, one.rule, RULES[one.rule], None) for coin, one in found.matches.items()
    ]
    refused = [
        Mention(doubt.mention, doubt.coin, doubt.rule, RULES[doubt.rule], why_not(doubt, told))
        for doubt in found.doubts
        if doubt.coin not in found.matches
    ]
    return linked + list(dict.fromkeys(refused))
