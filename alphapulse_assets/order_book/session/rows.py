"""Rows of the streams' tables made of what was found: one function a table. Pure.

Rows are tuples in the order of `alphapulse_resources.streams.tables`. Seconds since 1970 become aware UTC
datetimes; what is unknown (NaN) or without end (infinite) becomes null.
"""

import math
from typing import Final

from alphapulse_assets.candles.closing import CandleValues
from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.events import BookEvent, BookState
from alphapulse_assets.order_book.book.features import LOGIC_VERSION, Features
from alphapulse_assets.order_book.liquidity.zones import Zone
from alphapulse_assets.order_book.session.trade_seconds import TradeSecond
from alphapulse_assets.order_book.whales.events import WhaleEvent
from alphapulse_assets.order_book.whales.sweeps import Sweep
from alphapulse_assets.order_book.whales.usd import UNKNOWN, UsdRate
from alphapulse_resources.streams.messages import Levels
from alphapulse_resources.streams.tables import Row
from alphapulse_resources.streams.values import known, moment, to_json

STREAM: Final = 4
"""`sources.source_id` of what came over a stream."""


def snapshot_row(instrument_id: int, book: OrderBook, levels: int, at: float) -> Row | None:
    """ORDER_BOOK_SNAPSHOTS: the best levels, the features, and the order flow since it was last taken.

    None where there is nothing to tell: not synced, one side empty, or no message of the venue's clock yet.
    `known_from` and `known_to` are null where a side is known as a whole.
    """
    features, venue_ms, update_id = book.features, book.venue_ms, book.last_id
    if features is None or venue_ms is None or math.isnan(features.mid):
        return None
    assert book.updated_at is not None  # a synced book has been updated
    flow = book.take_flow(at)
    low, high = book.horizon
    return (
        instrument_id,
        moment(venue_ms / 1e3),
        update_id,
        moment(book.updated_at),
        *_features(features),
        low or None,
        known(high),
        moment(flow.start),
        flow.messages,
        flow.complete,
        flow.imbalance,
        list(flow.by_level),
        *_columns(book.bids(levels)),
        *_columns(book.asks(levels)),
        LOGIC_VERSION,
    )


def live_book_row(instrument_id: int, book: OrderBook, levels: int) -> Row | None:
    """LIVE_BOOKS: the best levels of a book as it is; None where `snapshot_row` would be.

    It takes nothing away: order flow goes on until the next row that is stored.
    """
    venue_ms, updated_at = book.venue_ms, book.updated_at
    mid, imbalance = book.mid_and_imbalance
    if venue_ms is None or updated_at is None or math.isnan(mid):
        return None
    bids, asks = book.bids(levels), book.asks(levels)
    spread_bps = (asks[0][0] - bids[0][0]) / mid * 1e4
    return (
        instrument_id,
        moment(venue_ms / 1e3),
        book.last_id,
        moment(updated_at),
        book.state.value,
        mid,
        spread_bps,
        known(imbalance),
        bids,
        asks,
    )


def event_row(instrument_id: int, event: BookEvent, ts: float, run_id: str) -> Row:
    """ORDER_BOOK_EVENTS; `ts` is `event.at`, moved where the table's key needs it."""
    return (
        instrument_id,
        moment(ts),
        event.before.value,
        event.after.value,
        event.cause.value,
        to_json(event.detail),
        run_id,
    )


def whale_row(instrument_id: int, event: WhaleEvent) -> Row:
    """WHALE_ACTIVITIES; the reference is the trade's id where it is about one."""
    return (
        instrument_id,
        moment(event.ts),
        moment(event.known_at),
        event.kind.value,
        event.side,
        event.price,
        event.size,
        event.notional,
        event.distance_bps,
        event.cause,
        to_json(event.evidence),
        str(event.evidence.get("trade_id", "")),
        event.logic_version,
        known(event.notional_usd),
    )


def zone_row(instrument_id: int, zone: Zone) -> Row:
    """LIQUIDITY_ZONES; `known_to` is null where the whole side is known."""
    return (
        instrument_id,
        moment(zone.ts),
        zone.side,
        zone.price,
        zone.low,
        zone.high,
        zone.notional,
        zone.strength,
        zone.distance_bps,
        moment(zone.since),
        zone.age,
        zone.touches,
        known(zone.known_to) or None,
        moment(zone.known_at),
        zone.logic_version,
    )


def sweep_row(instrument_id: int, sweep: Sweep, known_at: float) -> Row:
    """LIQUIDITY_SWEEPS; `known_at` is when the bar was known here."""
    return (
        instrument_id,
        moment(sweep.ts),
        sweep.side,
        moment(sweep.pivot_time),
        moment(known_at),
        sweep.pivot,
        sweep.extreme,
        sweep.close,
        known(sweep.beyond_atr),
        sweep.bars,
        sweep.relative_volume,
        sweep.logic_version,
    )


def second_row(instrument_id: int, second: TradeSecond) -> Row:
    """TRADES_1S."""
    return (
        instrument_id,
        moment(second.start),
        second.trades,
        second.buy_volume,
        second.sell_volume,
        second.buy_value,
        second.sell_value,
        second.open,
        second.high,
        second.low,
        second.close,
        second.first_trade,
        second.last_trade,
        second.missing,
        second.complete,
        moment(second.received_at),
    )


def status_row(
    instrument_id: int,
    book: OrderBook,
    last: BookEvent,
    messages: int,
    by: tuple[str, str],
    at: float,
    rate: UsdRate = UNKNOWN,
) -> Row:
    """ORDER_BOOK_STATUS: how a book stands; `by` is shard and run id, `last` its latest change of state."""
    counts = book.counts
    features = book.features if last.after is BookState.SYNCED else None
    measured: tuple[float | None, ...] = (None,) * 7
    if features is not None:
        values = _features(features)
        measured = (values[5], values[6], values[7], *values[10:14])
    return (
        instrument_id,
        last.after.value,
        last.cause.value,
        moment(last.at),
        None if book.updated_at is None else moment(book.updated_at),
        *measured,
        messages,
        counts.gaps + counts.connection_gaps,
        counts.resyncs,
        counts.unusable,
        *by,
        moment(at),
        book.levels_requested,
        known(rate.value),
        rate.source,
    )


def clock_row(
    venue: str, by: tuple[str, str], ahead: float, late: float | None, refused: int, at: float
) -> Row:
    """VENUE_CLOCKS; `by`: shard and run id, `late`: the most of depth, `refused`: times that cannot be."""
    shard, run_id = by
    return (shard, venue, ahead, late, refused, run_id, moment(at))


def candle_row(instrument_id: int, candle: CandleValues) -> Row:
    """CANDLES, of a closed one; behind its columns the venue's time, for CANDLE_ARRIVALS."""
    venue_at = None if candle.venue_ms is None else moment(candle.venue_ms / 1e3)
    return (instrument_id, *_candle(candle), STREAM, moment(candle.received_at), venue_at)


def forming_row(instrument_id: int, candle: CandleValues) -> Row:
    """FORMING_CANDLES."""
    return (instrument_id, *_candle(candle), moment(candle.received_at))


def _candle(candle: CandleValues) -> Row:
    return (
        candle.ts,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.quote_volume,
        candle.trades,
        candle.taker_buy_volume,
    )


def _features(features: Features) -> tuple[float | None, ...]:
    """best_bid .. ask_depth_50bps in the order of ORDER_BOOK_SNAPSHOTS."""
    return (
        features.best_bid,
        features.bid_size,
        features.best_ask,
        features.ask_size,
        known(features.mid),
        known(features.spread_bps),
        known(features.weighted_mid),
        known(features.imbalance),
        known(features.bid_slope),
        known(features.ask_slope),
        known(features.bid_depth_near),
        known(features.ask_depth_near),
        known(features.bid_depth_far),
        known(features.ask_depth_far),
    )


def _columns(levels: Levels) -> tuple[list[float], list[float]]:
    return [price for price, _ in levels], [size for _, size in levels]
