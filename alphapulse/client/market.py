"""The market as a whole, and what is said of it."""

import polars as pl

from alphapulse.client.base import Asking, Names, _several
from alphapulse.moments import Moment


class Market(Asking):
    """Methods about the whole market, news and sentiment."""

    def metrics(
        self,
        *,
        provider: Names | None = None,
        min_confidence: float | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Capitalisation, volume and dominance of the whole market by provider, oldest first.

        Money is in USD, dominance in per cent, `confidence` 0 to 1 with what it rests on beside it. ts: what
        the provider says its figures are of; as_of: what we had by then (`known_at`).

        >>> db.metrics(limit=2).select("provider", "ts", "btc_dominance").height
        2
        """
        filters = {"provider": provider, "min_confidence": min_confidence}
        return self._rows("market_metrics", filters, start=start, end=end, limit=limit, as_of=as_of)

    def news(
        self,
        coin: Names | None = None,
        *,
        source: Names | None = None,
        language: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """News with the coins that they tell of and the score that counts, oldest first.

        coin: base currency, `"BTC"`. ts: publication, or when we saw it if that was earlier; as_of: what we
        had by then (`known_at`). score: -1 (bad) to 1 (good), null where no model scored it.

        >>> db.news("BTC", limit=1)["title"].null_count()
        0
        """
        filters = {"coin": coin, "source": source, "language": language}
        return self._rows("news", filters, start=start, end=end, limit=limit, as_of=as_of)

    def sentiment(
        self,
        coin: Names | None = None,
        *,
        hours: int = 24,
        model: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """What all texts of a stretch said of a coin, or of the market (`"market"`), oldest first.

        coin: base currency; a symbol such as `"BTC/USDT"` means its base. hours: 1 or 24, the length of the
        stretch that ends an hour after `ts`, which is when the row was known (`known_at`). model: without it
        the one that is served. score: -1 to 1, null where nothing was said, never 0. as_of: rows known then.

        >>> db.sentiment("BTC", limit=1).select("ts", "score", "stories").height
        1
        """
        coins = _several("coin", coin)
        filters = {
            "coin": None if coins is None else [each.split("/")[0] for each in coins],
            "hours": hours,
            "model": model,
            "is_main": True if model is None else None,
        }
        return self._rows("sentiment", filters, start=start, end=end, limit=limit, as_of=as_of)
