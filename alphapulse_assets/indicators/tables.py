"""The table of indicators, as batch and stream both write it: the registry says the columns."""

from typing import Final

from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_resources.database.tables import BAR_KEY, computed_table

INDICATOR_VALUES: Final = computed_table("indicator_values", (*BAR_KEY, "logic_version"), INDICATORS)
