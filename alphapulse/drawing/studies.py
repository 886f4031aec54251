"""From the rows of a signal or a pattern to what a picture of it tells. Pure.

Rows are those of the readings `signals`, `chart_patterns` and `patterns`; JSON columns as text or decoded.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from alphapulse.drawing.becoming import became
from alphapulse.drawing.model import Bar, Level, Line, Point, Study

REASONS: Final = 12
"""Reasons that are told (ours)."""
_DONE: Final = {
    "open": "still open",
    "stopped": "stopped",
    "target": "reached its target",
    "expired": "expired",
    "closed": "closed by a later signal",
}
_STAGES: Final = {
    "forming": "is forming",
    "complete": "broke out, confirmed",
    "target_met": "met its target",
    "failed": "failed",
    "expired": "expired",
    "evolved": "became another pattern",
}
Row = Mapping[str, Any]


def signal_study(id: str, row: Row, outcome: Row | None, bars: Sequence[Bar], step: timedelta) -> Study:
    """A signal: entry, stop and target for as long as it lives, why, and what became of it.

    outcome: its row of `signal_outcomes`, where there is one; else the bars tell.
    """
    told_at, said = row["known_at"], [(each, row[each]) for each in ("signal", "score", "confidence")]
    facts = [(name, _value(value)) for name, value in said if value is not None]
    facts += [("known at", _time(told_at)), ("pattern that told", str(row.get("trigger") or "none"))]
    bullish = None if not row["score"] or row["stop"] is None else row["score"] > 0
    if row["stop"] is None:
        return Study(
            "signal",
            id,
            row["signal"],
            bullish,
            facts=facts,
            reasons=_reasons(row),
            became="No plan: neutral.",
        )
    words, point, end = _outcome(row, outcome, bars, step)
    facts += [(name, f"{row[name]:,.8g}") for name in ("entry", "stop", "target")]
    facts += [(name, _value(row[name])) for name in ("reward_risk", "size") if row.get(name) is not None]
    expires = row.get("expires_at")
    facts += [("expires", _time(expires))] if expires is not None else []
    levels = [Level(kind, float(row[kind]), row["ts"], end) for kind in ("entry", "stop", "target")]
    points = [Point("signal", row["ts"], float(row["entry"]), str(row["signal"])), *point]
    return Study(
        "signal",
        id,
        str(row["signal"]),
        bullish,
        levels=levels,
        points=points,
        facts=facts,
        reasons=_reasons(row),
        became=words,
    )


def _outcome(
    row: Row, outcome: Row | None, bars: Sequence[Bar], step: timedelta
) -> tuple[str, list[Point], datetime]:
    """What became of it in words, its exit, and until when its levels are drawn."""
    newest = bars[-1].ts if bars else row["ts"]
    if outcome is not None:
        state, at, price, count = (outcome[name] for name in ("state", "closed_at", "exit", "bars"))
        result = outcome.get("net_pct")
        moved = "" if result is None else f", {result:+.2f} % after costs"
        worth = outcome.get("net_r")
        moved += "" if worth is None else f" ({worth:+.2f} R)"
    else:
        entry, stop, target = (float(row[name]) for name in ("entry", "stop", "target"))
        found = became(bars, step, row["known_at"], entry, stop, target, row.get("expires_at"))
        if found is None:
            return "Nothing is known yet of what became of it.", [], max(newest, row["ts"] + step)
        state, at, price, count = found.state, found.closed_at, found.price, found.bars
        moved = f", {found.moved_pct:+.2f} % from the entry, before costs"
    words = (_DONE.get(str(state)) or str(state)).capitalize()
    words += f" after {count} bars" if count else ""
    if at is None or price is None:
        return f"{words}{moved}.", [], newest
    words += f" at {float(price):,.8g}, {_time(at)}{moved}."
    return words, [Point("exit", at - step, float(price), words)], at - step


def chart_pattern_study(id: str, life: Sequence[Row], bars: Sequence[Bar], step: timedelta) -> Study:
    """A chart pattern by the rows of its life, oldest first: pivots, lines, levels, stages."""
    shown = next((row for row in reversed(life) if row["stage"] == "complete"), life[-1])
    last, newest = life[-1], max(life[-1]["ts"], bars[-1].ts if bars else life[-1]["ts"])
    end = min(newest, last["ts"]) if last["stage"] not in ("forming", "complete") else newest
    lines = [
        _line(name, points, max(shown["ts"], _moment(points[2])))
        for name, points in (_decoded(shown["lines"]) or {}).items()
        if points
    ]
    levels = [
        Level(kind, float(shown[name]), shown["ts"], max(end, shown["ts"] + step))
        for kind, name in (
            ("breakout", "breakout_level"),
            ("target", "target"),
            ("invalidation", "invalidation"),
        )
        if shown[name] is not None
    ]
    pivots = [
        Point("pivot", _moment(ts), float(price))
        for ts, price in zip(shown["pivot_ts"] or (), shown["pivot_prices"] or (), strict=True)
    ]
    closes = {bar.ts: bar.close for bar in bars}
    stages = [
        Point("exit" if row["stage"] in ("target_met", "failed", "expired") else "confirmed",
              row["ts"], closes[row["ts"]], f"{row['stage']}, {_time(row['known_at'])}")
        for row in life if row["stage"] != "forming" and row["ts"] in closes
    ]  # fmt: skip
    reason = (_decoded(last["detail"]) or {}).get("reason")
    stage = str(last["stage"])
    words = f"{_STAGES.get(stage, stage).capitalize()}, {_time(last['known_at'])}"
    words += f": {reason}." if reason else "."
    facts = [
        ("direction", str(shown["direction"])),
        ("quality", _value(shown["quality"])),
        *((f"{row['stage']} known at", _time(row["known_at"])) for row in life),
    ]
    bullish = {"bullish": True, "bearish": False}.get(shown["direction"])
    return Study(
        "pattern", id, str(shown["pattern"]), bullish, lines, levels, [*pivots, *stages], facts, (), words
    )


def bar_pattern_study(id: str, row: Row, outcomes: Sequence[Row], bars: Sequence[Bar]) -> Study:
    """A candlestick or volume pattern: its bar, and the returns that followed, as far as they are known."""
    bar = next((each for each in bars if each.ts == row["ts"]), None)
    bullish = {"bullish": True, "bearish": False}.get(row["direction"])
    after = [
        f"{each['directed_pct']:+.2f} % after {each['horizon']} bars"
        for each in sorted(outcomes, key=lambda each: each["horizon"])
        if each["directed_pct"] is not None
    ]
    words = (
        f"The pattern's way: {', '.join(after)}."
        if after
        else "Neutral patterns have no outcome."
        if bullish is None
        else "Nothing is known yet of what became of it."
    )
    facts = [
        ("family", str(row["family"])),
        ("direction", str(row["direction"])),
        ("known at", _time(row["known_at"])),
    ]
    price = 0.0 if bar is None else bar.low if bullish else bar.high
    points = [] if bar is None else [Point("pattern", row["ts"], price, str(row["pattern"]))]
    return Study("pattern", id, str(row["pattern"]), bullish, points=points, facts=facts, became=words)


def _reasons(row: Row) -> list[str]:
    reasons = _decoded(row.get("reasons")) or {}
    counted = sorted(reasons.get("counted") or (), key=lambda each: -abs(each.get("weight") or 0.0))
    told = [
        f"{each['pattern']} ({each['direction']}) on {each['timeframe']}, confidence {each['confidence']:.0f}"
        for each in counted[:REASONS]
    ]
    more = len(counted) - len(told)
    return [*told, *([f"{more} more"] if more else [])]


def _line(name: str, points: Sequence[Any], until: datetime) -> Line:
    t0, p0, t1, p1 = _moment(points[0]), float(points[1]), _moment(points[2]), float(points[3])
    line = Line(name, t0, p0, t1, p1)
    return Line(name, t0, p0, until, line.at(until))


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _value(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _time(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
