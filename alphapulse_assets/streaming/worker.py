"""One stream run: the streams of one shard, from sockets to rows. Everything is put together here.

One event loop carries sockets, books and clocks; rows go to sinks in threads of their own, of which the
database's writers are the usual ones, so that neither a slow database nor a slow listener holds up a book.
"""

import asyncio
import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from alphapulse_assets.alerting.evaluating import Fired, Named
from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.alerts.payload import payload
from alphapulse_assets.alerts.rows import alert_row
from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.streaming.derived import LiveDerivations
from alphapulse_assets.streaming.market_stream import MarketContext, MarketStream
from alphapulse_assets.streaming.numba_warmup import prepare
from alphapulse_assets.streaming.report import StreamReport
from alphapulse_assets.streaming.shards import Shard
from alphapulse_assets.streaming.stream_rules import StreamRules
from alphapulse_assets.streaming.timeframes import keep_timeframes
from alphapulse_assets.streaming.whale_settings import RATES_SECONDS, chosen, rates_now
from alphapulse_resources.alert_places import places
from alphapulse_resources.alerts import AlertMessage, AlertSink, PlaceSink, Settled
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.announcing import announcer_of
from alphapulse_resources.streams.sinks import DatabaseSink, RowSink, SinkBeside, put_everywhere
from alphapulse_resources.streams.tables import ALERT_DELIVERIES, ORDER_BOOK_ALERTS
from alphapulse_resources.streams.venues import market_of
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument

log = logging.getLogger(__name__)

FOLLOW_SECONDS: Final = 2.0
"""How often the tracked symbols are looked up: a new one is subscribed within seconds (ours)."""
REPORT_SECONDS: Final = 1.0
FLUSH_SECONDS: Final = 30.0
"""How long each sink's threads may take for what is left when the run ends (ours)."""
AGAIN_SECONDS: Final = 5.0
"""Before a market's streams are begun again that a fault of ours has ended (ours)."""

Report = Callable[[StreamReport], None]


async def run_worker(
    shard: Shard,
    *,
    settings: Settings,
    database: Database,
    venues: VenueClient,
    run_id: str,
    report: Report,
    stop: asyncio.Event,
    sinks: Sequence[RowSink] = (),
) -> None:
    """Carry the shard's streams until `stop` is set; everything at hand is written before it returns.

    `sinks` get every row that the database gets, each in a thread of its own.
    """
    await asyncio.to_thread(warm_up)
    worker = Worker(shard, settings, database, venues, run_id, report, sinks)
    await worker.run(stop)


class Worker:
    """See `run_worker`."""

    def __init__(
        self,
        shard: Shard,
        settings: Settings,
        database: Database,
        venues: VenueClient,
        run_id: str,
        report: Report,
        sinks: Sequence[RowSink] = (),
    ) -> None:
        self._shard = shard
        self._database = database
        self._run_id = run_id
        self._report_to = report
        thresholds, self._rates = chosen(settings)
        self._rated_at = -math.inf
        announcer = announcer_of(settings.broadcast, database, shard.name)
        self._stored = DatabaseSink(database, run_id=run_id, shard=shard.name, announcer=announcer)
        self._sinks: Sequence[DatabaseSink | SinkBeside] = (self._stored, *map(SinkBeside, sinks))
        self._rules = StreamRules(
            database, f"stream {shard.name}", self._fired, tell_again=self._send_alert_of_rule
        )
        self._put = put_everywhere([*(sink.put for sink in self._sinks), self._rules.put])
        self._derivations = (
            [
                LiveDerivations(
                    database, self._put, configured(settings), self._alerted, closed=self._rules.closed
                )
            ]
            if settings.streams.indicators
            else []
        )
        self._around = MarketContext(
            venues=venues,
            venue_url=settings.venue_url,
            put=self._put,
            alert=self._alerted,
            recent=self._recent,
            liquidated=self._liquidated,
            on_candle=self._closed,
            share=0.5 / shard.count,
            options=SessionOptions(
                snapshot_seconds=settings.streams.snapshot_seconds,
                levels=settings.streams.book_levels,
                zones_seconds=settings.streams.zones_seconds,
                depth_seconds=settings.streams.depth_seconds,
                depth_bin_bps=settings.streams.depth_bin_bps,
                depth_reach_bps=settings.streams.depth_reach_bps,
                thresholds=thresholds,
                rates=self._rates,
                live_book_seconds=settings.broadcast.book_seconds,
                live_book_levels=settings.broadcast.book_levels,
            ),
            watched=announcer.watched if announcer else None,
            run_id=run_id,
            shard=shard.name,
        )
        self._markets: dict[str, MarketStream] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._symbols: frozenset[str] = frozenset()
        self._alerts: list[Alert] = []
        self._alert_sinks: list[AlertSink] = [
            PlaceSink(place, self._settled) for place in places(settings.alerts)
        ]
        self._named: dict[int, Named] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; raises what a part of it could not handle."""
        for each in self._sinks:
            each.start()
        parts: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._follow(), name="tracked symbols"),
            asyncio.create_task(self._report(), name="report"),
            *(asyncio.create_task(sink.run(), name="alert sink") for sink in self._alert_sinks),
            *(asyncio.create_task(_derive(each), name="indicators") for each in self._derivations),
            asyncio.create_task(self._rules.run(), name="alert rules"),
        ]
        if self._shard.index == 1:  # one does it for all
            parts.append(asyncio.create_task(keep_timeframes(self._database), name="timeframes"))
        stopped = asyncio.create_task(stop.wait(), name="stop")
        try:
            while not stopped.done():
                watched = {stopped, *parts, *self._tasks.values()}
                done, _ = await asyncio.wait(
                    watched, timeout=FOLLOW_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done - {stopped}:
                    task.result()  # none of them ends by itself: tell why
        finally:
            for market in self._markets.values():
                try:
                    market.stop(time.time())  # before its sockets: that they close then needs no word
                except Exception:  # the other markets' rows have to be written all the same
                    log.exception("%s: not all that was open could be written", market.market)
            await _cancel([stopped, *parts, *self._tasks.values()])
            self._report_now()
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        """Write everything that waits."""
        try:
            self._rules.finish()
        except psycopg.Error as error:
            log.error("stream %s: steps of alert rules were not stored: %s", self._shard.name, error)
        for sink in self._sinks:
            if not sink.close(FLUSH_SECONDS):
                log.error("stream %s: not all rows went to the %s", self._shard.name, sink.name)

    # symbols ---------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Follow what is tracked; while the database is away, what was tracked before."""
        while True:
            try:
                await self._look_up_rates()
                self._follow_now(await asyncio.to_thread(self._tracked))
            except psycopg.Error as error:
                log.warning("stream %s: tracked symbols could not be read: %s", self._shard.name, error)
            await asyncio.sleep(FOLLOW_SECONDS)

    async def _look_up_rates(self) -> None:
        """What currencies are worth, now and then; before the first symbol is followed too."""
        if time.monotonic() - self._rated_at < RATES_SECONDS:
            return
        self._rated_at = time.monotonic()
        try:
            self._rates = await asyncio.to_thread(rates_now, self._database, self._rates)
        except psycopg.Error as error:  # symbols are followed all the same, by the rates there are
            log.warning("stream %s: rates in USD could not be read: %s", self._shard.name, error)
            return
        for stream in self._markets.values():
            stream.price_in(self._rates)

    def _tracked(self) -> list[Instrument]:
        rows = self._database.rows(statement("streams/tracked"))
        instruments = [Instrument(**row) for row in rows]
        return [each for each in instruments if self._shard.carries(each.venue, each.symbol)]

    def _follow_now(self, instruments: list[Instrument]) -> None:
        by_market: defaultdict[str, list[Instrument]] = defaultdict(list)
        for instrument in instruments:
            market = market_of(instrument.venue, instrument.kind)
            if market is not None:
                by_market[market].append(instrument)
        for market in by_market.keys() - self._markets.keys():
            stream = self._markets[market] = MarketStream(market, self._around)
            stream.price_in(self._rates)
            self._tasks[market] = asyncio.create_task(_keep(stream), name=f"{market} stream")
        for market, stream in self._markets.items():
            try:
                stream.follow(by_market.get(market, ()))
            except Exception:
                log.exception("%s: its symbols could not be followed", market)
        followed = [each for group in by_market.values() for each in group]
        for derivations in self._derivations:
            derivations.follow(each.instrument_id for each in followed)
        named = [Named(each.instrument_id, each.venue, each.symbol, each.venue_symbol) for each in followed]
        self._named |= {each.instrument_id: each for each in named}
        self._rules.follow(named)
        self._symbols = frozenset(f"{each.venue}:{each.symbol}" for each in followed)

    def _recent(self, instrument_id: int, bars: int) -> list[Bar]:
        query = {"instrument_id": instrument_id, "bars": bars}
        return list(map(Bar.of, self._database.rows(statement("streams/recent_bars"), query)))

    def _liquidated(self, instrument_id: int) -> list[tuple[float, float]]:
        rows = self._database.rows(statement("liquidations/minutes"), {"instrument_id": instrument_id})
        return [(row["start"], row["notional"]) for row in rows]

    def _closed(self, instrument_id: int, candle: ClosedCandle) -> None:
        for derivations in self._derivations:
            derivations.on_candle(instrument_id, candle)

    # telling ---------------------------------------------------------------------------------------------

    def _alerted(self, alert: Alert) -> None:
        self._alerts.append(alert)
        message = _message(alert, self._named.get(alert.instrument_id))
        for sink in self._alert_sinks:
            if sink.place.takes(None, of_rule=False):
                sink.offer(message)

    def _fired(self, fired: Fired) -> None:
        """An alert of a rule: it is stored already, the other sinks of rows have to be told."""
        self._alerts.append(fired.alert)
        for beside in self._sinks[1:]:
            beside.put(ORDER_BOOK_ALERTS, alert_row(fired.alert))
        self._send_alert_of_rule(fired)

    def _send_alert_of_rule(self, fired: Fired) -> None:
        for sink in self._alert_sinks:
            if sink.place.takes(fired.move.rule.sinks, of_rule=True):
                sink.offer(fired.message)

    def _settled(self, settled: Settled) -> None:
        key = settled.message
        self._put(
            ALERT_DELIVERIES,
            (
                key.instrument_id,
                key.ts,
                key.kind,
                key.reference,
                settled.sink,
                settled.outcome,
                settled.attempts,
                settled.error,
                settled.at,
                settled.answer,
            ),
        )

    async def _report(self) -> None:
        while True:
            self._report_now()
            await asyncio.sleep(REPORT_SECONDS)

    def _report_now(self) -> None:
        sessions = [market.session.totals() for market in self._markets.values()]
        dropped = sum(market.feed.dropped for market in self._markets.values()) + self._stored.dropped
        alerts, self._alerts = self._alerts, []
        self._report_to(
            StreamReport(
                symbols=self._symbols,
                books=sum(session.books for session in sessions),
                synced=sum(session.synced for session in sessions),
                messages=sum(session.messages for session in sessions),
                gaps=sum(session.gaps for session in sessions),
                resyncs=sum(session.resyncs for session in sessions),
                dropped=dropped,
                alerts=alerts,
            )
        )


async def _keep(stream: MarketStream) -> None:
    """Run a market's streams whatever ends them: no market ends the others."""
    while True:
        try:
            await stream.run()
        except* Exception:
            log.exception("%s: its streams ended, begun again in %.0f s", stream.market, AGAIN_SECONDS)
        await asyncio.sleep(AGAIN_SECONDS)


async def _derive(derivations: LiveDerivations) -> None:
    """Order books do not wait for the machine code of indicators: until it is there, candles do."""
    try:
        await prepare(log.info)
    except RuntimeError as error:
        log.error("%s; it is made when it is first needed", error)
    await derivations.run()


def _message(alert: Alert, instrument: Named | None) -> AlertMessage:
    """An alert as sinks get it: with its instrument's names, where its room has only the venue's own."""
    ts = datetime.fromtimestamp(alert.ts, UTC)
    names = (instrument.venue, instrument.symbol, instrument.venue_symbol) if instrument else (None,) * 3
    venue, symbol, venue_symbol = names
    sent = payload(
        kind=alert.kind.value,
        ts=ts,
        known_at=datetime.fromtimestamp(alert.known_at, UTC),
        severity=alert.severity.value,
        title=alert.title,
        detail=alert.detail,
        reference=alert.reference,
        venue=venue,
        symbol=symbol,
        venue_symbol=venue_symbol,
    )
    return AlertMessage(alert.instrument_id, ts, alert.kind, alert.reference, sent)


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("a part of the stream ended badly", exc_info=result)
