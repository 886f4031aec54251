"""Table and rules of what chains tell. Pure.

`known_at` is when we had a figure, whatever its day: history that was fetched later was known later. Days
that are not over have no row: what is told of them is not final.
"""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_resources.database.tables import Table
from alphapulse_resources.providers.onchain_model import OF_A_DAY, OF_A_MOMENT, UNITS

LOGIC_VERSION: Final = 1
"""Of metrics, units and the rules by which revisions are made."""
DATASET: Final = "onchain_metrics"
"""Also the view of the newest revision of each figure."""

VINTAGES: Final = Table(
    "onchain_vintages",
    key=("provider", "coin", "metric", "sampled", "ts", "revision"),
    values=("value", "unit"),
    provenance=("scheduled_at", "known_at", "received_at"),
    computed=True,
)
MOST: Final = 1e24
"""Beyond any figure in these units (ours): a unit was mistaken."""
RULES: Final = RuleSet(
    known=("value", "unit", "known_at", "scheduled_at"),
    between={"value": (-100.0, MOST)},  # of each metric in `onchain_model.BOUNDS`
    ordered=(("ts", "known_at"), ("scheduled_at", "known_at")),
    among={"metric": tuple(UNITS), "sampled": (OF_A_DAY, OF_A_MOMENT)},
)
