"""What the Dagster tests share: running jobs as the daemon would, and reading what runs left behind."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableRepository

from alphapulse_assets.datasets.partitions import VENUE_NAMES, range_tags
from alphapulse_assets.definitions import build_defs
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import get_settings
from alphapulse_resources.settings.model import PREFIX
from alphapulse_sim.process import SimulatorProcess

AT_ONCE: dict[str, Any] = {"execution": {"config": {"retries": {"disabled": {}}}}}
"""Run config of a run whose steps are not tried again: the waits between tries are Dagster's to test."""
HISTORY = timedelta(days=30)

MONDAY, TUESDAY, WEDNESDAY = (date(2024, 3, day) for day in (11, 12, 13))
"""Days of one week, long over: archives are published, and the simulated market is the same every time."""


def definitions() -> dg.Definitions:
    """As a process that is started now has them: with the settings of this moment."""
    return _built(tuple(sorted(item for item in os.environ.items() if item[0].startswith(PREFIX))))


@lru_cache(maxsize=1)
def _built(settings: tuple[tuple[str, str], ...]) -> dg.Definitions:
    """Once for these settings, as in a process: Dagster asks four times in a run."""
    return build_defs()


DEFINITIONS = ReconstructableRepository.for_module(__name__, definitions.__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended: its events by asset."""

    result: dg.JobExecutionResult
    instance: dg.DagsterInstance

    @property
    def record(self) -> dg.DagsterRun:
        run = self.instance.get_run_by_id(self.result.run_id)
        assert run is not None
        return run

    @property
    def success(self) -> bool:
        return self.result.success

    def materialized(self) -> set[str]:
        """The assets that were."""
        events = (event for event in self.result.all_events if event.is_step_materialization)
        return {event.asset_key.to_user_string() for event in events if event.asset_key}

    def partitions(self, asset: str) -> set[str]:
        """The partitions of which the run reported a materialization."""
        events = (event for event in self.result.all_events if event.is_step_materialization)
        return {str(event.partition) for event in events if event.asset_key == dg.AssetKey(asset)}

    def metadata(self, asset: str) -> Mapping[str, Any]:
        """Values of the asset's last materialization; where a refresh wrote nothing, of its observation."""
        told = [event for event in self.result.all_events if event.asset_key == dg.AssetKey(asset)]
        observed = dg.DagsterEventType.ASSET_OBSERVATION
        last = [
            *(
                event.asset_observation_data.asset_observation
                for event in told
                if event.event_type is observed
            ),
            *(event.materialization for event in told if event.is_step_materialization),
        ][-1]
        return {name: value.value for name, value in last.metadata.items()}

    def check(self, asset: str, name: str) -> dg.AssetCheckEvaluation:
        """The check's evaluation."""
        (found,) = (
            evaluation
            for evaluation in self.result.get_asset_check_evaluations()
            if (evaluation.asset_key, evaluation.check_name) == (dg.AssetKey(asset), name)
        )
        return found

    def failures(self) -> str:
        """What the failed steps said."""
        return "\n".join(
            event.step_failure_data.error_display_string
            for event in self.result.all_events
            if event.is_step_failure
        )


def loaded_anew(job: str) -> Any:
    """A job with the resources of today's settings.

    A process keeps its last job, and with it the database of the test before; a run in production is a
    process of its own.
    """
    reconstructable = DEFINITIONS.get_reconstructable_job(job)
    reconstructable.get_definition.cache_clear()
    reconstructable.get_repository_definition.cache_clear()
    return reconstructable


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform of one test."""

    database: Database
    venues: SimulatorProcess
    instance: dg.DagsterInstance
    environment: pytest.MonkeyPatch

    def set(self, name: str, value: str) -> None:
        """Change a setting for the rest of the test."""
        self.environment.setenv(f"ALPHAPULSE_{name}", value)
        get_settings.cache_clear()

    def track(self, venue: str, *symbols: str) -> None:
        """Track symbols and look them up, as the first sensor does."""
        for symbol in symbols:
            self.database.rows(
                "SELECT track_symbol(%(venue)s, %(symbol)s, %(history)s)",
                {"venue": venue, "symbol": symbol, "history": HISTORY},
            )
        assert self.resolve(venue).success

    def resolve(self, *venues: str) -> Run:
        """What these venues list now."""
        return self.run(
            "resolve_instruments", config={"ops": {"instruments": {"config": {"venues": list(venues)}}}}
        )

    def days(
        self,
        first: date,
        last: date | None = None,
        *,
        venues: Sequence[str] = ("bybit",),
        symbols: Sequence[str] | None = None,
        assets: Sequence[str] | None = None,
    ) -> Run:
        """Whole days, in one run for all venues from the first to the last; all of its assets or some."""
        order = sorted(venues, key=VENUE_NAMES.index)
        config = {"symbols": list(symbols)} if symbols else {}
        return self.run(
            "backfill_candles",
            tags=range_tags(first, last or first, order[0], order[-1]),
            config={"ops": {"ohlcv_1m": {"config": config}}}
            if assets is None or "ohlcv_1m" in assets
            else {},
            assets=assets,
        )

    def run(
        self,
        job: str,
        *,
        tags: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        assets: Sequence[str] | None = None,
    ) -> Run:
        """A run in this process, without second tries."""
        result = dg.execute_job(
            loaded_anew(job),
            self.instance,
            run_config={**(config or {}), **AT_ONCE},
            tags=dict(tags or {}),
            asset_selection=None if assets is None else [dg.AssetKey(asset) for asset in assets],
        )
        return Run(result, self.instance)

    def instrument(self, venue: str, symbol: str) -> dict[str, Any]:
        """The instrument's row."""
        (row,) = self.database.rows(
            "SELECT * FROM instruments WHERE venue = %(venue)s AND symbol = %(symbol)s",
            {"venue": venue, "symbol": symbol},
        )
        return row

    def of(self, table: str, venue: str, symbol: str) -> list[dict[str, Any]]:
        """The rows of a table about an instrument, with the transaction that wrote each.

        TimescaleDB's aggregates are views and tell no transaction.
        """
        order = {"ingest_ledger": "day", "quality_daily": "day", "gap_ledger": "gap_start"}.get(table, "ts")
        kind = "SELECT relkind = 'v' AS view FROM pg_class WHERE oid = to_regclass(%(table)s)"
        (found,) = self.database.rows(kind, {"table": table})
        xmin = "" if found["view"] else ", t.xmin::text AS xmin"
        return self.database.rows(
            f"SELECT t.*{xmin} FROM {table} AS t WHERE instrument_id = %(id)s ORDER BY {order}",
            {"id": self.instrument(venue, symbol)["instrument_id"]},
        )
