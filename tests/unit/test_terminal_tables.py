"""Tables on terminals of 80 and 200 columns: rows of the real views, read off the demo."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from alphapulse_cli.tables import Grid, Shape
from alphapulse_cli.tables.cells import number
from alphapulse_cli.tables.layout import Column, fit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BAR = datetime(2026, 11, 30, 11, 25, tzinfo=UTC)
REASONS = {"counted": [{"family": "candlestick", "weight": 0.636607999618555}], "overridden": []}
SIGNAL = {
    "venue": "binance",
    "symbol": "SOL/USDT",
    "timeframe": "5m",
    "ts": BAR,
    "known_at": BAR + timedelta(minutes=5),
    "signal": "weak_buy",
    "score": 41.241000000000003,
    "net": 0.5065273,
    "confidence": 81.4192,
    "patterns": 6,
    "run": 2,
    "overridden_by": None,
    "trigger": "hikkake",
    "entry": 168.19,
    "atr": 0.58815,
    "stop": 167.01370000000003,
    "target": 170.54260000000002,
    "capped": True,
    "expires_at": BAR + timedelta(hours=1),
    "reasons": REASONS,
    "logic_version": 1,
}


def drawn(
    rows: list[dict[str, Any]],
    width: int,
    *,
    terminal: bool = True,
    shape: Shape = Shape.FITTING,
    **more: Any,
) -> list[str]:
    """The lines of a table of these records on a console of this width."""
    out = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, highlight=False
    )
    names = list(rows[0])
    out.print(Grid(names, [list(row.values()) for row in rows], shape=shape, now=NOW, **more), crop=False)
    return out.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_at_80_columns_a_signal_is_one_line_of_what_matters() -> None:
    perpetual = {**SIGNAL, "symbol": "BTC/USDT:USDT", "score": -100.0, "net": -1.0}
    assert drawn([SIGNAL, perpetual], 80) == [
        "venue    symbol         timeframe  ts           known_at     signal       score",
        "───────────────────────────────────────────────────────────────────────────────",
        "binance  SOL/USDT       5m         11-30 11:25  11-30 11:30  weak_buy    41.241",
        "binance  BTC/USDT:USDT  5m         11-30 11:25  11-30 11:30  weak_buy  -100.000",
        "(+14 columns: --format csv)",
    ]


def test_at_200_columns_documents_are_told_by_their_size() -> None:
    lines = drawn([SIGNAL], 230)
    assert lines[0].split() == list(SIGNAL)
    assert "{2 keys}" in lines[2]
    assert len(lines) == 3


@pytest.mark.parametrize("width", [10, 40, 80, 100, 120, 200])
def test_no_row_vanishes_and_no_line_is_broken_at_any_width(width: int) -> None:
    lines = drawn([SIGNAL] * 5, width)
    assert sum(line.startswith("binance") for line in lines) == 5
    assert max(map(len, lines)) <= width
    assert len(lines) in (7, 8)


def test_what_has_no_room_goes_in_the_order_that_was_asked_for() -> None:
    lines = drawn([SIGNAL], 80, drop_first=["known_at", "ts"], more="--json")
    assert lines[0].split()[:5] == ["venue", "symbol", "timeframe", "signal", "score"]
    lines = drawn([{"a": 1, "b": "x" * 30, "c": 2}], 10, drop_first=["c"])
    assert lines[0] == "a"
    assert lines[-1].startswith("(+2 col")


def test_few_columns_that_have_no_room_are_named() -> None:
    rows = [{"symbol": "BTC/USDT", "first": 1, "some_rather_long_name": 2}]
    assert drawn(rows, 30)[-1] == "(+1 column: --format csv)"
    wide = [{"symbol": "BTC/USDT" * 8, "first": 1, "last": 2}]
    assert drawn(wide, 68)[-1] == "(+2 columns: first, last; --format csv)"


def test_a_text_is_cut_before_a_column_goes_and_a_symbol_never() -> None:
    rows = [{"title": "Bitcoin rallies as " * 5, "symbol": "BTC/USDT:USDT", "score": 0.5}]
    lines = drawn(rows, 60)
    assert lines[0].split() == ["title", "symbol", "score"]
    assert "…" in lines[2]
    assert "BTC/USDT:USDT" in lines[2]


def test_a_pipe_gets_every_column_and_every_digit() -> None:
    (head, _, row) = drawn([SIGNAL], 4000, terminal=False)
    assert head.split() == list(SIGNAL)
    assert "2026-11-30T11:25:00Z" in row
    assert "167.01370000000003" in row
    assert '"weight": 0.636607999618555' in row


def test_everything_is_shown_however_wide_and_vertical_one_below_the_other() -> None:
    head, _, row = drawn([SIGNAL], 80, shape=Shape.EVERYTHING)
    assert head.split() == list(SIGNAL)
    assert '"overridden": []' in row
    lines = drawn([SIGNAL, SIGNAL], 60, shape=Shape.VERTICAL)
    assert lines[0].startswith("─ 1 ─")
    assert "─ 2 ─" in lines[len(lines) // 2]
    assert "symbol         SOL/USDT" in lines
    assert "target         170.543" in lines
    assert max(map(len, lines)) <= 60
    assert "0.636607999618555" in " ".join(lines)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (299.75048000000004, "299.75"),
        (95.88888888888889, "95.8889"),
        (22261.8, "22261.8"),
        (0.00001234567, "0.0000123457"),
        (1234567.8, "1234568"),
        (0.0, "0"),
        (-0.5, "-0.5"),
        (1e-12, "1.00000e-12"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (Decimal("3.14159265358979"), "3.14159"),
    ],
)
def test_numbers_have_six_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def column(*values: Any) -> list[str]:
    return [line.strip() for line in drawn([{"x": value} for value in values], 80)[2:]]


def test_numbers_that_are_alike_share_their_decimals_and_others_do_not() -> None:
    assert column(168.19, 1670.5) == ["168.19", "1670.50"]
    assert column(22261.8, 0.0000123) == ["22261.8", "0.0000123"]


def test_times_are_short_and_say_the_year_where_it_is_not_this_one() -> None:
    assert column(BAR) == ["11-30 11:25"]
    assert column(BAR, BAR.replace(year=2024)) == ["2026-11-30 11:25", "2024-11-30 11:25"]
    assert column(BAR + timedelta(seconds=5.25)) == ["11-30 11:25:05"]
    between = [{"since": BAR, "until": BAR + timedelta(microseconds=1000)}]
    assert "11-30 11:25:00.001" in drawn(between, 80)[2]
    assert column(date(2026, 11, 30), None) == ["2026-11-30", ""]


def test_lists_and_documents_are_shown_where_short_and_counted_where_not() -> None:
    assert column(["1h", "4h"], [], list(range(40)), {"a": 1}, {str(n): n for n in range(9)}) == [
        "1h, 4h", "[0]", "[40]", '{"a": 1}', "{9 keys}",
    ]  # fmt: skip


def test_nothing_that_a_terminal_would_obey_gets_through() -> None:
    text = "\n".join(drawn([{"name": "a\x1b[2Jb", "two": "x\ny"}], 80))
    assert "\x1b" not in text
    assert "x y" in text


def test_styled_cells_keep_their_side() -> None:
    rows = [[Text("1.25", justify="right")], [Text("-10.00", justify="right")]]
    out = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    out.print(Grid(["spread bps"], rows))
    assert out.file.getvalue().splitlines()[2:] == ["      1.25", "    -10.00"]  # type: ignore[attr-defined]


def test_a_column_is_never_narrower_than_its_name() -> None:
    columns = [Column("a_name", 6, 40, text=True), Column("b", 1, 9, text=False)]
    for width in range(1, 60):
        for index, given in fit(columns, width):
            assert given >= columns[index].head or given == width
