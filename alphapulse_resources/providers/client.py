"""The client of a provider: HTTP through the gateway, with a key where there is one.

`get` is for JSON; `get_body` for what is something else (feeds), or may be, and for answers that are not to
be sent again while nothing has changed.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import requests
from pydantic import SecretStr

from alphapulse_resources.http import make_session
from alphapulse_resources.providers.bodies import MOST_BYTES, Body, Unless, read_limited
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.provider import Provider
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway, Request, Response, Seen
from alphapulse_resources.venues.model import ErrorKind, VenueError

T = TypeVar("T")

SOURCE = "rest"
"""Name of the way by which providers are asked here, in pages and in the request log."""


class ProviderClient:
    """Asks one provider. Safe to use from several threads; processes share what the gateway's limiter shares.

    `key` goes into a header, and is taken out of whatever the provider repeats of it: bodies of errors are
    logged and stored.
    """

    def __init__(
        self, provider: Provider, settings: Settings, gateway: Gateway, key: SecretStr | None = None
    ) -> None:
        if key is not None and provider.key_header is None:
            raise ValueError(f"{provider.name} takes no key: leave it out")
        self.provider = provider
        self._settings = settings
        self._gateway = gateway
        self._key = key
        self._local = threading.local()

    def get(
        self,
        path: str,
        parameters: Mapping[str, str | int],
        series: Series,
        window: tuple[datetime, datetime],
        read: Callable[[Any], T],
        *,
        weight: float = 1.0,
    ) -> Response[T]:
        """Ask for `window` of a series; `read` makes of the parsed body what is wanted of it.

        Raises `VenueError`, also where the body is not JSON or `read` finds something else in it than it has
        to hold (it may raise what reading a wrong body raises: KeyError, TypeError, ValueError).
        """
        question = self._question(path, series, window, weight)
        return self._gateway.ask(question, lambda seen: self._send(question, parameters, read, seen))

    def get_body(
        self,
        path: str,
        parameters: Mapping[str, str | int],
        series: Series,
        window: tuple[datetime, datetime],
        read: Callable[[Body], T],
        *,
        accept: str,
        unless: Unless | None = None,
        most_bytes: int = MOST_BYTES,
        weight: float = 1.0,
    ) -> Response[T | None]:
        """The same for any body of at most `most_bytes`; None where nothing has changed (304, `unless`).

        `read` gets the bytes and may raise what reading a wrong body raises, or a `VenueError` of its own.
        """
        question = self._question(path, series, window, weight)
        headers = {"Accept": accept, **(unless.headers if unless else {})}

        def send(seen: Seen) -> T | None:
            limit = self._settings.venues.http_timeout_seconds
            with self._ask(question, parameters, headers, stream=True) as response:
                seen.status, seen.headers = response.status_code, response.headers
                content = read_limited(response, limit, most_bytes)
                seen.body = self._beginning(content[:8000].decode("utf-8", "replace"), response.status_code)
                response.raise_for_status()
                if response.status_code == requests.codes.not_modified:
                    return None
                return _read(read, Body.of(content, response.headers))

        return self._gateway.ask(question, send)

    def _question(
        self, path: str, series: Series, window: tuple[datetime, datetime], weight: float
    ) -> Request:
        return Request(
            source=SOURCE,
            provider=self.provider.name,
            subject=str(series),
            host=self.provider.host,
            path=path,
            start=window[0],
            end=window[1],
            buckets=tuple(self.provider.budgets),
            weight=weight,
        )

    def _send(
        self,
        question: Request,
        parameters: Mapping[str, str | int],
        read: Callable[[Any], T],
        seen: Seen,
    ) -> T:
        response = self._ask(question, parameters, {})
        seen.status, seen.headers = response.status_code, response.headers
        seen.body = self._beginning(response.text, response.status_code)
        response.raise_for_status()
        return _read(read, response.json())

    def _ask(
        self,
        question: Request,
        parameters: Mapping[str, str | int],
        headers: Mapping[str, str],
        *,
        stream: bool = False,
    ) -> requests.Response:
        """The answer; a request with a key goes where it was sent, and to nobody whom that names instead."""
        session: requests.Session = self._local.__dict__.setdefault("session", make_session(self._settings))
        response = session.get(
            f"https://{question.host}{question.path}",
            params=dict(parameters),
            headers={**headers, **self._headers()},
            timeout=self._settings.venues.http_timeout_seconds,
            stream=stream,
            allow_redirects=self._key is None,
        )
        if self._key is not None and response.is_redirect:
            response.close()
            raise VenueError(ErrorKind.BAD_BODY, "it sends on to another address, where no key is sent")
        return response

    def _beginning(self, text: str, status: int) -> str:
        """What is kept of a body for messages: more where it is about an error."""
        return self._without_key(text[: 2000 if status >= 400 else 200])

    def _headers(self) -> dict[str, str]:
        if self._key is None or self.provider.key_header is None:
            return {}
        return {self.provider.key_header: self._key.get_secret_value()}

    def _without_key(self, text: str) -> str:
        return text if self._key is None else text.replace(self._key.get_secret_value(), "***")


def _read(read: Callable[[Any], T], body: Any) -> T:
    try:
        return read(body)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"[:200]
        raise VenueError(ErrorKind.BAD_BODY, f"the body is not as documented ({what})") from error
