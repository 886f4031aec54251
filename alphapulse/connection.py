"""`connect`, and the connection that the module's own functions share."""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl

from alphapulse.backends.backend import Backend, Description
from alphapulse.client.client import Client
from alphapulse.readings.asking import Asked
from alphapulse.readings.reading import Reading


def connect(where: str | Path | None = None, *, token: str | None = None) -> Client:
    """A client that only reads.

    where: nothing for the home that runs here (ALPHAPULSE_DSN or ALPHAPULSE_HOME, else `.alphapulse`, and its
        demo where nothing else runs, of which DemoDataWarning tells); the folder of another home;
        `postgresql://user:password@host:5432/database`; or an API's address, `http://127.0.0.1:3160`.
    token: of an API that wants one, from `alphapulse api keys add`.

    A home is read as its analyst, who may not change anything. A database given by hand is read in sessions
    that are read-only and limited in time, whatever the role may do.

    Raises: ConnectError where nothing answers, AccessError where we are not let in, ParameterError.

    >>> import alphapulse as ap
    >>> with ap.connect() as db:
    ...     px = db.candles("BTC/USDT", "1h", venue="binance", start="7d")
    """
    from alphapulse.connecting import backend_of

    return Client(backend_of(where, token))


class _First:
    """The default home, found when it is first asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: Backend | None = None

    @property
    def _backend(self) -> Backend:
        from alphapulse.connecting import backend_of

        with self._lock:
            if self._found is None:
                self._found = backend_of(None, None)
            return self._found

    @property
    def where(self) -> str:
        return self._backend.where

    @property
    def live(self) -> tuple[str | None, str | None]:
        return self._backend.live

    def ask(self, reading: Reading, asked: Asked) -> pl.DataFrame:
        return self._backend.ask(reading, asked)

    def instruments(self) -> list[tuple[str, str]]:
        return self._backend.instruments()

    def query(self, text: str, values: Mapping[str, Any]) -> pl.DataFrame:
        return self._backend.query(text, values)

    def describe(self, relation: str) -> Description:
        return self._backend.describe(relation)

    def relations(self) -> pl.DataFrame:
        return self._backend.relations()

    def close(self) -> None:
        with self._lock:
            found, self._found = self._found, None
        if found is not None:
            found.close()


default = Client(_First())
"""What the module's functions ask: the home that runs here."""

book = default.book
calibration = default.calibration
candles = default.candles
chart = default.chart
chart_patterns = default.chart_patterns
describe = default.describe
draw = default.draw
evidence = default.evidence
features = default.features
flags = default.flags
freshness = default.freshness
funding = default.funding
gaps = default.gaps
indicators = default.indicators
liquidations = default.liquidations
metrics = default.metrics
models = default.models
news = default.news
open_interest = default.open_interest
options = default.options
outcomes = default.outcomes
patterns = default.patterns
performance = default.performance
probabilities = default.probabilities
quality = default.quality
reading = default.reading
readings = default.readings
regimes = default.regimes
relations = default.relations
sentiment = default.sentiment
signal_equity = default.signal_equity
signal_grades = default.signal_grades
signal_outcomes = default.signal_outcomes
signal_performance = default.signal_performance
signal_risk = default.signal_risk
signals = default.signals
similar = default.similar
sql = default.sql
stream = default.stream
symbols = default.symbols
trades = default.trades
whales = default.whales
zones = default.zones
