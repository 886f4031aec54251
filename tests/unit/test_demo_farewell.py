"""What the demo says while it waits and when all is in."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from alphapulse_cli.demo_farewell import TRY, print_farewell, waiting_for
from alphapulse_cli.demo_report import Report

COUNTS = {
    "candles": 19_147,
    "gaps": 112,
    "repaired": 3,
    "books": 9,
    "synced": 8,
    "patterns": 62_054,
    "signals": 2_801,
    "judged": 0,
    "derivatives": 3_810,
    "texts": 799,
}
STATE = {"candles": 1, "wanted": 9, "done": 9, "scored": 9, "dirty": 0, "unasked": 0}


def farewell(home: Path, *, web_url: str | None, problems: tuple[str, ...] = ()) -> list[str]:
    report = Report(
        {}, {}, {"passed": 69, "failed": 0}, {}, {}, [], {}, "http://127.0.0.1:3000", "", [], COUNTS
    )
    report.problems = list(problems)
    out = io.StringIO()
    print_farewell(report, Console(file=out, width=100), home=home, web_url=web_url)
    return [line for line in out.getvalue().splitlines() if line]


def test_the_first_line_is_the_web_terminal_where_there_is_one(tmp_path: Path) -> None:
    lines = farewell(tmp_path, web_url="http://127.0.0.1:3160")
    assert lines[:2] == [
        "Look at it: http://127.0.0.1:3160",
        "AlphaPulse runs. Dagster UI: http://127.0.0.1:3000",
    ]
    assert farewell(tmp_path, web_url=None)[0] == "AlphaPulse runs. Dagster UI: http://127.0.0.1:3000"


def test_it_tells_books_patterns_signals_and_three_things_to_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = "\n".join(farewell(tmp_path / ".alphapulse" / "demo", web_url=None))
    for part in ("8 of 9 proven and live", "62,054", "2,801", "112 gaps found, 3 healed", "in this folder:"):
        assert part in said
    assert len(TRY) == 3
    assert all(command in said for _, command in TRY)
    assert "problem" not in said
    assert "ohlcv_1w is empty" in "\n".join(farewell(tmp_path, web_url=None, problems=("ohlcv_1w is empty",)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"candles": 0, "done": 0}, "compiled first"),
        ({"done": 3}, "fetching days"),
        ({"scored": 3}, "scoring"),
        ({"dirty": 4}, "longer timeframes"),
        ({"unasked": 1}, "collectors"),
        ({}, "the last runs end"),
    ],
)
def test_it_says_what_it_waits_for(changed: dict[str, int], said: str) -> None:
    assert said in waiting_for({**STATE, **changed})
