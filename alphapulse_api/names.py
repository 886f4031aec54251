"""The instruments of the database, kept for some seconds."""

import threading
import time
from dataclasses import replace
from typing import Any, Final

from alphapulse.readings.asking import Asked
from alphapulse.readings.naming import Instruments
from alphapulse.readings.reading import Reading, RefusedError
from alphapulse_resources.database.client import Database, statement

SECONDS: Final = 30.0
"""How long a list of instruments is good for; a name that is not on it is looked for anew (ours)."""
AGAIN_SECONDS: Final = 1.0
"""How often wrong names make us look at most (ours)."""


class Names:
    """Names of symbols and venues, checked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._at = 0.0
        self._known = Instruments([])

    def known(self, *, within: float = SECONDS) -> Instruments:
        """The instruments, as they were at most so many seconds ago. Raises: psycopg.Error."""
        with self._lock:
            if not self._at or time.monotonic() - self._at > within:
                rows = self._database.rows(statement("instruments/known_names"))
                self._known = Instruments(
                    [(row["instrument_id"], row["venue"], row["symbol"]) for row in rows if row["symbol"]],
                    frozenset(row["venue"] for row in rows),
                )
                self._at = time.monotonic()
            return self._known

    def resolved(self, reading: Reading, asked: Asked, columns: Any) -> Asked:
        """The question with its names checked, and with instruments where its rows have them.

        Raises: RefusedError, naming the parameter.
        """
        names = {name for name in ("symbol", "venue") if asked.filters.get(name)}
        if not names or not all(_is_of_instruments(reading, name) for name in names):
            return asked
        try:
            return self._resolved(reading, asked, columns, self.known())
        except RefusedError:
            return self._resolved(reading, asked, columns, self.known(within=AGAIN_SECONDS))

    def _resolved(self, reading: Reading, asked: Asked, columns: Any, known: Instruments) -> Asked:
        filters = dict(asked.filters)
        symbols, venues = filters.get("symbol"), filters.get("venue")
        if symbols:
            symbols = filters["symbol"] = [known.symbol(each) for each in symbols]
        if venues:
            venues = filters["venue"] = [known.venue(each) for each in venues]
        if not symbols or "instrument_id" not in columns:
            return replace(asked, filters=filters)
        ids = known.ids(symbols, venues)
        if not ids:
            where = ", ".join(venues or ())
            raise RefusedError("symbol", f"{', '.join(symbols)} does not trade at {where}")
        return replace(asked, filters=filters, instruments=ids)


def _is_of_instruments(reading: Reading, name: str) -> bool:
    rule = reading.filter_named(name)
    return rule is not None and rule.of in ("symbol", "venue")
