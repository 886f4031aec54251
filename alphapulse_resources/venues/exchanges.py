"""ccxt exchanges as this project wants them: our session, our limits, every answer seen."""

import threading
from typing import Any, Final

import ccxt

from alphapulse_resources.http import make_session
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Seen
from alphapulse_resources.venues.registry import VENUES

MIRROR: Final = "mirror"


class Exchanges:
    """One ccxt exchange per venue, source and thread: a ccxt exchange remembers its last answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._local = threading.local()

    def watch(self, venue: str, source: str, seen: Seen) -> Any:
        """The exchange of this thread, telling `seen` of every answer from now on.

        ccxt raises without the status of the answer; this is how it is known anyway.
        """
        made: dict[tuple[str, str], Any] = self._local.__dict__.setdefault("made", {})
        exchange = made.get((venue, source)) or made.setdefault((venue, source), self._make(venue, source))

        def on_rest_response(
            code: int, _reason: str, _url: str, _method: str, headers: Any, body: str, *_request: Any
        ) -> str:
            seen.status, seen.headers, seen.body = code, headers, body[:2000] if code >= 400 else body[:200]
            return body.strip()

        exchange.on_rest_response = on_rest_response
        return exchange

    def _make(self, venue: str, source: str) -> Any:
        known = VENUES[venue].rest
        exchange = getattr(ccxt, known.ccxt_id)(
            {
                "session": make_session(self._settings),
                "enableRateLimit": False,  # ours is shared by all processes
                "timeout": round(self._settings.venues.http_timeout_seconds * 1000),
                "options": dict(known.ccxt_options),
            }
        )
        exchange.has["fetchCurrencies"] = False  # load_markets would ask for them, and nobody reads them
        if source == MIRROR and known.mirror is not None:
            exchange.urls["api"][known.mirror.section] = f"https://{known.mirror.host}{known.mirror.path}"
        return exchange
