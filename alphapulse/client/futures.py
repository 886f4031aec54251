"""Futures and options: open interest, funding, liquidations, and what options say."""

import polars as pl

from alphapulse.client.base import Asking, Names
from alphapulse.moments import Moment


class Futures(Asking):
    """Methods about contracts. Their symbols end with what they settle in: `BTC/USDT:USDT`."""

    def open_interest(
        self,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Contracts open at instants, oldest first.

        contracts: one side counted, as the venue counts; base_amount, quote_value: worth that in base and
        quote units, null where it cannot be converted (`not_converted` says why).
        start, end: of `ts`, the venue's instant. as_of: readings that we had by then (`known_at`).

        >>> db.open_interest("BTC/USDT:USDT", start="2d").select("venue", "ts", "quote_value").height > 0
        True
        """
        return self._rows(
            "open_interest", self._of(symbol, venue), start=start, end=end, limit=limit, as_of=as_of
        )

    def funding(
        self,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Funding that was settled, oldest first.

        rate: a share of the position (0.0001 is 0.01 %), paid by longs where it is above 0; rate_annualised:
        the same by the year. ts: the settlement. as_of: settlements that could be known by then.

        >>> db.funding("BTC/USDT:USDT", start="2d").select("ts", "rate", "interval_hours").width
        3
        """
        return self._rows(
            "funding_rates", self._of(symbol, venue), start=start, end=end, limit=limit, as_of=as_of
        )

    def liquidations(
        self,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        position_side: str | None = None,
        min_notional_usd: float | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Positions closed by force, oldest first.

        position_side: long or short. notional, notional_usd: what it was worth in quote units and in USD.
        stream_is_complete: whether the venue tells all of them; where not, sums are lower bounds. Stretches
        in which nobody listened have no rows: reading("liquidation_coverage") tells them.
        as_of: those that had reached us by then.

        >>> db.liquidations("BTC/USDT:USDT", position_side="long", start="2d").width > 10
        True
        """
        filters = {"position_side": position_side, "min_notional_usd": min_notional_usd}
        return self._rows(
            "liquidations",
            {**self._of(symbol, venue), **filters},
            start=start,
            end=end,
            limit=limit,
            as_of=as_of,
        )

    def options(
        self,
        currency: Names | None = None,
        *,
        chain: bool = False,
        provider: Names | None = None,
        expiry: Moment | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """What options say: a summary of all expiries (expiry null) and of each, or every quote.

        currency: BTC or ETH. chain: quotes of every option instead, with volatility, greeks, open interest.
        Volatilities are in per cent a year, open interest in coins. ts: the quarter of an hour it is of;
        as_of: what was known by then.

        >>> db.options("BTC", limit=1).select("currency", "ts").height
        1
        """
        from alphapulse.moments import moment

        filters = {"currency": currency, "provider": provider, "expiry": moment("expiry", expiry)}
        name = "options_chain" if chain else "options_summary"
        return self._rows(name, filters, start=start, end=end, limit=limit, as_of=as_of)
