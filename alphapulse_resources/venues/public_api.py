"""What venues tell beside candles: JSON over HTTP through the gateway, on the budgets of the venue itself.

Funding and open interest are asked of the same host as candles and share its budget, its breaker and its
request log: a venue that refuses this address refuses all of it, and is left alone.
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import requests

from alphapulse_resources.http import make_session
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.futures_api import Question
from alphapulse_resources.venues.gateway import Gateway, Request, Response, Seen
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.registry import find_venue
from alphapulse_resources.venues.venue import Venue

T = TypeVar("T")

SOURCE: Final = "rest"
"""Name of this way in the request log."""
_KEPT: Final = 500
_BODY: Final = 2000


class RefusedError(Exception):
    """A venue's refusal that came with HTTP 200; what it means is in the venue's own rules, by its code."""


class VenueApi:
    """Asks one venue. Safe to use from several threads: sessions and their connections are handed around."""

    def __init__(self, venue: Venue, settings: Settings, gateway: Gateway) -> None:
        self.venue = venue
        self._settings = settings
        self._gateway = gateway
        self._idle: deque[requests.Session] = deque(maxlen=_KEPT)

    def ask(self, question: Question[T], window: tuple[datetime, datetime]) -> Response[T]:
        """Ask one of the venue's questions; `window` is what the request log says it was about.

        Raises `VenueError`.
        """
        return self.get(
            question.path,
            question.parameters,
            subject=f"{self.venue.name} {question.about}",
            window=window,
            read=question.read,
            weight=question.weight,
            buckets=question.buckets,
        )

    def get(
        self,
        path: str,
        parameters: Mapping[str, str | int],
        *,
        subject: str,
        window: tuple[datetime, datetime],
        read: Callable[[Any], T],
        weight: float = 1.0,
        buckets: tuple[str, ...] = (),
    ) -> Response[T]:
        """Ask for a path of the venue's host; `read` makes of the parsed body what is wanted of it.

        `buckets` are the budgets it is paid from, the venue's own for REST unless others are named.

        Raises `VenueError`, also where the body is not JSON or `read` finds something else in it than it has
        to hold (it may raise what reading a wrong body raises: KeyError, TypeError, ValueError).
        """
        rest = self.venue.rest
        question = Request(
            source=SOURCE,
            provider=self.venue.name,
            subject=subject,
            host=rest.host,
            path=path,
            start=window[0],
            end=window[1],
            buckets=buckets or (rest.buckets[SOURCE],),
            weight=weight,
        )
        return self._gateway.ask(question, lambda seen: self._send(question, parameters, read, seen))

    def _send(
        self, question: Request, parameters: Mapping[str, str | int], read: Callable[[Any], T], seen: Seen
    ) -> T:
        try:
            session = self._idle.pop()
        except IndexError:
            session = make_session(self._settings)
        try:
            response = session.get(
                f"https://{question.host}{question.path}",
                params=dict(parameters),
                timeout=self._settings.venues.http_timeout_seconds,
            )
        finally:
            self._idle.append(session)
        seen.status, seen.headers = response.status_code, response.headers
        seen.body = response.text[: _BODY if response.status_code >= 400 else 200]
        response.raise_for_status()
        body = response.json()
        if _is_refusal(body):
            seen.body = response.text[:_BODY]  # its code is looked up there
            raise RefusedError(str(body.get("retMsg") or body.get("msg") or "refused")[:200])
        try:
            return read(body)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            what = f"{type(error).__name__}: {error}"[:200]
            raise VenueError(ErrorKind.BAD_BODY, f"the body is not as documented ({what})") from error


def _is_refusal(body: Any) -> bool:
    """Whether a body of HTTP 200 says no: Bybit's `retCode`, the `code` beside a `msg` of Binance and OKX."""
    if not isinstance(body, dict):
        return False
    return body.get("retCode", 0) != 0 or ("code" in body and "msg" in body and str(body["code"]) != "0")


_APIS: Final[WeakKeyDictionary[Gateway, dict[str, VenueApi]]] = WeakKeyDictionary()


def venue_api(venue: str, settings: Settings, gateway: Gateway) -> VenueApi:
    """The client of a venue: one for each gateway, so that connections outlive a round of a collector.

    Raises `ValueError` for a venue that is not asked over REST.
    """
    known = _APIS.setdefault(gateway, {})
    if venue not in known:
        known.setdefault(venue, VenueApi(find_venue(venue), settings, gateway))
    return known[venue]
