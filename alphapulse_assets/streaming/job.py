"""Stream runs: one run of this job is one shard of all streams, for as long as nobody ends it.

The run takes its shard's lease, closes what a lost predecessor left open, and lets the worker stream in this
process until it is told to stop: by Dagster (Terminate), by a signal, by the supervisor through the database,
or because another worker has the lease. Whatever ends it, what the worker holds is written first.
"""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Protocol

import dagster as dg

from alphapulse_assets.streaming.assets import REPORTED
from alphapulse_assets.streaming.code_version import code_version
from alphapulse_assets.streaming.lease import Lease, LeaseTakenError
from alphapulse_assets.streaming.report import Reporter, StreamReport
from alphapulse_assets.streaming.shards import Shard
from alphapulse_resources.database.client import Database
from alphapulse_resources.resources import DatabaseResource, VenueResource
from alphapulse_resources.settings import Settings, get_settings

if TYPE_CHECKING:
    from alphapulse_resources.venues.client import VenueClient

SHARD_TAG: Final = "alphapulse/stream"
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class RunWorker(Protocol):
    """A worker: streams its shard until `stop` is set, then writes what it holds and returns."""

    def __call__(
        self,
        shard: Shard,
        *,
        settings: Settings,
        database: Database,
        venues: "VenueClient",
        run_id: str,
        report: Callable[[StreamReport], None],
        stop: asyncio.Event,
    ) -> Awaitable[None]: ...


class StreamWorkerResource(dg.ConfigurableResource[Any]):
    """The worker that streams; imported when a run starts, as the code location never needs it."""

    def get(self) -> RunWorker:
        """The worker's function."""
        from alphapulse_assets.streaming.worker import run_worker

        return run_worker


class ShardConfig(dg.Config):
    """Which part of all streams; `index` runs from 1 to `count`."""

    index: int = 1
    count: int = 1


class Stopping:
    """Why a run stops, told from any thread or signal handler (so no lock); the first reason counts."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._wake: Callable[[], object] | None = None

    def ask(self, reason: str) -> None:
        """Stop because of this."""
        if self.reason is None:
            self.reason = reason
        if (wake := self._wake) is not None:
            with suppress(RuntimeError):  # the loop has just ended
                wake()

    def wakes(self, wake: Callable[[], object]) -> None:
        """Call `wake` as soon as somebody asks, or has asked."""
        self._wake = wake
        if self.reason is not None:
            wake()

    async def run(self, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Run `work` with an event that is set as soon as somebody asks."""
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        self._wake = lambda: loop.call_soon_threadsafe(event.set)
        if self.reason is not None:
            event.set()
        try:
            await work(event)
        finally:
            self._wake = None


@dg.op(out=dg.Out(dg.Nothing))
def stream_shard(
    context: dg.OpExecutionContext,
    config: ShardConfig,
    database: DatabaseResource,
    venues: VenueResource,
    stream_worker: StreamWorkerResource,
) -> None:
    """Stream one shard until told to stop; ends as canceled then, and as failed if it ends by itself."""
    try:
        shard = Shard(config.index, config.count)
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    stopping = Stopping()
    reporter = _reporter(context, database.get(), shard)
    lease = Lease(
        database.get(),
        shard=shard.name,
        run_id=context.run_id,
        code_version=code_version(),
        lost=stopping.ask,
        symbols=lambda: reporter.symbols,
    )
    with signals(stopping):
        try:
            lease.take()
        except LeaseTakenError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        try:
            _close_lost(context, lease)
            context.log.info(f"streaming shard {shard.name} with code {code_version()}")
            with reporter:
                asyncio.run(
                    stopping.run(
                        lambda stop: stream_worker.get()(
                            shard,
                            settings=get_settings(),
                            database=database.get(),
                            venues=venues.for_streams(),
                            run_id=context.run_id,
                            report=reporter,
                            stop=stop,
                        )
                    )
                )
        except BaseException as error:
            lease.leave(f"failed: {type(error).__name__}: {error}"[:500])
            raise
        lease.leave(stopping.reason or "ended by itself")
    end_run(context, stopping)


def _reporter(context: dg.OpExecutionContext, database: Database, shard: Shard) -> Reporter:
    return Reporter(
        database,
        run_id=context.run_id,
        shard=shard.name,
        datasets=REPORTED,
        log_line=context.log.info,
        event=context.instance.report_runless_asset_event,
    )


def _close_lost(context: dg.OpExecutionContext, lease: Lease) -> None:
    runs, books = lease.close_lost()
    if runs:
        context.log.warning(
            f"{books} books were left open by lost workers ({', '.join(runs)}): they count as stopped at "
            "those workers' last heartbeat"
        )


def end_run(context: dg.OpExecutionContext, stopping: Stopping) -> None:
    """A stop that was asked for ends the run as canceled; anything else is a failure."""
    if stopping.reason is None:
        raise dg.Failure("the worker ended although nobody asked it to", allow_retries=False)
    context.log.info(f"stopped, everything written: {stopping.reason}")
    run = context.instance.get_run_by_id(context.run_id)
    if run is not None and run.status is dg.DagsterRunStatus.STARTED:
        # Dagster takes an interrupt that nobody announced for a failure
        context.instance.report_run_canceling(run, f"Stopped: {stopping.reason}")
    raise dg.DagsterExecutionInterruptedError


@contextmanager
def signals(stopping: Stopping) -> Iterator[None]:
    """SIGINT (Dagster's Terminate sends it) and SIGTERM ask to stop instead of breaking in."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may have handlers; the database still reaches us
        return

    def handle(number: int, frame: FrameType | None) -> None:
        stopping.ask(f"{signal.Signals(number).name} (terminated in Dagster, or shut down)")

    previous = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@dg.job(
    executor_def=dg.in_process_executor,
    tags={"dagster/max_retries": "0", "dagster/priority": "10"},
)
def stream_market_data() -> None:
    """Live books, trades, whales, liquidity zones and candles of one shard; the supervisor keeps it alive."""
    stream_shard()
