"""What there is, how good and how fresh it is, and what is missing."""

import polars as pl

from alphapulse.client.base import Asking, Names
from alphapulse.moments import Moment
from alphapulse.structs import VERIFICATIONS, decoded


class Trust(Asking):
    """Methods about the data themselves."""

    def symbols(
        self, symbol: Names | None = None, *, venue: Names | None = None, tracked: bool | None = None
    ) -> pl.DataFrame:
        """Instruments by venue and symbol: kind, base, quote, whether it is tracked and trades.

        tracked: only those whose data are collected (True), or the others (False).

        >>> db.symbols(venue="binance", tracked=True)["symbol"].to_list()[:1]
        ['BTC/USDT']
        """
        return self._rows("symbols", {**self._of(symbol, venue), "tracked": tracked})

    def gaps(
        self,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        state: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Every stretch of minutes that is or was missing, and what became of it.

        state: detected, repaired, or verified: the venue never had it (`reason` says why).
        gap_start, gap_end: [start, end) of the stretch; verifications: who was asked for it, and when.
        as_of: gaps that had been found by then, in the state that they had.

        >>> db.gaps("BTC/USDT").select("gap_start", "minutes", "state").width
        3
        """
        frame = self._rows(
            "gaps",
            {**self._of(symbol, venue), "state": state},
            start=start,
            end=end,
            limit=limit,
            as_of=as_of,
        )
        return decoded(frame, "verifications", VERIFICATIONS)

    def quality(
        self,
        symbol: Names | None = None,
        *,
        venue: Names | None = None,
        min_score: float | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """How good the minutes of each symbol and UTC day are, 0 to 100, and of what the score is made.

        Parts (completeness, validity, consistency, timeliness, agreement) are null where they cannot be
        known. as_of: scores that were known by then.

        >>> db.quality("BTC/USDT", start="30d").select("day", "score").width
        2
        """
        return self._rows(
            "quality",
            {**self._of(symbol, venue), "min_score": min_score},
            start=start,
            end=end,
            limit=limit,
            as_of=as_of,
        )

    def freshness(self, symbol: Names | None = None, *, venue: Names | None = None) -> pl.DataFrame:
        """The newest minute of every tracked symbol, and its age in seconds, counted from its close.

        >>> db.freshness().columns[:3]
        ['venue', 'symbol', 'newest']
        """
        return self._rows("freshness", self._of(symbol, venue))
