"""The tables of indicators, as batch and stream both write them: the registry says the columns."""

from typing import Final

from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_resources.database.tables import BAR_KEY, computed_table

INDICATOR_VALUES: Final = computed_table("indicator_values", (*BAR_KEY, "logic_version"), INDICATORS)
INDICATOR_SERIES_VALUES: Final = computed_table(
    "indicator_series_values", (*BAR_KEY, "logic_version"), ("outputs",)
)
"""A row per bar and series; the number of a series is its `logic_version`."""
