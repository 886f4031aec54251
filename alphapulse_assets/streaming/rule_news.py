"""News for alert rules from the rows of a stream run: those that some rule reads, and no others. Pure."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from alphapulse_assets.alerts.evaluation import Told
from alphapulse_assets.alerts.expressions import fields
from alphapulse_assets.alerts.expressions.fields import Source
from alphapulse_assets.alerts.rules import Read
from alphapulse_assets.alerts.watching import News
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.futures.liquidations.tables import LIQUIDATIONS
from alphapulse_assets.patterns.events.kinds import KINDS, SIGNS, STAGE_IDS
from alphapulse_assets.streaming.bars_from_minutes import MINUTE
from alphapulse_assets.streaming.derived_rows import INDICATOR_ROWS, PATTERN_ROWS, REGIME_ROWS
from alphapulse_assets.streaming.pattern_rows import (
    CANDLESTICK_ROWS,
    CHART_ROWS,
    CONFIDENCE_ROWS,
    SIGNAL_ROWS,
)
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.streams.tables import TRADES_1S, WHALE_ACTIVITIES, Row, StreamTable

Confidence: TypeAlias = tuple[Any, ...]
"""What a confidence and its pattern have in common: see `_same`."""

OF_BARS: Final[Mapping[StreamTable, Source]] = {
    INDICATOR_ROWS: fields.INDICATORS,
    REGIME_ROWS: fields.REGIMES,
    SIGNAL_ROWS: fields.SIGNALS,
}
FAMILIES: Final[Mapping[StreamTable, str]] = {
    CANDLESTICK_ROWS: "candlestick",
    CHART_ROWS: "chart",
    PATTERN_ROWS: "volume",
}
RECORDS: Final[Mapping[StreamTable, Source]] = {
    WHALE_ACTIVITIES: fields.WHALES,
    LIQUIDATIONS: fields.LIQUIDATIONS,
}


class RuleNews:
    """Rows in, news out by `tell`: what stands at a second or a close at once, then what came with it.

    Rows of a close come one by one and are told of when `closed` says that it is whole.
    """

    def __init__(self, tell: Callable[[News], None], now: Callable[[], float] = time.time) -> None:
        self._tell, self._now = tell, now
        self._reads: dict[tuple[str, int | None], list[Read]] = {}
        self._tables: frozenset[StreamTable] = frozenset()
        self._standing: dict[int, tuple[dict[str, Told], dict[str, float]]] = {}
        self._patterns: dict[int, list[tuple[int, dict[str, Any]]]] = {}
        self._confidences: dict[Confidence, float | None] = {}

    def want(self, reads: Iterable[Read]) -> None:
        """Tell of these fields and no others."""
        self._reads = {}
        for read in reads:
            minutes = TIMEFRAMES[read.timeframe] // MINUTE if read.timeframe else None
            self._reads.setdefault((read.field.source.name, minutes), []).append(read)
        sources = {name for name, _ in self._reads}
        wanted = {table for table, source in {**OF_BARS, **RECORDS}.items() if source.name in sources}
        if fields.PRICE.name in sources:
            wanted.add(TRADES_1S)
        if fields.PATTERNS.name in sources:
            wanted |= {*FAMILIES, CONFIDENCE_ROWS}
        self._tables = frozenset(wanted)
        self._standing.clear()
        self._patterns.clear()
        self._confidences.clear()

    def put(self, table: StreamTable, row: Row) -> None:
        """A row that the stream has made; costs a look where no rule reads of its table."""
        if table not in self._tables:
            return
        if table is TRADES_1S:
            self._second(row)
        elif table in RECORDS:
            self._record(RECORDS[table], dict(zip(table.columns, row, strict=False)))
        else:
            self._of_close(table, row)

    def closed(self, instrument_id: int, bars: Mapping[str, Bar]) -> None:
        """All rows of a close were put: the bars that closed, by timeframe."""
        if not self._reads:
            return
        values, until = self._standing.pop(instrument_id, ({}, {}))
        for timeframe, bar in bars.items():
            for read in self._reads.get((fields.BARS.name, TIMEFRAMES[timeframe] // MINUTE), ()):
                values[read.key] = _of_bar(bar, read.field.column)
        ts = max((bar.ts + TIMEFRAMES[timeframe]).timestamp() for timeframe, bar in bars.items())
        at = self._now()
        if values:
            self._tell(News(instrument_id, at, ts, values, until=until))
        for minutes, found in self._patterns.pop(instrument_id, ()):
            found["confidence"] = self._confidences.get(_same(minutes, found))
            said = {
                read.key: found.get(read.field.column) for read in self._reads[fields.PATTERNS.name, minutes]
            }
            words = (found["family"], found["pattern"], found["stage"], found["reference"])
            self._tell(News(instrument_id, at, ts, said, " ".join(filter(None, words))))
        self._confidences.clear()

    def _second(self, row: Row) -> None:
        price = row[TRADES_1S.column("close")]
        self._tell(News(row[0], self._now(), row[1].timestamp() + 1.0, {"price": price}))

    def _record(self, source: Source, row: Mapping[str, Any]) -> None:
        said = {read.key: row.get(read.field.column) for read in self._reads[source.name, None]}
        names = ("kind", "side", "price", "reference")
        if source is fields.LIQUIDATIONS:
            names = ("position_side", "price", "size", "occurrence")
        record = " ".join(_text(row[name]) for name in names if row[name] not in (None, ""))
        at, ts = max(self._now(), row["known_at"].timestamp()), row["ts"].timestamp()
        self._tell(News(row["instrument_id"], at, ts, said, record))

    def _of_close(self, table: StreamTable, row: Row) -> None:
        found = dict(zip(table.columns, row, strict=False))
        minutes, instrument_id = found["timeframe_id"], found["instrument_id"]
        if table is CONFIDENCE_ROWS:
            self._confidences[_numbered(minutes, found)] = found["confidence"]
        elif table in FAMILIES:
            if (fields.PATTERNS.name, minutes) in self._reads:
                pattern = _pattern(FAMILIES[table], found)
                self._patterns.setdefault(instrument_id, []).append((minutes, pattern))
        else:
            self._stand(OF_BARS[table], minutes, instrument_id, found)

    def _stand(self, source: Source, minutes: int, instrument_id: int, found: dict[str, Any]) -> None:
        reads = self._reads.get((source.name, minutes))
        if not reads:
            return
        values, until = self._standing.setdefault(instrument_id, ({}, {}))
        if source is fields.SIGNALS:
            found["side"] = side(found["signal"])
            if isinstance(found["expires_at"], datetime):
                until.update(dict.fromkeys([read.key for read in reads], found["expires_at"].timestamp()))
        for read in reads:
            values[read.key] = found[read.field.column]


def side(signal: str) -> str:
    """Where a signal points; sql/alerts/rules/reading/signals.sql says the same."""
    return "long" if signal.endswith("buy") else "short" if signal.endswith("sell") else "none"


def _of_bar(bar: Bar, column: str) -> Told:
    if column == "change":
        return bar.close / bar.open - 1 if bar.open else None
    value: Told = getattr(bar, column)
    return value


def _pattern(family: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A pattern as the view patterns has it."""
    stage = row["stage"] if family == "chart" else "complete"
    reference = str(row["pattern_id"]) if family == "chart" else ""
    named = {name: row[name] for name in ("instrument_id", "pattern", "direction")}
    return {**named, "family": family, "stage": stage, "reference": reference}


def _same(minutes: int, row: Mapping[str, Any]) -> Confidence:
    """What tells a pattern from another, in the numbers that its confidence has."""
    numbers = {
        "kind_id": KINDS.get((row["family"], row["pattern"])),
        "sign": SIGNS[row["direction"]],
        "stage_id": STAGE_IDS[row["stage"]],
    }
    return _numbered(minutes, {**row, **numbers})


def _numbered(minutes: int, row: Mapping[str, Any]) -> Confidence:
    names = ("instrument_id", "kind_id", "sign", "stage_id")
    return (minutes, *(row[name] for name in names), row["reference"] or "")


def _text(value: Any) -> str:
    """As PostgreSQL writes it."""
    return str(value).removesuffix(".0")
