"""Asking an API: pages of Arrow over HTTP, however many."""

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import polars as pl

from alphapulse.backends.backend import Description
from alphapulse.errors import (
    AccessError,
    AlphaPulseError,
    AnswerError,
    ConnectError,
    NotFoundError,
    ParameterError,
    QueryError,
)
from alphapulse.frames import plain
from alphapulse.readings.asking import Asked
from alphapulse.readings.catalogue import BY_NAME
from alphapulse.readings.reading import MOST_ROWS, Reading

ARROW: Final = "application/vnd.apache.arrow.stream"
SECONDS: Final = 90.0
"""How long an answer may take (ours): a statement of the API's has less."""
CONNECT_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 60.0
"""How long one that is busy (429, 503) is asked again, when it says to (ours)."""
LONGEST_WAIT: Final = 20.0
"""Longest single wait, whatever Retry-After says (ours)."""
_FIRST_WAIT: Final = 0.5
NOTE_SECONDS: Final = 5.0
"""After how long, and how often, the number of rows so far is told on standard error (ours)."""
_AGAIN: Final = (429, 503)


class ApiBackend:
    """An API by its address. A token goes in a header and is never shown."""

    def __init__(self, address: str, token: str | None, transport: httpx.BaseTransport | None = None) -> None:
        parts = urlsplit(address)
        if not parts.hostname:
            raise ParameterError("where", f"{address!r} is no address such as http://127.0.0.1:3160")
        if parts.username or parts.password or parts.query:
            raise ParameterError("where", "an address has no user, password or query in it: pass token=...")
        self._base = address.rstrip("/").removesuffix("/api/v1")
        self._token = token
        self._client = httpx.Client(
            base_url=f"{self._base}/api/v1/",
            headers={} if token is None else {"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
            trust_env=transport is None,
        )

    @property
    def where(self) -> str:
        """Its address."""
        return f"API at {self._base}"

    @property
    def live(self) -> tuple[str | None, str | None]:
        """Its own WebSocket."""
        return f"ws{self._base.removeprefix('http')}/ws", self._token

    def ask(self, reading: Reading, asked: Asked) -> pl.DataFrame:
        """The rows of a reading, page after page until there is no next one."""
        query = {**_written(asked), "limit": str(min(asked.limit or MOST_ROWS, MOST_ROWS))}
        pages: list[pl.DataFrame] = []
        rows, progress = 0, _Progress(reading.name)
        while True:
            response = self._get(reading.path, query, ARROW)
            page = _frame(response)
            pages.append(page)
            rows += page.height
            after = response.headers.get("x-next-cursor")
            if after is None or page.is_empty() or (asked.limit is not None and rows >= asked.limit):
                break
            left = MOST_ROWS if asked.limit is None else min(MOST_ROWS, asked.limit - rows)
            query |= {"cursor": after, "limit": str(left)}
            progress.tell(rows)
        return pages[0] if len(pages) == 1 else pl.concat(pages)

    def instruments(self) -> list[tuple[str, str]]:
        """Venue and symbol of every instrument."""
        frame = self.ask(BY_NAME["symbols"], Asked(fields=["venue", "symbol"]))
        return list(frame.select("venue", "symbol").iter_rows())

    def query(self, text: str, values: Mapping[str, Any]) -> pl.DataFrame:
        """An API takes no SQL."""
        raise QueryError(
            "an API answers readings, not SQL: readings() lists them, reading(name, ...) asks one; for SQL "
            "connect to the database, connect('postgresql://...')"
        )

    def describe(self, relation: str) -> Description:
        """An API describes its readings, not relations."""
        raise QueryError(
            f"an API does not describe relations such as {relation!r}: {self._base}/docs describes its "
            "answers; or connect to the database, connect('postgresql://...')"
        )

    def relations(self) -> pl.DataFrame:
        """An API does not list relations."""
        raise QueryError("an API does not list relations: readings() lists what it answers")

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def _get(self, path: str, query: Mapping[str, str], accept: str) -> httpx.Response:
        """One answer, asked again while it is busy. Raises: AlphaPulseError of any kind."""
        until, wait = time.monotonic() + PATIENCE_SECONDS, _FIRST_WAIT
        while True:
            try:
                response = self._client.get(path, params=query, headers={"Accept": accept})
            except httpx.TimeoutException as error:
                raise ConnectError(f"{self.where} did not answer in time: ask for less, or later") from error
            except httpx.HTTPError as error:
                raise ConnectError(
                    f"{self.where} cannot be reached ({error}): is it up (`alphapulse api`), and is the "
                    "address right?"
                ) from error
            if response.is_success:
                return response
            pause = _pause(response, wait)
            if response.status_code not in _AGAIN or time.monotonic() + pause > until:
                raise self._refusal(response)
            time.sleep(pause)
            wait = min(2 * wait, LONGEST_WAIT)

    def _refusal(self, response: httpx.Response) -> AlphaPulseError:
        told, parameter = _problem(response)
        match response.status_code:
            case 401 | 403:
                return AccessError(f"{told}: pass token='...', made by `alphapulse api keys add`")
            case 404:
                return NotFoundError(f"{self.where}: {told}")
            case 422 | 400 if parameter:
                return ParameterError(parameter, told)
            case 429 | 503:
                return ConnectError(f"{self.where} is busy: {told}")
            case 504:
                return QueryError(told)
        return AnswerError(f"{self.where} answered {response.status_code}: {told}")


class _Progress:
    """Tells how far long work has come."""

    def __init__(self, name: str) -> None:
        self._name, self._told = name, time.monotonic()

    def tell(self, rows: int) -> None:
        if time.monotonic() - self._told >= NOTE_SECONDS:
            self._told = time.monotonic()
            print(f"alphapulse: {rows:,} rows of {self._name} so far", file=sys.stderr)


def _written(asked: Asked) -> dict[str, str]:
    """A question as a query string."""
    query = {name: _text(value) for name, value in asked.filters.items()}
    for name in ("start", "end", "as_of"):
        if (moment := getattr(asked, name)) is not None:
            query[name] = _text(moment)
    if asked.fields is not None:
        query["fields"] = ",".join(asked.fields)
    return query


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(_text, value))
    return str(value)


def _frame(response: httpx.Response) -> pl.DataFrame:
    if not response.headers.get("content-type", "").startswith(ARROW):
        raise AnswerError(
            f"{response.url.host} answered {response.headers.get('content-type') or 'nothing'}, not "
            "Arrow: is this the address of an AlphaPulse API, and is nothing between that changes answers?"
        )
    try:
        return plain(pl.read_ipc_stream(BytesIO(response.content)))
    except pl.exceptions.PolarsError as error:
        raise AnswerError(f"the answer of {response.url.host} was cut short: ask again") from error


def _pause(response: httpx.Response, otherwise: float) -> float:
    """Seconds to wait, as Retry-After says."""
    try:
        return max(0.0, min(float(response.headers["retry-after"]), LONGEST_WAIT))
    except (KeyError, ValueError):
        return otherwise


def _problem(response: httpx.Response) -> tuple[str, str | None]:
    """What a problem says, and which parameter it names."""
    try:
        body = json.loads(response.content)
        return str(body["detail"]), body.get("parameter")
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase or "no reason", None
