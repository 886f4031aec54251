"""The poller's run: it holds the lease, asks all collectors of the registry, and reports what they brought.

Told to stop (by Dagster, a signal, the supervisor, or because another has the lease), it lets the rounds end
that run, and what they brought is stored.
"""

import logging
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import dagster as dg
import psycopg

from alphapulse_assets.alerting.looking import PolledRules
from alphapulse_assets.collecting.hurry import hurry_of
from alphapulse_assets.collecting.poller import Poller
from alphapulse_assets.collecting.report import REPORT_SECONDS, Report
from alphapulse_assets.datasets.collecting import Collector, Sources
from alphapulse_assets.datasets.collector_run import Round
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.registry import DATASETS
from alphapulse_assets.streaming.code_version import digest_of
from alphapulse_assets.streaming.job import Stopping, end_run, signals
from alphapulse_assets.streaming.lease import Lease, LeaseTakenError
from alphapulse_resources.broadcast.bus import BusError
from alphapulse_resources.broadcast.choosing import bus_of
from alphapulse_resources.broadcast.new_rows import NewRowsTeller
from alphapulse_resources.database.client import Database
from alphapulse_resources.resources import DatabaseResource, GatewayResource
from alphapulse_resources.settings import PACKAGES_ROOT, PROJECT_ROOT, Settings, get_settings

log = logging.getLogger(__name__)

LEASE: Final = "collectors"
"""What the lease is of, where those of streams are of shards."""
POLLER_TAG: Final = "alphapulse/poller"
STARTS: Final = ("alphapulse_assets.collecting.job",)


@lru_cache(maxsize=1)
def code_version() -> str:
    """Which code this process collects with."""
    return digest_of(PACKAGES_ROOT, PROJECT_ROOT, STARTS)


def collectors_of(datasets: Sequence[Dataset], settings: Settings | None = None) -> list[Collector]:
    """All collectors, each once: one may serve several data sets. With those that the settings add.

    Raises:
        ValueError: two have the same name.
    """
    found: dict[str, Collector] = {}
    for dataset in datasets:
        more = dataset.more_collectors(settings) if settings and dataset.more_collectors else ()
        for each in (*dataset.collectors, *more):
            if found.setdefault(each.name, each) is not each:
                raise ValueError(f"two collectors are called {each.name!r}: a name is what its books go by")
    return list(found.values())


@dg.op(out=dg.Out(dg.Nothing))
def collect(context: dg.OpExecutionContext, database: DatabaseResource, gateway: GatewayResource) -> None:
    """Ask all collectors by their cadence until told to stop; ends as canceled then."""
    stopping, stop = Stopping(), threading.Event()
    lease = Lease(
        database.get(),
        shard=LEASE,
        run_id=context.run_id,
        code_version=code_version(),
        lost=stopping.ask,
    )
    with signals(stopping):
        stopping.wakes(stop.set)
        try:
            lease.take()
        except LeaseTakenError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        try:
            lease.close_lost()
            _poll(context, Sources(database.get(), get_settings(), gateway.until(stop)), stop)
        except BaseException as error:
            lease.leave(f"failed: {type(error).__name__}: {error}"[:500])
            raise
        lease.leave(stopping.reason or "ended by itself")
    end_run(context, stopping)


def _poll(context: dg.OpExecutionContext, sources: Sources, stop: threading.Event) -> None:
    settings, collectors = sources.settings, collectors_of(DATASETS, sources.settings)
    rules = PolledRules(sources.database, settings)
    report = Report(
        datasets={each.name: each for each in DATASETS},
        first_day=settings.history.first_partition,
        run_id=context.run_id,
        event=context.instance.report_runless_asset_event,
        log_line=context.log.info,
    )
    teller = _teller(settings, sources.database)

    def took(done: Round) -> None:
        report.took(done)
        rules.took(done.days.keys())
        if teller is not None:
            teller.tell(told_of(done))

    poller = Poller(
        sources=sources,
        collectors=collectors,
        rules={each.name: each.rules for each in DATASETS},
        run_id=context.run_id,
        workers=settings.collecting.workers,
        took=took,
        hurry=hurry_of(sources, collectors, context.log.info),
    )
    context.log.info(f"asking {len(collectors)} collectors with code {code_version()}")
    ended = threading.Event()
    telling = threading.Thread(target=_tell, args=(report, ended), name="collect-report", daemon=True)
    telling.start()
    rules.start()
    try:
        poller.run(stop)
    finally:
        ended.set()
        rules.close()
        telling.join(timeout=30)
        if teller is not None:
            teller.close()


def told_of(done: Round) -> list[str]:
    """Data sets that a round brought new rows of, for those who follow them live."""
    changed = [name for name, written in done.written.items() if written.inserted or written.changed]
    return changed + (["alerts"] if done.alerts else [])


def _teller(settings: Settings, database: Database) -> NewRowsTeller | None:
    """Who tells of new rows; None where that is off or cannot be: readers look now and then anyway."""
    if not settings.broadcast.enabled:
        return None
    try:
        teller = NewRowsTeller(*bus_of(settings.broadcast, database), LEASE)
    except (BusError, psycopg.Error) as error:
        log.error("nothing is broadcast by the poller: %s", error)
        return None
    teller.start()
    return teller


def _tell(report: Report, ended: threading.Event) -> None:
    """Report each minute, the first time sooner: who starts the platform wants to see that it works."""
    due = time.monotonic() + REPORT_SECONDS / 6
    while not ended.wait(min(1.0, max(0.0, due - time.monotonic()))):
        if time.monotonic() >= due:
            due = time.monotonic() + REPORT_SECONDS
            report.tell()
    report.tell()


@dg.job(
    executor_def=dg.in_process_executor,
    tags={"dagster/max_retries": "0", "dagster/priority": "10"},
)
def collect_market_data() -> None:
    """What is asked for again and again: market metrics, futures, options; its supervisor keeps it alive."""
    collect()
