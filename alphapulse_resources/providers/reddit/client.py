"""Asking Reddit through praw, which neither waits nor tries again: the gateway does that.

Left alone, praw sleeps for minutes when a quota is used up, asks three times what is down, and raises a bare
`KeyError: 401` for a token that is refused for good (measured with praw 8.0.3). Its requestor is ours: it
raises for every error before praw sees the answer, and keeps the quota's headers to itself.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import SecretStr

from alphapulse_resources.providers.library import WatchedSession, reading
from alphapulse_resources.providers.reddit import NAME, REDDIT, TOKENS
from alphapulse_resources.providers.reddit.reading import KIND, read_fate, read_listing
from alphapulse_resources.providers.social_model import Fate, Posts
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import ErrorKind, Fetch, VenueError

if TYPE_CHECKING:
    from praw import Reddit

T = TypeVar("T")

PAGE: Final = 100
"""Most posts of one answer (documented)."""
MARGIN_SECONDS: Final = 60.0
"""How long before its end a token is not used any more (ours)."""


class RedditClient:
    """Reddit's answers, and in `fetches` what it took to get them. One thread at a time."""

    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        self.fetches: list[Fetch] = []
        self._gateway = gateway
        self._app = _app_of(settings)

    def newest(self, subreddit: str, now: datetime, after: str | None = None) -> Posts:
        """The newest posts of a subreddit, or those behind the cursor of the answer before."""
        parameters = {"limit": PAGE} | ({"after": after} if after else {})
        return self._ask(f"r/{subreddit}/new", parameters, f"r/{subreddit}", now, read_listing)

    def fate(self, post_ids: Sequence[str], now: datetime) -> Fate:
        """What became of at most `PAGE` posts."""
        names = ",".join(f"{KIND}_{each}" for each in post_ids)
        return self._ask("api/info", {"id": names}, "posts", now, lambda body: read_fate(body, post_ids))

    def _ask(
        self, path: str, parameters: dict[str, Any], about: str, now: datetime, read: Callable[[Any], T]
    ) -> T:
        with self._app.lock:
            fresh = self._token(now)
            try:
                return self._once(path, parameters, about, now, read)
            except VenueError as error:
                if error.kind is not ErrorKind.BAD_KEY or fresh:
                    raise
                self.fetches += error.fetches
                self._app.forget()  # a token may be taken back before its end: once more with another
                self._token(now)
                return self._once(path, parameters, about, now, read)

    def _once(
        self, path: str, parameters: dict[str, Any], about: str, now: datetime, read: Callable[[Any], T]
    ) -> T:
        question = _question(REDDIT.host, f"/{path}", about, now)

        def send(seen: Seen) -> T:
            with self._app.session.shown_to(seen):
                body = self._app.reddit.request(method="GET", path=path, params=parameters)
            return reading(read, body)

        answer = self._gateway.ask(question, send)
        self.fetches += answer.fetches
        return answer.value

    def _token(self, now: datetime) -> bool:
        """Get a token if there is none that lasts; whether one was got."""
        if self._app.has_token:
            return False

        def send(seen: Seen) -> None:
            with self._app.session.shown_to(seen):
                self._app.renew()

        self.fetches += self._gateway.ask(
            _question(TOKENS, "/api/v1/access_token", "token", now), send
        ).fetches
        return True


def _question(host: str, path: str, about: str, now: datetime) -> Request:
    return Request(
        source="rest",
        provider=NAME,
        subject=f"{NAME} {about}",
        host=host,
        path=path,
        start=now,
        end=now,
        buckets=tuple(REDDIT.budgets),
        weight=1.0,
    )


@dataclass(frozen=True, slots=True)
class _Access:
    """What makes one app differ from another."""

    client_id: SecretStr
    client_secret: SecretStr
    user_agent: str
    venue_url: str | None


class _App:
    """praw with a token, which is kept from round to round."""

    def __init__(self, access: _Access, settings: Settings) -> None:
        self.lock = threading.Lock()
        self.session = WatchedSession(settings, [access.client_secret])
        self._access = access
        self._until = 0.0
        self.forget()

    @property
    def reddit(self) -> "Reddit":
        """praw, as it is now."""
        return self._reddit

    @property
    def has_token(self) -> bool:
        """Whether there is a token that lasts for a while."""
        return time.monotonic() < self._until

    def forget(self) -> None:
        """Without its token."""
        self._until = 0.0
        self._reddit = _praw(self._access, self.session, self._took)

    def renew(self) -> None:
        """Get a token; raises what praw raises."""
        self.forget()
        self._reddit.auth.scopes()

    def _took(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds - MARGIN_SECONDS


_APPS: Final[dict[_Access, _App]] = {}
_APPS_LOCK: Final = threading.Lock()


def _app_of(settings: Settings) -> _App:
    """The app of these settings, one for all of this process.

    Raises `VenueError` BAD_KEY where there is none.
    """
    given = settings.providers
    if given.reddit_client_id is None or given.reddit_client_secret is None:
        raise VenueError(
            ErrorKind.BAD_KEY,
            "reddit: no app is set: set ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_ID and "
            "ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_SECRET",
        )
    access = _Access(
        given.reddit_client_id, given.reddit_client_secret, given.reddit_user_agent, settings.venue_url
    )
    with _APPS_LOCK:
        if access not in _APPS:
            _APPS[access] = _App(access, settings)
        return _APPS[access]


def _praw(access: _Access, session: WatchedSession, took: Callable[[float], None]) -> "Reddit":
    from praw import Reddit  # half a second, which only those pay who ask
    from prawcore import Requestor

    class Watched(Requestor):
        """Raises for an error at once, so that praw neither sleeps nor retries."""

        def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
            response = session.request(*args, **kwargs)
            response.raise_for_status()
            if response.request.url and "/api/v1/access_token" in response.request.url:
                body = response.json()
                if isinstance(body, dict) and "expires_in" in body:
                    took(float(body["expires_in"]))
            for name in [name for name in response.headers if name.lower().startswith("x-ratelimit")]:
                del response.headers[name]
            return response

    return Reddit(
        "DEFAULT",
        client_id=access.client_id.get_secret_value(),
        client_secret=access.client_secret.get_secret_value(),
        user_agent=access.user_agent,
        # said here so that no praw.ini and no variable of praw's says otherwise
        oauth_url=f"https://{REDDIT.host}",
        reddit_url=f"https://{TOKENS}",
        username=None,
        password=None,
        refresh_token=None,
        ratelimit_seconds=0,
        check_for_updates=False,
        check_for_async=False,
        requestor_class=Watched,
        requestor_kwargs={"session": session},
    )
