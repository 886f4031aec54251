"""The tables of detected patterns, as batch and stream both write them: the schemas say the columns."""

from typing import Final

from alphapulse_assets.patterns.candlestick.batch import CANDLESTICK_SCHEMA
from alphapulse_assets.patterns.chart.definitions import CHART_EVENT_SCHEMA
from alphapulse_resources.database.tables import BAR_KEY, computed_table

CANDLESTICK_PATTERN_EVENTS: Final = computed_table(
    "candlestick_pattern_events", (*BAR_KEY, "pattern", "logic_version"), CANDLESTICK_SCHEMA
)
CHART_PATTERN_EVENTS: Final = computed_table(
    "chart_pattern_events",
    (*BAR_KEY, "pattern_id", "stage", "logic_version"),
    CHART_EVENT_SCHEMA,
    json=("lines", "detail"),
)
