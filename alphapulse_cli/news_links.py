"""`alphapulse news link`: the coins that a text is about, and why it is not about others."""

from datetime import UTC, datetime
from typing import Final

from alphapulse_assets.news.linking.coins import Coins
from alphapulse_assets.news.linking.explaining import explain
from alphapulse_cli.database import open_database
from alphapulse_cli.export import parse_time
from alphapulse_cli.output import notes, parse_format, print_records
from alphapulse_resources.database.client import statement

_COLUMNS: Final = ("text", "mention", "coin", "linked", "rule", "confidence", "why_not")


def link(texts: list[str], *, at: str | None, source: str | None, coins: str | None, form: str) -> None:
    """Mentions of each text as it would be read at a time, by the coins of all instruments or those named."""
    style, moment = parse_format(form), parse_time(at, "--at") or datetime.now(UTC)
    known = (
        coins.split(",") if coins else [row["coin"] for row in open_database().rows(statement("news/coins"))]
    )
    if not known:
        notes().print("no coin is known yet: add symbols first, or name coins with --coins")
    index = Coins.of(known)
    rows = [
        {
            "text": text,
            "mention": one.mention,
            "coin": one.coin,
            "linked": one.why_not is None,
            "rule": one.rule,
            "confidence": None if one.why_not else one.confidence,
            "why_not": one.why_not,
        }
        for text in texts
        for one in explain(text, moment, index, source)
    ]
    print_records(rows, _COLUMNS, style)


def _listed() -> list[str]:
    return [row["coin"] for row in open_database().rows(statement("news/coins"))]
