"""The one way to make an HTTP session: timeouts and retries are the callers', the redirect is here."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from alphapulse_resources.settings import Settings

USER_AGENT = "alphapulse/0.1"
CONNECTIONS = 8


class RedirectAdapter(HTTPAdapter):
    """Sends every `https://host/path?query` to `<base>/host/path?query`."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        super().__init__(pool_maxsize=CONNECTIONS)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Rewrite the address, leave everything else; no proxy stands before the redirect."""
        url = request.url or ""
        if not url.startswith(self._base + "/"):
            request.url = f"{self._base}/{url.split('://', 1)[1]}"
            request.headers["Host"] = urlsplit(self._base).netloc
        kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)


def make_session(settings: Settings) -> requests.Session:
    """A session for ccxt, archives, feeds and yfinance; to `settings.venue_url` when that is set.

    Sessions are cheap and not shared: ccxt clears the cookies of the one it is given.
    """
    session = requests.Session()
    session.headers["User-Agent"] = USER_AGENT
    to = settings.venue_url
    adapter = RedirectAdapter(to) if to else HTTPAdapter(pool_maxsize=CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
