"""Table of the fear and greed index. Pure.

`known_at` is when we had a value, whatever its day: history that was fetched later was known later, as nobody
can tell whether it was the same before. `scheduled_at` is when it was to be published.
"""

from typing import Final

from alphapulse_resources.database.tables import Table

LOGIC_VERSION: Final = 1
"""Of the rules by which revisions are made."""
DATASET: Final = "fear_greed"
"""Also the view of the newest revision of each day."""

VINTAGES: Final = Table(
    "fear_greed_vintages",
    key=("provider", "ts", "revision"),
    values=("value", "classification"),
    provenance=("scheduled_at", "known_at", "received_at"),
    computed=True,
)
