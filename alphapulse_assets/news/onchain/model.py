"""Table of what chains tell. Pure.

`known_at` is when we had a figure, whatever its day: history that was fetched later was known later. Days
that are not over have no row: what is told of them is not final.
"""

from typing import Final

from alphapulse_resources.database.tables import Table

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
