"""How the status tells much in few lines, and that nothing wrong hides in them."""

from typing import Any

import pytest
from rich.console import Console

from alphapulse_cli.status import TABLES, _print
from alphapulse_cli.status_words import shown


def fresh(timeframe: str, age: float | None, venue: str = "binance", symbols: int = 3) -> dict[str, Any]:
    return {"venue": venue, "timeframe": timeframe, "native": False, "symbols": symbols, "age_seconds": age}


def test_bars_that_form_are_one_row_a_venue_and_late_ones_their_own() -> None:
    names = ("5m", "15m", "1h", "4h", "1d", "1w")
    rows = [fresh("1m", 6.0), *(fresh(name, None) for name in names), fresh("1m", 90.0, "bybit")]
    rows += [fresh("5m", 400.0, "bybit"), fresh("15m", None, "bybit"), fresh("1h", None, "bybit")]
    _, told = shown("freshness", "Freshness", rows)
    assert [(row["venue"], row["data set"], row["age"]) for row in told] == [
        ("binance", "1m", "6 s"),
        ("binance", "5m to 1w", "forming"),
        ("bybit", "1m", "1 min 30 s"),
        ("bybit", "5m", "6 min 40 s"),
        ("bybit", "15m", "forming"),
        ("bybit", "1h", "forming"),
    ]


def test_sources_that_answer_are_counted_and_the_others_named() -> None:
    well = {"dataset": "a", "state": "answers", "serves": True, "why": None}
    title, told = shown(
        "sources", "Sources", [well, well, {**well, "state": "off", "why": "needs a key\nof yours"}]
    )
    assert title == "Sources: 2 of 3 answer"
    assert [(row["state"], row["why"]) for row in told] == [("off", "needs a key")]


@pytest.mark.parametrize("section", TABLES, ids=lambda section: section.name)
def test_only_what_is_well_when_empty_gets_a_tick(section: Any, capsys: pytest.CaptureFixture[str]) -> None:
    _print(Console(width=200), section, [])
    ticked = capsys.readouterr().out.startswith("✓")
    assert ticked == (section.name not in ("venues", "freshness", "streams", "sources", "coverage"))
