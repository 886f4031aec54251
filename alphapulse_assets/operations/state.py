"""The state of the platform, as the rules look at it: plain values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
"""A row of a statement in sql/alerts."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Room where files of the platform lie."""

    path: str
    free: int
    total: int
    holds_database: bool = False


@dataclass(frozen=True, slots=True)
class Shards:
    """The streams' shards: those with symbols, those whose lock is held, and the newest worker of each."""

    wanted: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    workers: Mapping[str, Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Everything the rules judge, at one moment."""

    at: datetime
    candles: Sequence[Row] = ()
    gaps: Sequence[Row] = ()
    failed_days: Sequence[Row] = ()
    quarantine: Sequence[Row] = ()
    unrefreshed: Sequence[Row] = ()
    background_jobs: Sequence[Row] = ()
    books: Sequence[Row] = ()
    refresh_failures: Sequence[Row] = ()
    venue_clocks: Sequence[Row] = ()
    silent_sources: Sequence[Row] = ()
    silent_beside_others: Sequence[Row] = ()
    shards: Shards = Shards()
    streams_on: bool | None = None
    """Whether streams are meant to run; None: nobody has said so."""
    unwatched_seconds: float | None = None
    """Since the sensor last looked; None: it never did."""
    clock_offset_seconds: float = 0.0
    """Our clock minus the database's."""
    disks: Sequence[Disk] = ()
    bytes_per_second: float | None = None
    """Growth of the database; None: not known yet."""
    failing_sinks: Sequence[Row] = ()
    """Sinks at which alerts failed since one last arrived there, with the newest words."""
    refused_sinks: Mapping[str, str] = field(default_factory=dict)
    """Why nothing may be sent to a sink."""
    idle_rules: Mapping[str, str] = field(default_factory=dict)
    """Why a rule of one's own does less than it says."""
    pending_migrations: Sequence[str] = ()
