"""Order books, trades, whales and liquidity."""

from datetime import UTC, datetime, timedelta

import polars as pl

from alphapulse.book import Book, side
from alphapulse.client.base import Asking, Names
from alphapulse.errors import NotFoundError, ParameterError
from alphapulse.moments import Moment, moment


class Books(Asking):
    """Methods about what rests and trades."""

    def book(self, symbol: str, venue: str | None = None, *, at: Moment | None = None) -> Book:
        """The newest stored state of an order book at a moment, now without one.

        venue: may be left out where only one venue has a book of the symbol.
        at: the book as it was then, never later; a state is known when it is received. Look at `.trusted`
        before relying on it, and at `.age`: the newest state may be old where nobody kept the book.

        `.bids`, `.asks` are frames with price, size and total, best first; see `alphapulse.book.Book`.

        Raises: NotFoundError where no state of the book is stored by then, or the name is not known.

        >>> book = db.book("BTC/USDT", "binance")
        >>> book.bids.columns, book.spread > 0
        (['price', 'size', 'total'], True)
        """
        if not isinstance(symbol, str):
            raise ParameterError("symbol", "a book is of one symbol")
        asked = moment("at", at)
        now = asked or datetime.now(UTC)
        found = self._rows("book", {**self._of(symbol, venue), "at": now})
        if found.is_empty():
            raise NotFoundError(self._no_book(symbol, venue, now))
        if found.height > 1:
            venues = ", ".join(found["venue"])
            raise ParameterError("venue", f"{venues} have books of {symbol}: say which, venue='...'")
        row = found.row(0, named=True)
        return _book(row, now, self._state(row["symbol"], row["venue"], now))

    def trades(
        self,
        symbol: Names,
        *,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Trades added up by the second and by who took liquidity, oldest first.

        Single trades are not kept, but for large ones (`whales(kind="large_trade")`). buy_volume,
        sell_volume: sizes in the venue's unit; delta: the difference; missing: trades that the stream lost,
        complete: whether it lost none. ts: start of the second, by the venue's clock. as_of: seconds that
        had reached us by then.

        >>> db.trades("BTC/USDT", limit=1).select("ts", "delta", "complete").height
        1
        """
        return self._rows(
            "order_flow", self._of(symbol, venue), start=start, end=end, limit=limit, as_of=as_of
        )

    def whales(
        self,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        kind: Names | None = None,
        side: str | None = None,
        min_notional_usd: float | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """What large orders do, oldest first: walls that appear, grow, are eaten or pulled, large trades.

        kind: wall_appeared, wall_grew, wall_shrunk, wall_consumed, wall_pulled, large_trade, iceberg, ...
        side: bid or ask, where the order rests; of a large trade the aggressor's. notional is in quote units,
        notional_usd in USD, distance_bps from mid in basis points; evidence: the figures, as JSON.
        as_of: what was known by then (`known_at`).

        >>> db.whales("BTC/USDT", limit=1).select("kind", "side", "price").height
        1
        """
        filters = {"kind": kind, "side": side, "min_notional_usd": min_notional_usd}
        return self._rows(
            "whales",
            {**self._of(symbol, venue), **filters},
            start=start,
            end=end,
            limit=limit,
            as_of=as_of,
        )

    def zones(
        self,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        side: str | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Liquidity zones: prices at which much rests, every ten seconds; without times those of now.

        side: support (bids below mid) or resistance (asks above). low, high, price: in quote units;
        strength, and since when it rests there. as_of: readings known by then.

        >>> db.zones("BTC/USDT", start="1d").select("ts", "side", "price").width
        3
        """
        now = start is None and end is None and limit is None and as_of is None
        wanted = {**self._of(symbol, venue), "side": side}
        if now:
            return self._rows("liquidity_now", wanted)
        return self._rows("liquidity_zones", wanted, start=start, end=end, limit=limit, as_of=as_of)

    def _state(self, symbol: str, venue: str, at: datetime) -> str:
        """What was known of a book at a moment; `none` where nobody kept it then."""
        wanted = self._of(symbol, venue)
        found = self._rows("book_trust", wanted, end=at + timedelta(microseconds=1), limit=1)
        if found.is_empty() or (found["valid_until"][0] or at + timedelta(1)) <= at:
            return "none"
        return str(found["state"][0])

    def _no_book(self, symbol: str, venue: str | None, at: datetime) -> str:
        where = f" at {venue}" if venue else ""
        return (
            f"no book of {symbol}{where} is stored of the day before {at:%Y-%m-%d %H:%M:%S} UTC: "
            'books are kept of symbols that are streamed; reading("stream_status") tells which'
        )


def _book(row: dict[str, object], at: datetime, state: str) -> Book:
    values: dict[str, object] = {
        name: row[name]
        for name in ("venue", "symbol", "ts", "received_at", "update_id", "mid", "spread_bps", "imbalance")
    }
    return Book(
        **values,  # type: ignore[arg-type]
        at=at,
        bids=side(row["bid_prices"], row["bid_sizes"]),  # type: ignore[arg-type]
        asks=side(row["ask_prices"], row["ask_sizes"]),  # type: ignore[arg-type]
        trusted=bool(row["trusted"]) and state == "synced",
        state=state,
    )
