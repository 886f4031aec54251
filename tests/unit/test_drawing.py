"""Charts in a terminal, as HTML and as PNG: what is drawn, where, and what is missing."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from alphapulse.drawing import Chart, to_html, to_png, to_terminal
from alphapulse.drawing.axes import price_text, price_ticks, time_step

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 29, tzinfo=UTC)


def bar(hour: int, first: float, last: float, *, volume: float = 1.0) -> dict[str, object]:
    return {
        "ts": START + hour * HOUR,
        "open": first,
        "high": max(first, last) + 1,
        "low": min(first, last) - 1,
        "close": last,
        "volume": volume,
    }


RISING = [bar(hour, 100 + hour, 101 + hour, volume=1 + hour) for hour in range(40)]
SIGNAL = {
    "ts": START + 5 * HOUR,
    "known_at": START + 6 * HOUR,
    "signal": "buy",
    "score": 64.0,
    "entry": 106.0,
    "stop": 104.0,
    "target": 110.0,
}
PATTERNS = [
    {"ts": START + 8 * HOUR, "direction": "bullish", "pattern": "hammer"},
    {"ts": START + 8 * HOUR, "direction": "bullish", "pattern": "<engulfing>"},
    {"ts": START + 9 * HOUR, "direction": "bearish", "pattern": "doji"},
]


def drawn(chart: Chart, width: int = 80, height: int = 20) -> list[str]:
    lines = [line.plain for line in to_terminal(chart, width=width, height=height)]
    assert max(map(len, lines[1:-1])) <= width
    return lines


def test_a_rise_goes_from_the_lower_left_to_the_upper_right() -> None:
    lines = drawn(Chart.of("binance BTC/USDT 1h", HOUR, RISING))
    prices = lines[1:21]
    first, last = (next(n for n, line in enumerate(prices) if line[column] == "┃") for column in (0, 39))
    assert first > 15
    assert last < 4
    assert not any("█" in line for line in prices)  # nothing fell
    assert lines[0].startswith("binance BTC/USDT 1h  140  +40.00%")


def test_what_fell_is_told_from_what_rose_without_colours() -> None:
    falling = [bar(hour, 140 - hour, 139 - hour) for hour in range(40)]
    prices = "".join(drawn(Chart.of("x", HOUR, falling))[1:21])
    assert not set("┃╿╽╻╹") & set(prices)
    assert set("█▀▄") & set(prices)


def test_a_missing_bar_is_an_empty_column_and_is_counted() -> None:
    rows = [row for row in RISING if row["ts"] not in (START + 10 * HOUR, START + 11 * HOUR)]
    chart = Chart.of("x", HOUR, rows)
    lines = drawn(chart)
    assert {line[column] for line in lines[1:24] for column in (10, 11)} == {" "}
    assert "2 of 40 bars are missing" in lines[-1]
    assert to_html(chart).count("missing</title>") == 2


def test_the_volume_of_the_largest_bar_fills_its_rows() -> None:
    lines = drawn(Chart.of("x", HOUR, RISING))
    volume = lines[21:24]
    assert [line[39] for line in volume] == ["█", "█", "█"]
    assert [line[0] for line in volume] == [" ", " ", "▁"]
    assert "vol 40" in volume[0]


def test_signals_and_patterns_are_marked_and_told() -> None:
    lines = drawn(Chart.of("x", HOUR, RISING, PATTERNS, [SIGNAL]))
    assert any(line[5] == "◆" for line in lines[1:21])
    assert any(line[8] == "▲" for line in lines[1:21])
    assert any(line[9] == "▼" for line in lines[1:21])
    assert lines[-1] == "◆ 11-29 06:00 buy +64: entry 106, stop 104, target 110"


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("price", [0.00001234, 1.0, 65_000.0])
def test_it_fits_any_width_at_any_price_and_keeps_the_newest_bars(width: int, price: float) -> None:
    rows = [
        {**row, **{name: float(str(row[name])) * price / 100 for name in ("open", "high", "low", "close")}}
        for row in (bar(hour, 100 + hour % 7, 101 + hour % 5) for hour in range(500))
    ]
    lines = drawn(Chart.of("x", HOUR, rows), width)
    assert f"to {START + 500 * HOUR:%m-%d %H:%M} UTC" in lines[0]


def test_prices_that_do_not_move_are_drawn_too() -> None:
    flat = [{**row, "open": 5.0, "high": 5.0, "low": 5.0, "close": 5.0, "volume": 0.0} for row in RISING]
    chart = Chart.of("x", HOUR, flat)
    assert any("5" in line for line in drawn(chart))
    assert to_html(chart)
    assert to_png(chart)[:4] == b"\x89PNG"


def test_without_bars_it_says_so() -> None:
    empty = Chart.of("x", HOUR, [])
    assert [line.plain for line in to_terminal(empty)] == ["x: there is no bar to draw"]
    assert "There is no bar to draw" in to_html(empty)
    assert to_png(empty)[:4] == b"\x89PNG"


class Reader(HTMLParser):
    """Elements and the addresses that they name."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.closed_wrongly = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta",):
            self.open.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        self.closed_wrongly |= not self.open or self.open.pop() != tag


def test_the_html_is_whole_and_loads_nothing() -> None:
    page = to_html(Chart.of("binance <BTC>/USDT", HOUR, RISING, PATTERNS, [SIGNAL]))
    reader = Reader()
    reader.feed(page)
    assert (reader.open, reader.loads, reader.closed_wrongly) == ([], [], False)
    assert re.findall(r"https?://[^\"' ]+", page) == ["http://www.w3.org/2000/svg"]
    assert "<script" not in page
    assert "bullish: hammer, &lt;engulfing&gt;" in page
    assert "2026-11-29 00:00 UTC open 100 high 102 low 99 close 101 volume 1" in page
    assert page.count('class="up"') == 40


def test_a_png_has_the_bars_in_it() -> None:
    chart = Chart.of("x", HOUR, RISING, PATTERNS, [SIGNAL])
    assert to_png(chart)[:4] == b"\x89PNG"
    assert len(to_png(chart)) > len(to_png(Chart.of("x", HOUR, []))) + 2000


def test_ticks_are_round_and_few() -> None:
    assert price_ticks(0.001, 0.0019, 4) == pytest.approx([0.001, 0.00125, 0.0015, 0.00175])
    assert price_ticks(5.0, 5.0, 4) == [5.0]
    assert price_text(1250.0, [1000.0, 1250.0]) == "1,250"
    assert time_step(HOUR, 48, 6) == timedelta(hours=12)
    assert time_step(timedelta(weeks=1), 10, 100) == timedelta(weeks=1)


def test_drawing_in_a_terminal_imports_nothing_that_takes_long() -> None:
    code = "import sys, alphapulse.drawing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"matplotlib", "polars", "pandas", "dagster", "alphapulse_assets", "alphapulse_cli", "psycopg"}
    assert not heavy & {name.partition(".")[0] for name in done.stdout.split()}
