"""Tables of what is derived from bars, as batch and stream both write them: the schemas say the columns."""

from typing import Final

import polars as pl

from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_assets.patterns.candlestick.batch import CANDLESTICK_SCHEMA
from alphapulse_assets.patterns.chart.definitions import CHART_EVENT_SCHEMA
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA
from alphapulse_assets.patterns.scoring.confluence import CONFLUENCE_SCHEMA, RELATIONSHIP_SCHEMA
from alphapulse_assets.patterns.signals.batch import SIGNAL_SCHEMA
from alphapulse_assets.regime.inputs import REGIME_SCHEMA
from alphapulse_assets.volume.definitions import VOLUME_PATTERN_SCHEMA
from alphapulse_resources.database.tables import Table

_BAR: Final = ("instrument_id", "timeframe_id", "ts")
_PATTERN_KEY: Final = (*_BAR, "pattern", "logic_version")
_LIFE_KEY: Final = (*_BAR, "pattern_id", "stage", "logic_version")

INDICATOR_VALUES: Final = Table(
    "indicator_values",
    key=(*_BAR, "logic_version"),
    values=("known_at", *INDICATORS),
    provenance=("created_at",),
    computed=True,
)
MARKET_REGIMES: Final = Table(
    "market_regimes",
    key=(*_BAR, "logic_version"),
    values=("known_at", *(name for name in REGIME_SCHEMA if name != "ts")),
    provenance=("created_at",),
    computed=True,
)
VOLUME_PATTERN_EVENTS: Final = Table(
    "volume_pattern_events",
    key=_PATTERN_KEY,
    values=("known_at", *(name for name in VOLUME_PATTERN_SCHEMA if name not in {*_PATTERN_KEY, "known_at"})),
    provenance=("created_at",),
    computed=True,
    json=("detail",),
)
CANDLESTICK_PATTERN_EVENTS: Final = Table(
    "candlestick_pattern_events",
    key=_PATTERN_KEY,
    values=("known_at", *(name for name in CANDLESTICK_SCHEMA if name not in {*_PATTERN_KEY, "known_at"})),
    provenance=("created_at",),
    computed=True,
)
CHART_PATTERN_EVENTS: Final = Table(
    "chart_pattern_events",
    key=_LIFE_KEY,
    values=("known_at", *(name for name in CHART_EVENT_SCHEMA if name not in {*_LIFE_KEY, "known_at"})),
    provenance=("created_at",),
    computed=True,
    json=("lines", "detail"),
)


def _scores(name: str, schema: pl.Schema, *key: str, json: tuple[str, ...] = ()) -> Table:
    """A table of what is told by a version of the rules and of the configuration."""
    keys = (*_BAR, *key, "logic_version", "configuration_version")
    others = {*keys, "timeframe", "known_at"}
    values = ("known_at", *(column for column in schema if column not in others))
    return Table(name, keys, values, provenance=("created_at",), computed=True, json=json)


PATTERN_CONFIDENCES: Final = _scores(
    "pattern_confidences", CONFIDENCE_SCHEMA, "family", "pattern", "direction", "stage", "reference"
)
PATTERN_CONFLUENCES: Final = _scores("pattern_confluences", CONFLUENCE_SCHEMA)
PATTERN_RELATIONSHIPS: Final = _scores("pattern_relationships", RELATIONSHIP_SCHEMA, "other_timeframe")
SIGNAL_EVENTS: Final = _scores("signal_events", SIGNAL_SCHEMA, json=("reasons",))
