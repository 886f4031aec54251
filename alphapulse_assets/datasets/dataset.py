"""What the platform has to know of one kind of rows, told once, in the room whose rows they are.

Definitions, checks, job contents, the warm-up of compiled code, retention, the data dictionary and
`alphapulse status` are computed from these (`alphapulse_assets.registry` lists them all).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, TypedDict

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collecting import Collector, Fill, Sources
from alphapulse_assets.datasets.derivation import Derivation, DerivationResult
from alphapulse_assets.datasets.live import StartLive
from alphapulse_assets.datasets.policies import OWNERS
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.datasets.tags import Layer, asset_tags
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.tables import StreamTable

REFRESH_DERIVED_JOB: Final = "refresh_indicators"
"""Job of what bars make due (`automation`)."""
REFRESH_REACTIONS_JOB: Final = "refresh_reactions"
"""Job of what price did afterwards (`automation`), once a day."""
NO_LOOK_AHEAD: Final = "no_look_ahead"
"""The check that computes again, which takes too long for runs of the minute."""


ROUNDS: Final = 5
"""Rounds of a collector after which its rows are not fresh any more (ours)."""
REPORTED_WITHIN: Final = timedelta(minutes=5)
"""What reports to Dagster, and a poller that starts anew, may take (ours)."""


@dataclass(frozen=True, slots=True)
class Check:
    """A promise of a data set, and what holds its rows against it.

    `run(scope, dataset)` gives the result under `name`; what breaks a `blocking` check stops what follows.
    """

    name: str
    text: str
    run: Callable[[CheckScope, "Dataset"], dg.AssetCheckResult]
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Freshness:
    """After how long without a materialization Dagster warns, and after how long it fails."""

    warn: timedelta
    fail: timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows of a table are kept, by `ts`.

    `by_chunks`: TimescaleDB drops whole chunks by a policy of its own, from a migration; other servers, and
    those whose policy fails, have the rows deleted at night.
    """

    keep: timedelta
    by_chunks: bool = False


class AssetFacts(TypedDict):
    """What `dg.asset` and `dg.AssetSpec` are told of a data set."""

    group_name: str
    description: str
    code_version: str
    owners: list[str]
    kinds: set[str]
    tags: dict[str, str]
    metadata: dict[str, Any]
    freshness_policy: dg.FreshnessPolicy | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """One kind of rows: what it is, how its rows come, and what is promised of them."""

    name: str
    """Key of its asset, and its name in ledgers (`derived_dirty`, `derived_windows`)."""
    description: str
    """What it holds. The first sentence stands alone in tables; the UI shows all of it."""
    group: str
    """Group of its asset in the UI."""
    layer: Layer = "derived"
    """What it is to those who select by tags; how soon it is brought up to date follows."""
    tables: Sequence[Table | StreamTable] = ()
    """Where its rows are, its own table first; schema and meanings are in the comments of the migration."""
    relations: Sequence[str] = ()
    """Further relations that belong to it and that SQL writes."""
    reads: Sequence[str] = ()
    """Assets that its rows are made of."""
    reads_before: bool = True
    """Whether rows of a day also rest on days before it."""
    versions: Sequence[int] = (1,)
    """Versions of all rules that take part: the asset's code version."""
    fetched_from: str | None = None
    """Who is asked for its rows, where they are fetched: `venues`, or a provider's name."""
    collectors: Sequence[Collector] = ()
    """Who is asked again and again for its rows; the poller runs them, the engine makes the asset."""
    more_collectors: Callable[[Settings], Sequence[Collector]] | None = None
    """Further ones that the settings ask for, such as feeds of one's own."""
    fill: Fill | None = None
    """Brings the rows of whole days, when its asset is materialized; None: there is no way to the past."""
    by_venue: bool = False
    """Whether its partitions are days of venues instead of days."""
    show_collected: Callable[[Sources, Sequence[date]], Mapping[str, Any]] | None = None
    """What a materialization of such days shows besides counts: pictures, tables."""
    derivation: Derivation | None = None
    """How rows follow from bars; the engine makes asset and refresh of it. None where they come otherwise."""
    refreshed_by: str = REFRESH_DERIVED_JOB
    """Job that brings it up to date when bars have changed."""
    prepare: Callable[[Database, int], None] | None = None
    """What is written before its rows are, of this version: definitions of what the columns are."""
    show: Callable[[DerivedStore, DerivationResult], Mapping[str, Any]] | None = None
    """What a materialization shows besides counts: pictures, tables, and what else the run has written."""
    rules: RuleSet | None = None
    """What holds of every row."""
    checks: Sequence[Check] = ()
    """What is promised of it, and how that is checked."""
    stream: StreamTable | None = None
    """The table that stream runs write and report, where nothing else makes its rows."""
    live: StartLive | None = None
    """Starts the state that puts rows for each closed bar of a stream, seconds before the batch does.

    Indicators, regimes, patterns and signals have none of their own: each takes what the one before has just
    computed of the same bar, so streams put them together (`streaming.derived_rows`).
    """
    warm_up: Callable[[pl.DataFrame, str], object] | None = None
    """Runs its compiled code over candles of a timeframe, so that no run has to wait for the compiler."""
    owners: Sequence[str] = field(default_factory=lambda: tuple(OWNERS))
    """Who answers for it."""
    kinds: frozenset[str] = frozenset({"polars", "postgres"})
    """What it is made with and where it is, as the UI shows it."""
    freshness: Freshness | None = None
    """How fresh streams keep it; of all else `orchestration.freshness` tells by the layer."""
    retention: Mapping[str, Retention] = field(default_factory=dict)
    """By table, how long rows are kept; others are kept for good."""

    @property
    def sentence(self) -> str:
        """The first sentence of the description."""
        first, stop, _ = " ".join(self.description.split()).partition(". ")
        return first + stop.strip()

    @property
    def table(self) -> Table | StreamTable:
        """Its own table.

        Raises:
            ValueError: it has none.
        """
        if not self.tables:
            raise ValueError(f"data set {self.name} has no table of its own")
        return self.tables[0]

    @property
    def stored_in(self) -> list[str]:
        """The names of all its relations."""
        return [*(table.name for table in self.tables), *self.relations]

    @property
    def relation(self) -> str:
        """The relation that people ask for its rows."""
        return self.name if self.name in self.stored_in else self.stored_in[0]

    @property
    def code_version(self) -> str:
        """A code version of the versions of all rules that take part."""
        return ".".join(map(str, self.versions))

    @property
    def comes(self) -> str:
        """How its rows come, in a word or three."""
        if self.collectors:
            return "collected from " + ", ".join(dict.fromkeys(each.source for each in self.collectors))
        if self.fetched_from is not None:
            return f"fetched from {self.fetched_from}"
        if self.stream is not None:
            return "streamed"
        return "derived" if self.derivation is not None else "computed"

    def facts(self) -> AssetFacts:
        """What its asset is told, however its rows come."""
        return {
            "group_name": self.group,
            "description": self.description,
            "code_version": self.code_version,
            "owners": list(self.owners),
            "kinds": set(self.kinds),
            "tags": asset_tags(self.layer),
            "metadata": {"dagster/table_name": self.relation} if self.stored_in else {},
            "freshness_policy": self._freshness_policy(),
        }

    def _freshness_policy(self) -> dg.FreshnessPolicy | None:
        """What it says itself; what is collected is fresh for some rounds."""
        fresh = self.freshness
        if fresh is None and self.collectors:
            rounds = ROUNDS * min(each.every for each in self.collectors) + REPORTED_WITHIN
            fresh = Freshness(rounds, 3 * rounds)
        if fresh is None:
            return None
        return dg.FreshnessPolicy.time_window(warn_window=fresh.warn, fail_window=fresh.fail)


def required(derivation: Derivation | None, dataset: str) -> Derivation:
    """The derivation of a data set whose rows follow from bars.

    Raises:
        ValueError: it has none.
    """
    if derivation is None:
        raise ValueError(f"data set {dataset} is not derived from bars: nothing computes its rows")
    return derivation
