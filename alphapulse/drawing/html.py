"""A chart as one HTML file: inline SVG, nothing from any host; the bar under the pointer is told. Pure."""

from datetime import datetime
from html import escape
from typing import Final

from alphapulse.drawing.axes import is_named, price_text, price_ticks, time_step, time_text
from alphapulse.drawing.model import Bar, Chart, Level, Mark, Plan, Study

WIDTH, HEIGHT, VOLUME, RIGHT, TOP, BOTTOM = 1200, 460, 90, 90, 16, 30
BASE: Final = TOP + HEIGHT + VOLUME
LEAST_SLOT: Final = 5.0
"""Least width of a bar in pixels (ours): with many of them the picture is wider than the window."""

_COLOURS: Final = """
:root { color-scheme: light dark; --ink: #1f2933; --back: #fff; --grid: #e4e7eb; --up: #1f7a5c;
  --down: #b83a3a; --pattern: #b7791f; --signal: #7b3fb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #d9e2ec; --back: #12181f; --grid: #2a3440;
  --up: #3dbb8f; --down: #ef6a6a; --pattern: #e5b567; --signal: #b98be0; } }"""
_SHAPES: Final = """text { fill: var(--ink); font-size: 12px; } line.grid { stroke: var(--grid); }
.up { fill: none; stroke: var(--up); } .down { fill: var(--down); stroke: var(--down); }
.vup { fill: var(--up); opacity: .45; } .vdown { fill: var(--down); opacity: .45; }
.gap { fill: var(--grid); opacity: .5; } .pattern { fill: var(--pattern); }
.signal { fill: var(--signal); }
.hit { fill: transparent; } .hit:hover { fill: var(--ink); opacity: .08; }
.line { stroke: var(--pattern); stroke-width: 1.5; fill: none; }
.entry, .breakout { stroke: var(--signal); stroke-width: 1.5; }
.target { stroke: var(--up); stroke-width: 1.5; }
.stop, .invalidation { stroke: var(--down); stroke-width: 1.5; stroke-dasharray: 5 3; }
.label { font-size: 11px; paint-order: stroke; stroke: var(--back); stroke-width: 3px; }
.life { fill: var(--signal); opacity: .07; } .pivot { fill: none; stroke: var(--pattern); stroke-width: 1.5; }
.exit { fill: var(--back); stroke: var(--ink); stroke-width: 2; }"""
_SVG: Final = "svg { font: 12px system-ui, sans-serif; background: var(--back); }"
_LOOKS: Final = f"<style>{_COLOURS} {_SVG} {_SHAPES}</style>"
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
COLOURS
body {{ margin: 1rem; font: 14px system-ui, sans-serif; color: var(--ink); background: var(--back); }}
h1 {{ font-size: 1.1rem; }} figure {{ margin: 0; overflow-x: auto; }} td, th {{ padding: .2rem .8rem .2rem 0;
  text-align: left; vertical-align: top; }}
SHAPES
</style></head><body><h1>{title}</h1><p>{about}</p><figure>{svg}</figure>{table}</body></html>
""".replace("COLOURS", _COLOURS.replace("{", "{{").replace("}", "}}")).replace(
    "SHAPES", _SHAPES.replace("{", "{{").replace("}", "}}")
)


class _Scale:
    """From slots and prices to pixels."""

    def __init__(self, chart: Chart) -> None:
        self.low, self.high = chart.extent()
        margin = (self.high - self.low) * 0.05 or abs(self.high) * 0.001 or 1.0
        self.low, self.high = self.low - margin, self.high + margin
        self.slots = len(chart.slots())
        self.slot = max((WIDTH - RIGHT) / self.slots, LEAST_SLOT)
        self.width = self.slots * self.slot
        self.volume = max((bar.volume for bar in chart.bars), default=0.0) or 1.0

    def x(self, place: float) -> float:
        return (place + 0.5) * self.slot

    def y(self, price: float) -> float:
        return TOP + (self.high - price) / (self.high - self.low) * HEIGHT


def to_html(chart: Chart) -> str:
    """The chart as a whole HTML document; it loads nothing and follows the reader's light or dark theme."""
    title, first = escape(chart.title), chart.bars[0] if chart.bars else None
    if first is None:
        return _PAGE.format(title=title, about="There is no bar to draw.", svg="", table="")
    about = f"{first.ts:%Y-%m-%d %H:%M} to {chart.bars[-1].ts + chart.step:%Y-%m-%d %H:%M} UTC. "
    if chart.missing:
        about += f"{chart.missing} of {len(chart.slots())} bars are missing: grey. "
    about += "Hollow: rose, full: fell. Hover over a bar for its figures."
    told = _table(chart) if chart.study is None else study_table(chart.study)
    return _PAGE.format(title=title, about=about, svg=_svg(chart), table=told)


def to_svg(chart: Chart) -> str:
    """The picture alone, with its colours in it: to be shown within another page or as an image."""
    if not chart.bars:
        return _tag("svg", _tag("title", "There is no bar to draw."), xmlns="http://www.w3.org/2000/svg")
    size = {"width": _Scale(chart).width + RIGHT, "height": float(BASE + BOTTOM)}
    box = f"0 0 {size['width']:.0f} {size['height']:.0f}"
    return (
        _svg(chart).replace("<svg ", f'<svg viewBox="{box}" ', 1).replace("</title>", f"</title>{_LOOKS}", 1)
    )


def _svg(chart: Chart) -> str:
    scale, at = _Scale(chart), {bar.ts: bar for bar in chart.bars}
    parts = [_tag("title", escape(chart.title)), *_prices(scale), *_times(chart, scale)]
    parts += [
        _missing(place, scale) if bar is None else _bar(place, bar, scale)
        for place, bar in enumerate(chart.slots())
    ]
    parts += [_mark(mark, chart.place(mark.ts), at[mark.ts], scale) for mark in chart.marks if mark.ts in at]
    parts += [_plan(plan, chart.place(plan.ts), scale) for plan in chart.plans if plan.ts in at]
    parts += study_parts(chart, scale)
    size = {"width": scale.width + RIGHT, "height": BASE + BOTTOM}
    return _tag("svg", "\n".join(parts), xmlns="http://www.w3.org/2000/svg", **size)


def _tag(name: str, inside: str = "", **attributes: str | float) -> str:
    """An element; numbers to a tenth of a pixel, `way` is its class, and `_` stands for `-`."""
    given = " ".join(
        f'{"class" if key == "way" else key.replace("_", "-")}="{_text(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name} {given}>{inside}</{name}>" if given else f"<{name}>{inside}</{name}>"


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}"


def _told(text: str) -> str:
    """What hovering tells."""
    return _tag("title", escape(text))


def _prices(scale: _Scale) -> list[str]:
    ticks = price_ticks(scale.low, scale.high, 8)
    return [
        _tag("line", way="grid", x2=scale.width, y1=scale.y(price), y2=scale.y(price))
        + _tag("text", price_text(price, ticks), x=scale.width + 6, y=scale.y(price) + 4)
        for price in ticks
    ]


def _times(chart: Chart, scale: _Scale) -> list[str]:
    every = time_step(chart.step, scale.slots, max(int(scale.width / 110), 1))
    parts: list[str] = []
    before: datetime | None = None
    for place in range(scale.slots):
        ts, x = chart.bars[0].ts + place * chart.step, scale.x(place)
        if is_named(ts, every):
            text = time_text(ts, every, before)
            parts.append(_tag("line", way="grid", x1=x, x2=x, y1=TOP, y2=BASE))
            anchor = "middle" if x > 40 else "start"  # at the edge half of it would be outside
            parts.append(_tag("text", text, x=x, y=BASE + 18, text_anchor=anchor))
            before = ts
    return parts


def _bar(place: int, bar: Bar, scale: _Scale) -> str:
    x, half, way = scale.x(place), scale.slot * 0.35, "up" if bar.rose else "down"
    top, bottom = scale.y(max(bar.open, bar.close)), scale.y(min(bar.open, bar.close))
    size = bar.volume / scale.volume * (VOLUME - 8)
    wicks = f"M{x:.1f} {scale.y(bar.high):.1f}V{top:.1f}M{x:.1f} {bottom:.1f}V{scale.y(bar.low):.1f}"
    body = f"M{x - half:.1f} {top:.1f}h{2 * half:.1f}V{max(bottom, top + 0.5):.1f}h{-2 * half:.1f}Z"
    names = ("open", "high", "low", "close", "volume")
    figures = " ".join(f"{name} {getattr(bar, name):,.10g}" for name in names)
    column = {"x": x - scale.slot / 2, "y": TOP, "width": scale.slot, "height": HEIGHT + VOLUME}
    return (
        _tag("path", way=way, d=wicks + body)
        + _tag("rect", way=f"v{way}", x=x - half, y=BASE - size, width=2 * half, height=size)
        + _tag("rect", _told(f"{bar.ts:%Y-%m-%d %H:%M} UTC {figures}"), way="hit", **column)
    )


def _missing(place: int, scale: _Scale) -> str:
    column = {"x": scale.x(place) - scale.slot / 2, "y": TOP, "width": scale.slot, "height": HEIGHT}
    return _tag("rect", _told("missing"), way="gap", **column)


def _mark(mark: Mark, place: int, bar: Bar, scale: _Scale) -> str:
    below, x = mark.direction == "bullish", scale.x(place)
    y = scale.y(bar.low) + 10 if below else scale.y(bar.high) - 10
    names = _told(f"{mark.direction}: {', '.join(mark.names)}")
    if mark.direction == "neutral":
        return _tag("circle", names, way="pattern", cx=x, cy=y, r=2)
    tip = -8 if below else 8
    return _tag("path", names, way="pattern", d=f"M{x - 4:.1f} {y - tip / 2:.1f}h8l-4 {tip}Z")


def _plan(plan: Plan, place: int, scale: _Scale) -> str:
    diamond = f"M{scale.x(place):.1f} {scale.y(plan.entry) - 6:.1f}l6 6l-6 6l-6 -6Z"
    return _tag("path", _told(_words(plan)), way="signal", d=diamond)


def _words(plan: Plan) -> str:
    prices = (("entry", plan.entry), ("stop", plan.stop), ("target", plan.target))
    told = ", ".join(f"{name} {price:,.8g}" for name, price in prices if price is not None)
    return f"{plan.known_at:%Y-%m-%d %H:%M} UTC {plan.signal} {plan.score:+.0f}: {told}"


def study_parts(chart: Chart, scale: _Scale) -> list[str]:
    """The lines, levels and points of a study."""
    study = chart.study
    if study is None:
        return []
    parts = [_level(level, chart, scale) for level in study.levels]
    for line in study.lines:
        x0, x1 = (scale.x(chart.where(ts)) for ts in (line.t0, line.t1))
        ends = {"x1": x0, "y1": scale.y(line.p0), "x2": x1, "y2": scale.y(line.p1)}
        parts.append(_tag("line", _told(line.name), way="line", **ends))
    for point in study.points:
        x, y = scale.x(chart.where(point.ts)), scale.y(point.price)
        told = _told(f"{point.kind}: {point.text or f'{point.price:,.8g}'}")
        parts.append(_tag("circle", told, way=point.kind, cx=x, cy=y, r=5 if point.kind == "exit" else 4))
    return parts


def _level(level: Level, chart: Chart, scale: _Scale) -> str:
    x1, x2 = (scale.x(chart.where(ts)) for ts in (level.start, level.end))
    y, said = scale.y(level.price), f"{level.kind} {level.price:,.8g}"
    at = min(max(x2, 60.0), scale.width)
    return _tag("line", _told(said), way=level.kind, x1=x1, x2=x2, y1=y, y2=y) + _tag(
        "text", escape(said), way="label", x=at, y=y - 4, text_anchor="end"
    )


def study_table(study: Study) -> str:
    """What a study tells in words."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in study.facts)
    reasons = "".join(f"<li>{escape(each)}</li>" for each in study.reasons)
    because = f"<h2>Why</h2><ul>{reasons}</ul>" if reasons else ""
    became = f"<h2>What became of it</h2><p>{escape(study.became)}</p>" if study.became else ""
    return f"{became}<table>{rows}</table>{because}"


def _table(chart: Chart) -> str:
    if not chart.plans:
        return ""
    rows = "".join(f"<li>{escape(_words(plan))}</li>" for plan in reversed(chart.plans))
    return f"<h2>Signals, newest first</h2><ul>{rows}</ul>"
