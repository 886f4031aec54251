"""The API on a real socket, over a database with rows in every table."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import psycopg
import requests
import schema_rows
import uvicorn
from candle_frames import candles, register, write
from fastapi import FastAPI
from psycopg.rows import dict_row

from alphapulse_resources.database.client import Database

SYMBOLS: Final = ("BTC/USDT", "ETH/USDT")
"""At binance, with candles of two days."""
DAY: Final = datetime(2026, 11, 1, tzinfo=UTC)


def fill(dsn: str) -> None:
    """Rows for every table but the few whose rules made-up values break; and two days of minutes."""
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        for each in schema_rows.relations(connection):
            # built bars are of stored ones: made-up ones would stand beside what they are built of
            if each["kind"] == "r" and each["name"] not in ("api_keys", "ohlcv_built"):
                with suppress(psycopg.DatabaseError):
                    schema_rows.fill_table(cursor, each)
    database = Database(dsn)
    try:
        # numbers of alerts are of one sequence
        database.execute("UPDATE market_alerts SET alert_id = alert_id + 1000")
        for number, symbol in enumerate(SYMBOLS):
            (instrument,) = register(database, [symbol])
            write(database, instrument, candles(DAY, 2 * 1440, seed=number))
        database.refresh_timeframes(window=(DAY, DAY + timedelta(days=2)))
    finally:
        database.close()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a port of its own; its address."""
    with closing(socket.socket()) as place:
        place.bind(("127.0.0.1", 0))
        place.listen(64)
        config = uvicorn.Config(
            app, log_level="warning", proxy_headers=False, ws="websockets-sansio", lifespan="on"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


class Api:
    """Asks an API, as a program on this machine does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str, headers: dict[str, str] | None = None, **parameters: Any) -> requests.Response:
        """The response to a question."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.session.get(f"{self.url}/api/v1/{path}{query}", headers=headers, timeout=60)

    def told(self, path: str, **parameters: Any) -> Any:
        """The JSON of a good answer."""
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content)

    def problem(self, status: int, path: str, **parameters: Any) -> Any:
        """The problem of a refused question."""
        answer = self.get(path, **parameters)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.json()
