"""What a chart shows: bars on a grid of time, patterns as marks, signals as plans. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Bar:
    """A closed candle; `ts` is its open time, `volume` is in base units."""

    ts: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def rose(self) -> bool:
        """Whether it closed no lower than it opened."""
        return self.close >= self.open


@dataclass(frozen=True, slots=True)
class Mark:
    """Patterns of one direction at a bar: bullish ones are drawn below it, others above."""

    ts: datetime
    direction: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A signal with its plan, at the bar whose close told; prices in quote units."""

    ts: datetime
    known_at: datetime
    signal: str
    score: float
    entry: float
    stop: float | None
    target: float | None

    @property
    def buys(self) -> bool:
        """Whether it is for rising prices."""
        return self.score > 0


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line of a pattern, from one moment and price to another."""

    name: str
    t0: datetime
    p0: float
    t1: datetime
    p1: float

    def at(self, ts: datetime) -> float:
        """Its price at a moment."""
        span = (self.t1 - self.t0).total_seconds()
        return self.p0 if not span else self.p0 + (self.p1 - self.p0) * (ts - self.t0).total_seconds() / span


@dataclass(frozen=True, slots=True)
class Level:
    """A price that counts for a while: entry, stop, target, breakout or invalidation."""

    kind: str
    price: float
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """A price at a moment: a pivot, the pattern or signal itself, its confirmation, its exit.

    text: what it was.
    """

    kind: str
    ts: datetime
    price: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """What a picture of one pattern or signal tells beside the candles.

    bullish: which way it points, None for neither. facts: names and values in words. became: what became of
    it, as far as known.
    """

    kind: str
    id: str
    name: str
    bullish: bool | None
    lines: Sequence[Line] = ()
    levels: Sequence[Level] = ()
    points: Sequence[Point] = ()
    facts: Sequence[tuple[str, str]] = ()
    reasons: Sequence[str] = ()
    became: str = ""

    @property
    def prices(self) -> list[float]:
        """All prices that have to be in sight."""
        return [
            *(price for line in self.lines for price in (line.p0, line.p1)),
            *(level.price for level in self.levels),
            *(point.price for point in self.points),
        ]

    @property
    def words(self) -> list[str]:
        """All that it tells, a line each."""
        told = [f"{name}: {value}" for name, value in self.facts]
        return [*told, *(f"because {each}" for each in self.reasons), *([self.became] if self.became else [])]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in the order of time, each `step` long, and what is marked on them.

    study: of one pattern or signal.
    """

    title: str
    step: timedelta
    bars: Sequence[Bar]
    marks: Sequence[Mark] = ()
    plans: Sequence[Plan] = field(default=())
    study: Study | None = None

    @classmethod
    def of(
        cls,
        title: str,
        step: timedelta,
        candles: Iterable[Mapping[str, Any]],
        patterns: Iterable[Mapping[str, Any]] = (),
        signals: Iterable[Mapping[str, Any]] = (),
    ) -> Self:
        """A chart of rows: of the views ohlcv, patterns (ts, direction, pattern) and signals, in any order.

        Rows of a frame: `frame.iter_rows(named=True)`. Signals without a plan are left out.
        """
        names = ("ts", "open", "high", "low", "close", "volume")
        bars = sorted((Bar(*(row[name] for name in names)) for row in candles), key=lambda bar: bar.ts)
        told = ("ts", "known_at", "signal", "score", "entry", "stop", "target")
        plans = [Plan(*(row[name] for name in told)) for row in signals if row["entry"] is not None]
        return cls(title, step, bars, _marks(patterns), sorted(plans, key=lambda plan: plan.known_at))

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON: what any other program needs to draw the same picture."""
        return {**asdict(self), "step": self.step.total_seconds()}

    def extent(self) -> tuple[float, float]:
        """The lowest and the highest price that has to be in sight."""
        prices = [] if self.study is None else self.study.prices
        low, high = min(bar.low for bar in self.bars), max(bar.high for bar in self.bars)
        return min(low, *prices) if prices else low, max(high, *prices) if prices else high

    def slots(self) -> list[Bar | None]:
        """A place for each bar that there could be from the first to the last; None where one is missing."""
        if not self.bars:
            return []
        first = self.bars[0].ts
        places: list[Bar | None] = [None] * (self.place(self.bars[-1].ts) + 1)
        for bar in self.bars:
            places[(bar.ts - first) // self.step] = bar
        return places

    def place(self, ts: datetime) -> int:
        """The slot of a moment; below 0 before the first bar."""
        return (ts - self.bars[0].ts) // self.step

    def where(self, ts: datetime) -> float:
        """The slot of a moment with its fraction, for what may lie between or beyond the bars."""
        return (ts - self.bars[0].ts) / self.step

    @property
    def missing(self) -> int:
        """Bars that are missing between the first and the last."""
        return sum(bar is None for bar in self.slots())

    def last(self, count: int) -> Self:
        """The newest slots of it, at most `count`, with what is marked on them."""
        kept = [bar for bar in self.slots()[-count:] if bar is not None]
        if not kept:
            return self
        first = kept[0].ts
        return type(self)(
            self.title,
            self.step,
            kept,
            [mark for mark in self.marks if mark.ts >= first],
            [plan for plan in self.plans if plan.ts >= first],
            self.study,
        )


def _marks(patterns: Iterable[Mapping[str, Any]]) -> list[Mark]:
    """One mark for all patterns of a bar that point one way."""
    found: dict[tuple[datetime, str], list[str]] = {}
    for row in patterns:
        found.setdefault((row["ts"], row["direction"]), []).append(row["pattern"])
    return [Mark(ts, way, tuple(dict.fromkeys(names))) for (ts, way), names in sorted(found.items())]
