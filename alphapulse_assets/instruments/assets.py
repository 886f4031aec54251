"""Instruments as an asset: what the venues say of the symbols that are tracked."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from alphapulse_assets.instruments.dataset import INSTRUMENTS
from alphapulse_assets.instruments.resolve import resolve_venue
from alphapulse_resources.resources import DatabaseResource, VenueResource
from alphapulse_resources.venues.model import VenueError


class InstrumentsConfig(dg.Config):
    """Which venues to ask."""

    venues: list[str] | None = None
    """Only these venues; without them every venue with a tracked symbol."""


@dg.asset(
    retry_policy=dg.RetryPolicy(max_retries=2, delay=10, jitter=dg.Jitter.PLUS_MINUS),
    **INSTRUMENTS.facts(),
)
def instruments(
    context: dg.AssetExecutionContext,
    config: InstrumentsConfig,
    database: DatabaseResource,
    venues: VenueResource,
) -> dg.MaterializeResult[Any]:
    """Asks the venues what they list; one venue's failure is recorded and stops no other."""
    asked = config.venues or [
        row["venue"]
        for row in database.get().rows("SELECT DISTINCT venue FROM instruments WHERE tracked ORDER BY venue")
    ]
    records, errors = [], []
    for venue in asked:
        try:
            markets = venues.get().markets(venue)
        except VenueError as error:
            context.log.error(f"{venue}: {error}")
            errors.append(f"{venue}: {error}")
            with database.get().transaction() as connection:
                database.candles().log_fetches(
                    connection,
                    error.fetches,
                    venue=venue,
                    instrument_id=None,
                    dataset="instruments",
                    run_id=context.run_id,
                )
            continue
        records += resolve_venue(database.get(), venue, markets, now=datetime.now(UTC))
    metadata: dict[str, Any] = {
        "dagster/row_count": len(records),
        "symbols": dg.MetadataValue.table(
            [dg.TableRecord(record) for record in records],
            schema=dg.TableSchema(
                [dg.TableColumn(name) for name in ("venue", "symbol", "venue_symbol", "kind", "state")]
            ),
        ),
    }
    if errors and len(errors) == len(asked):
        raise dg.Failure("; ".join(errors), metadata=metadata)
    return dg.MaterializeResult(metadata={**metadata, "errors": "; ".join(errors)})
