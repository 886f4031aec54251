"""The tables of regimes, as batch and stream both write them: the schemas say the columns."""

from typing import Final

from alphapulse_assets.regime.inputs import REGIME_SCHEMA
from alphapulse_assets.regime.market import MARKET_SCHEMA
from alphapulse_resources.database.tables import BAR_KEY, computed_table

MARKET_REGIMES: Final = computed_table("market_regimes", (*BAR_KEY, "logic_version"), REGIME_SCHEMA)
OVERALL: Final = computed_table(
    "market_regimes_overall", ("timeframe_id", "ts", "logic_version"), MARKET_SCHEMA
)
