"""Candles in a terminal: half blocks and thin lines, prices at the right, volume and times below. Pure.

A bar is one column. What rose is a thin body, what fell a full one, so that it reads without colours too;
a missing bar is an empty column.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from alphapulse.drawing.axes import is_named, price_text, price_ticks, time_step, time_text
from alphapulse.drawing.model import Bar, Chart, Plan

UP, DOWN, PATTERN, SIGNAL, DIM = "green", "red", "yellow", "bold magenta", "dim"
NOTHING, WICK, BODY = 0, 1, 2
_THIN: Final = {
    (NOTHING, WICK): "╷", (WICK, NOTHING): "╵", (WICK, WICK): "│", (BODY, BODY): "┃", (NOTHING, BODY): "╻",
    (BODY, NOTHING): "╹", (WICK, BODY): "╽", (BODY, WICK): "╿",
}  # fmt: skip
_FULL: Final = {
    (NOTHING, WICK): "╷", (WICK, NOTHING): "╵", (WICK, WICK): "│", (BODY, BODY): "█", (NOTHING, BODY): "▄",
    (BODY, NOTHING): "▀", (WICK, BODY): "▄", (BODY, WICK): "▀",
}  # fmt: skip
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
VOLUME_ROWS: Final = 3
"""Rows of a terminal that show volume (ours)."""
LEAST_HEIGHT: Final = 6
PLANS_TOLD: Final = 3
"""Newest signals that are told in words below the chart (ours)."""

Cell = tuple[str, str]


def room_for(width: int) -> int:
    """How many bars fit at most beside the prices."""
    return max(width - 8, 10)


def to_terminal(chart: Chart, *, width: int = 100, height: int = 24) -> list[Text]:
    """The chart in lines of at most `width` cells; `height` rows are prices, volume and times come on top.

    What does not fit are the oldest bars.
    """
    if not chart.bars:
        return [Text(f"{chart.title}: there is no bar to draw")]
    height, chart = max(height, LEAST_HEIGHT), chart.last(room_for(width))
    low, high = _range(chart)
    widest = max(map(len, (*_labels(low, high, height).values(), _price(chart.bars[-1].close))))
    chart = chart.last(max(width - widest - 3, 10))
    slots, (low, high) = chart.slots(), _range(chart)
    cells = [[(" ", "")] * len(slots) for _ in range(height)]
    for column, bar in enumerate(slots):
        if bar is not None:
            _draw_bar(cells, column, bar, low, high)
    _draw_study(chart, cells, low, high)
    _draw_marks(chart, cells, slots, low, high)
    named = _labels(low, high, height)
    last = chart.bars[-1].close
    lines = [_head(chart)]
    for number, row in enumerate(cells):
        at_last = number == _row(last, low, high, height)
        label = _price(last) if at_last else named.get(number, "")
        edge = "┤" if label else "│"
        lines.append(_line(row, f" {edge}", Text(label, style="bold" if at_last else DIM)))
    lines += [*_volume(slots), *_times(chart, slots), _foot(chart), *map(_told, chart.plans[-PLANS_TOLD:])]
    if chart.study is not None:
        lines += [Text(each) for each in chart.study.words]
    for line in lines:
        line.no_wrap, line.overflow = True, "crop"
    return lines


def _range(chart: Chart) -> tuple[float, float]:
    low, high = chart.extent()
    margin = (high - low) * 0.04 or abs(high) * 0.001 or 1.0
    return low - margin, high + margin


def _labels(low: float, high: float, height: int) -> dict[int, str]:
    """The rows that have a price, and what they say."""
    ticks = price_ticks(low, high, height // 3)
    return {_row(price, low, high, height): price_text(price, ticks) for price in ticks}


def _price(price: float) -> str:
    """A price with seven significant digits, never with an exponent where people trade."""
    return f"{price:,.7g}" if price >= 0.0001 else f"{price:.10f}".rstrip("0")


def _half(price: float, low: float, high: float, height: int) -> int:
    """The half row of a price, counted from the top."""
    return min(max(int((high - price) / (high - low) * 2 * height), 0), 2 * height - 1)


def _row(price: float, low: float, high: float, height: int) -> int:
    return _half(price, low, high, height) // 2


def _draw_bar(cells: list[list[Cell]], column: int, bar: Bar, low: float, high: float) -> None:
    height = len(cells)
    top, bottom = (_half(price, low, high, height) for price in (bar.high, bar.low))
    first, last = (
        _half(price, low, high, height) for price in (max(bar.open, bar.close), min(bar.open, bar.close))
    )
    glyphs, style = (_THIN, UP) if bar.rose else (_FULL, DOWN)
    for row in range(top // 2, bottom // 2 + 1):
        upper, lower = (
            BODY if first <= half <= last else WICK if top <= half <= bottom else NOTHING
            for half in (2 * row, 2 * row + 1)
        )
        if (upper, lower) != (NOTHING, NOTHING):
            cells[row][column] = glyphs[upper, lower], style


def _draw_marks(
    chart: Chart, cells: list[list[Cell]], slots: Sequence[Bar | None], low: float, high: float
) -> None:
    """Patterns and signals beside their bars, where there is room."""
    marked = [(mark.ts, mark.direction == "bullish", "▲" if mark.direction == "bullish" else "▼", PATTERN)
              for mark in chart.marks if mark.direction != "neutral"]  # fmt: skip
    marked += [(plan.ts, plan.buys, "◆", SIGNAL) for plan in chart.plans]
    for ts, below, glyph, style in marked:
        column = chart.place(ts)
        bar = slots[column] if 0 <= column < len(slots) else None
        if bar is None:
            continue
        row = _row(bar.low if below else bar.high, low, high, len(cells)) + (1 if below else -1)
        while 0 <= row < len(cells) and cells[row][column][0] not in (" ", "▲", "▼"):
            row += 1 if below else -1
        if 0 <= row < len(cells):
            cells[row][column] = glyph, style


_LEVELS: Final = {"entry": SIGNAL, "breakout": SIGNAL, "target": UP, "stop": DOWN, "invalidation": DOWN}


def _draw_study(chart: Chart, cells: list[list[Cell]], low: float, high: float) -> None:
    """Levels and lines of one pattern or signal where no bar is; its exit over whatever is there."""
    if (study := chart.study) is None:
        return
    width, height = len(cells[0]), len(cells)

    def put(column: float, price: float, glyph: str, style: str, *, over: bool = False) -> None:
        place = round(column)
        if 0 <= place < width and low <= price <= high:
            row = _row(price, low, high, height)
            if over or cells[row][place][0] == " ":
                cells[row][place] = glyph, style

    for level in study.levels:
        style = _LEVELS.get(level.kind, DIM)
        for column in range(math.ceil(chart.where(level.start)), math.floor(chart.where(level.end)) + 1):
            put(column, level.price, "╌" if level.kind in ("stop", "invalidation") else "─", style)
    for line in study.lines:
        first, last = (chart.where(ts) for ts in (line.t0, line.t1))
        for column in range(math.ceil(first), math.floor(last) + 1):
            put(column, line.at(chart.bars[0].ts + column * chart.step), "·", PATTERN)
    for point in study.points:
        put(chart.where(point.ts), point.price, _GLYPHS.get(point.kind, "○"), SIGNAL, over=True)


_GLYPHS: Final = {"exit": "✕", "pivot": "○", "signal": "◆", "pattern": "◆", "confirmed": "●"}


def _volume(slots: Sequence[Bar | None]) -> list[Text]:
    most = max((bar.volume for bar in slots if bar is not None), default=0.0)
    eighths = [
        0 if bar is None or not most else max(math.ceil(bar.volume / most * 8 * VOLUME_ROWS), 1)
        for bar in slots
    ]
    lines = []
    for row in reversed(range(VOLUME_ROWS)):
        shown: list[Cell] = []
        for bar, filled in zip(slots, eighths, strict=True):
            style = "" if bar is None else UP if bar.rose else DOWN
            shown.append((_EIGHTHS[min(max(filled - 8 * row, 0), 8)], style))
        label = f"vol {_short(most)}" if row == VOLUME_ROWS - 1 else ""
        lines.append(_line(shown, " │", Text(label, style=DIM)))
    return lines


def _times(chart: Chart, slots: Sequence[Bar | None]) -> list[Text]:
    """The axis with its ticks, and the times below them."""
    every, first = time_step(chart.step, len(slots), max(len(slots) // 14, 1)), chart.bars[0].ts
    axis, names, before = ["─"] * len(slots), "", None
    for column in range(len(slots)):
        ts: datetime = first + column * chart.step
        text = time_text(ts, every, before)
        if is_named(ts, every) and len(names) <= column <= len(slots) + 10 - len(text):
            axis[column] = "┬"
            names = f"{names.ljust(column)}{text}  "
            before = ts
    return [Text("".join(axis) + "─┘", style=DIM), Text(names.rstrip(), style=DIM)]


def _head(chart: Chart) -> Text:
    first, last = chart.bars[0], chart.bars[-1]
    change = last.close / first.open - 1 if first.open else 0.0
    return Text.assemble(
        (chart.title, "bold"),
        f"  {last.close:,.8g}  ",
        (f"{change:+.2%}", UP if change >= 0 else DOWN),
        (f"  {first.ts:%m-%d %H:%M} to {last.ts + chart.step:%m-%d %H:%M} UTC", DIM),
    )


def _foot(chart: Chart) -> Text:
    parts = ["┃ rose  █ fell"]
    if chart.missing:
        parts.append(f"{chart.missing} of {len(chart.slots())} bars are missing")
    if chart.marks:
        parts.append(f"▲▼ {sum(mark.direction != 'neutral' for mark in chart.marks)} bars with patterns")
    if chart.plans:
        parts.append(f"◆ {len(chart.plans)} signals")
    return Text("   ".join(parts), style=DIM)


def _told(plan: Plan) -> Text:
    prices = [("entry", plan.entry), ("stop", plan.stop), ("target", plan.target)]
    text = ", ".join(f"{name} {price:,.6g}" for name, price in prices if price is not None)
    return Text.assemble(
        ("◆", SIGNAL), f" {plan.known_at:%m-%d %H:%M} {plan.signal} {plan.score:+.0f}: {text}"
    )


def _line(cells: Sequence[Cell], edge: str, label: Text) -> Text:
    line = Text()
    for glyph, style in cells:
        line.append(glyph, style=style)
    return line.append(edge, style=DIM).append(" ").append_text(label)


def _short(value: float) -> str:
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.1f}{unit}"
    return f"{value:.3g}"
