"""The client of a provider: JSON over HTTP through the gateway, with a key where there is one."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import requests
from pydantic import SecretStr

from alphapulse_resources.http import make_session
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
        question = Request(
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
        return self._gateway.ask(question, lambda seen: self._send(question, parameters, read, seen))

    def _send(
        self,
        question: Request,
        parameters: Mapping[str, str | int],
        read: Callable[[Any], T],
        seen: Seen,
    ) -> T:
        session: requests.Session = self._local.__dict__.setdefault("session", make_session(self._settings))
        response = session.get(
            f"https://{question.host}{question.path}",
            params=dict(parameters),
            headers=self._headers(),
            timeout=self._settings.venues.http_timeout_seconds,
        )
        seen.status, seen.headers = response.status_code, response.headers
        seen.body = self._without_key(response.text[: 2000 if response.status_code >= 400 else 200])
        response.raise_for_status()
        body = response.json()
        try:
            return read(body)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            what = f"{type(error).__name__}: {error}"[:200]
            raise VenueError(ErrorKind.BAD_BODY, f"the body is not as documented ({what})") from error

    def _headers(self) -> dict[str, str]:
        if self._key is None or self.provider.key_header is None:
            return {}
        return {self.provider.key_header: self._key.get_secret_value()}

    def _without_key(self, text: str) -> str:
        return text if self._key is None else text.replace(self._key.get_secret_value(), "***")
