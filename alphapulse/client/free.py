"""What no method is made for: a statement of one's own, every reading by name, every relation in words."""

from typing import Any

import polars as pl

from alphapulse.backends.backend import Description
from alphapulse.client.base import Asking, Names, one_name
from alphapulse.errors import ParameterError
from alphapulse.moments import Moment
from alphapulse.readings.catalogue import BY_NAME


class Free(Asking):
    """Methods that reach everything."""

    def sql(self, text: str, /, **values: Any) -> pl.DataFrame:
        """The rows of a SELECT as a frame.

        values: named parameters, `:symbol` or `%(symbol)s` in the text; they are quoted as values and never
        read as SQL. Lists go with `= ANY(:symbols)`. numeric comes as Float64, JSON as text; an interval or a
        range needs a cast. The session only reads and has a time limit. Over an API there is no SQL.

        Raises: QueryError for what the database refuses, ParameterError for a value too few or too many.

        >>> db.sql("SELECT max(high) AS top FROM ohlcv WHERE symbol = :symbol", symbol="BTC/USDT").columns
        ['top']
        """
        return self._backend.query(text, values)

    def describe(self, relation: str) -> Description:
        """A table or view in words: `.meaning`, and `.columns` with name, type and meaning of each.

        Raises: NotFoundError, which names what is near.

        >>> db.describe("ohlcv").columns.columns
        ['column', 'type', 'meaning']
        """
        return self._backend.describe(relation)

    def relations(self) -> pl.DataFrame:
        """Every table and view that `sql` may read, with its meaning.

        >>> db.relations().columns
        ['relation', 'meaning']
        """
        return self._backend.relations()

    def reading(
        self,
        name: str,
        *,
        symbol: Names | None = None,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
        **filters: Any,
    ) -> pl.DataFrame:
        """The rows of any reading of the catalogue, the API's endpoints among them, by its name.

        filters: the reading's own parameters; `readings()` lists them.

        >>> db.reading("market_regime", timeframe="4h", limit=1).columns[:2]
        ['timeframe', 'ts']
        """
        known = one_name("reading", name, sorted(BY_NAME))
        reading = BY_NAME[known]
        given = {**self._of(symbol, venue), **filters}
        for each in given:
            if reading.filter_named(each) is None:
                has = ", ".join(rule.name for rule in reading.filters) or "none"
                raise ParameterError(each, f"{known} has no parameter {each!r}; it has {has}")
        return self._rows(known, given, start=start, end=end, limit=limit, as_of=as_of)

    def readings(self) -> pl.DataFrame:
        """Every reading: name, what it tells, path of the API, relation, parameters, whether it takes as_of.

        >>> "candles" in db.readings()["name"].to_list()
        True
        """
        return pl.DataFrame(
            [
                {
                    "name": each.name,
                    "summary": each.summary,
                    "path": f"/api/v1/{each.path}",
                    "relation": each.relation,
                    "parameters": [rule.name for rule in each.filters],
                    "as_of": each.honours_as_of,
                }
                for each in BY_NAME.values()
            ]
        )
