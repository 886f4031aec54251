"""Feeds of the outlets, at their addresses: the newest items of each, and 304 for who has them already.

Conditional requests as RFC 9110 section 13 has them: If-None-Match goes before If-Modified-Since.
"""

import hashlib
from collections.abc import Awaitable, Callable
from email.utils import formatdate, parsedate_to_datetime
from typing import Final

from aiohttp import web

from alphapulse_sim.context import UNCONDITIONAL, Simulator
from alphapulse_sim.feed_xml import changed_ms, feed_text
from alphapulse_sim.news_coins import SUBJECTS
from alphapulse_sim.outlets import OUTLETS, Outlet

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TAGS: Final = {subject.name.lower().replace(" ", "-"): subject.ticker for subject in reversed(SUBJECTS)}
TAGGED: Final = "cointelegraph.com"
"""The outlet that has a feed of each coin besides: /rss/tag/bitcoin."""


class NewsFeeds:
    """The handlers of all feeds."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self) -> list[web.RouteDef]:
        """The routes of the outlets that have a feed, each under its host name."""
        found: list[web.RouteDef] = []
        for outlet in OUTLETS:
            if outlet.feed is None:
                continue
            path, _, query = f"/{outlet.feed}".partition("?")
            handler = self._of(outlet, query)
            found += [web.get(each, handler) for each in {path, path.rstrip("/")} if each.count("/") > 1]
            if outlet.domain == TAGGED:
                found.append(web.get(f"{path}/tag/{{tag}}", handler))
        return found

    def _of(self, outlet: Outlet, query: str) -> _Handler:
        async def feed(request: web.Request) -> web.StreamResponse:
            if query and query not in request.query_string:
                raise web.HTTPNotFound
            return self._feed(request, outlet)

        return feed

    def _feed(self, request: web.Request, outlet: Outlet) -> web.Response:
        tag = request.match_info.get("tag", "")
        if tag and tag not in _TAGS:
            raise web.HTTPNotFound
        now = self.sim.now_ms(request)
        stories = self.sim.stories.newest(outlet.domain, now, outlet.items, _TAGS.get(tag))
        body = feed_text(outlet, stories, now, tag).encode()
        headers = {
            "ETag": f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
            "Last-Modified": formatdate(changed_ms(stories, now) / 1000, usegmt=True),
            "Cache-Control": "public, max-age=60",
        }
        if not request.get(UNCONDITIONAL) and _has_it(request, headers):
            return web.Response(status=304, headers=headers)
        kind = "application/atom+xml" if outlet.style == "atom" else "application/rss+xml"
        return web.Response(body=body, headers={**headers, "Content-Type": f"{kind}; charset=utf-8"})


def _has_it(request: web.Request, headers: dict[str, str]) -> bool:
    """Whether the client says that it has this very feed."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        ours = headers["ETag"].removeprefix("W/")
        return known.strip() == "*" or ours in [tag.strip().removeprefix("W/") for tag in known.split(",")]
    since = request.headers.get("If-Modified-Since")
    try:
        asked = parsedate_to_datetime(since) if since else None
    except ValueError:
        asked = None  # a date that cannot be read is no condition
    return asked is not None and asked >= parsedate_to_datetime(headers["Last-Modified"])
