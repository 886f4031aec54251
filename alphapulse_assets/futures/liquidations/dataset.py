"""Liquidations as a data set: only streams write it, and its checks look at the newest hour."""

from datetime import timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset, Retention
from alphapulse_assets.datasets.expectations import check_frame, expectation
from alphapulse_assets.futures.liquidations.tables import LIQUIDATION_LISTENING, LIQUIDATIONS
from alphapulse_resources.database.client import statement

KEEP: Final = timedelta(days=730)
"""Some thousand rows a day and venue: two years are a few million (ours). As the policy of migration 0039."""
CLOCK_AHEAD: Final = 1.0
"""Seconds by which a venue's clock may be ahead of ours, or of another of its own (ours)."""
MOST_ROWS: Final = 300_000
_MOST: Final = {"opposed": 0, "overfilled": 0, "early": CLOCK_AHEAD, "ahead": CLOCK_AHEAD}
DESCRIPTION: Final = """\
Positions that venues closed by force: side, price, size and what it was worth. Live only: no venue tells of
the past. Binance tells one order a second and symbol, so that sums are lower bounds: the view
`liquidation_coverage` says of each contract what is left out and how long it was listened to.

No automation makes it: stream runs (job `stream_market_data`, kept alive by the sensor `stream_supervisor`)
write the rows and report them every half minute. Where it is grey for hours the market may be calm: a
subscription that is refused is an alert, and `liquidation_coverage` says whether anybody listens."""


def suite() -> list[Any]:
    """What holds of every liquidation: a size, a price, one side, and times in their order."""
    return [
        *(
            expectation("ExpectColumnValuesToNotBeNull", column=column)
            for column in ("ts", "position_side", "order_side")
        ),
        *(
            expectation("ExpectColumnValuesToBeBetween", column=column, min_value=0, strict_min=True)
            for column in ("price", "size", "average_price", "base_amount", "notional", "notional_usd")
        ),
        *(
            expectation("ExpectColumnValuesToBeBetween", column=column, max_value=most)
            for column, most in _MOST.items()
        ),
        expectation(
            "ExpectCompoundColumnsToBeUnique",
            column_list=["instrument_id", "ts", "position_side", "price", "size", "occurrence"],
        ),
    ]


def _rules(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    frame = scope.store.database.read(statement("streams/check/liquidations"), (MOST_ROWS,))
    return check_frame("liquidation_rules", frame, suite(), severity=dg.AssetCheckSeverity.ERROR)


DATASETS: Final = (
    Dataset(
        name="liquidations",
        description=DESCRIPTION,
        group="futures",
        layer="live",
        tables=[LIQUIDATIONS, LIQUIDATION_LISTENING],
        relations=["liquidation_streams"],
        reads=["instruments"],
        stream=LIQUIDATIONS,
        checks=[
            Check(
                "liquidation_rules",
                "Liquidations have a price and a size, order and position are on sides that belong together, "
                "and none is told before it was traded.",
                _rules,
            )
        ],
        kinds=frozenset({"websocket", "postgres"}),
        retention={
            LIQUIDATIONS.name: Retention(KEEP, by_chunks=True),
            LIQUIDATION_LISTENING.name: Retention(KEEP),
        },
    ),
)
