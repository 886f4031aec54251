"""X, version 2 of its interface: recent search and lookup of posts, for a bearer token.

Documented: docs.x.com/x-api/posts/recent-search, /posts/lookup-by-ids and
/fundamentals/response-codes-and-errors.
Tokens that are refused: `revoked` (401), `no-credits` (402), `not-enrolled` (403), `capped` (429).
"""

import re
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY, MINUTE
from alphapulse_sim.social_posts import MOST, SimPost, social_posts
from alphapulse_sim.social_posts import X as PLACE

HOSTS: Final = ("api.twitter.com", "api.x.com")
EPOCH_MS: Final = 1_288_834_974_657
"""When ids of posts begin to hold the time: milliseconds since it, above 22 bits."""
REACH: Final = 7 * DAY
LIMITS: Final = {"search": 450, "lookup": 3500}
WINDOW_SECONDS: Final = 900
_PROBLEMS: Final = "https://api.twitter.com/2/problems"
REFUSED: Final = {
    "revoked": (401, {
        "title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized",
    }),
    "no-credits": (402, {
        "title": "CreditsDepleted", "type": f"{_PROBLEMS}/credits",
        "detail": "Your enrolled account [1] does not have any credits to fulfill this request.",
    }),
    "not-enrolled": (403, {
        "client_id": "1", "detail": "When authenticating requests to the Twitter API v2 endpoints, you must "
        "use keys and tokens from a Twitter developer App that is attached to a Project. You can create a "
        "project via the developer portal.", "registration_url": "https://developer.twitter.com/en/docs/projects/overview",
        "title": "Client Forbidden", "required_enrollment": "Appropriate Level of API Access",
        "reason": "client-not-enrolled", "type": f"{_PROBLEMS}/client-forbidden",
    }),
    "capped": (429, {
        "title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly product cap", "period": "Monthly",
        "scope": "Product", "account_id": 1, "product_name": "pay-per-use",
        "type": f"{_PROBLEMS}/usage-capped",
    }),
}  # fmt: skip
_WORDS: Final = re.compile(r'"[^"]+"|[^\s()]+')


class X:
    """The handlers of its hosts."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.posts = social_posts(sim.config.seed, sim.config.extra)
        self._windows: dict[str, tuple[int, int]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Search and lookup, under the old name and the new one."""
        return [
            route
            for host in HOSTS
            for route in (
                web.get(f"/{host}/2/tweets/search/recent", self.search),
                web.get(f"/{host}/2/tweets", self.lookup),
            )
        ]

    async def search(self, request: web.Request) -> web.Response:
        """Posts of the last seven days that hold a word of the query, the newest first."""
        now = self.sim.now_ms(request)
        if (refused := self._refused(request, "search", now)) is not None:
            return refused
        query = request.query
        try:
            most = int(query.get("max_results", "10"))
            start = epoch_ms(query["start_time"].rstrip("Z")) if "start_time" in query else now - REACH
            since = int(query["since_id"]) if "since_id" in query else 0
            end = _time_of(int(query["next_token"], 36)) if "next_token" in query else now
        except ValueError:
            return _invalid("one of the parameters is not valid")
        oldest = now - REACH
        if not 10 <= most <= 100 or "query" not in query or start < oldest - MINUTE:
            return _invalid("max_results is 10 to 100, start_time within 7 days, query is required")
        if since and _time_of(since) < oldest:
            return _invalid("'since_id' must be a tweet id created after [7 days ago].")
        if since:
            start = max(start, _time_of(since))
        matching = (
            post
            for post in self.posts.newest(PLACE, start, end)
            if not any(_is_past(at, now) for at in _ends(post))
            and post_number(post) > since
            and _matches(query["query"], post.text)
        )
        page = list(islice(matching, most + 1))
        found = found_of(page[:most], len(page) > most, query.get("tweet.fields", ""), now)
        return self._reply(found, "search", now)

    async def lookup(self, request: web.Request) -> web.Response:
        """Posts by their ids; what is not to be had is an error beside them, with status 200."""
        now = self.sim.now_ms(request)
        if (refused := self._refused(request, "lookup", now)) is not None:
            return refused
        found, errors = [], []
        for asked in request.query.get("ids", "").split(","):
            post = self._of_id(asked)
            if post is None or post.at >= now or _is_past(post.deleted_at, now):
                detail = f"Could not find tweet with ids: [{asked}]."
                errors.append(_missing(asked, "Not Found Error", "resource-not-found", detail))
            elif _is_past(post.removed_at, now) or _is_past(post.closed_at, now):
                detail = f"Sorry, you are not authorized to see the Tweet with ids: [{asked}]."
                errors.append(_missing(asked, "Authorization Error", "not-authorized-for-resource", detail))
            else:
                found.append(_tweet(post, request.query.get("tweet.fields", ""), now))
        body = ({"data": found} if found else {}) | ({"errors": errors} if errors else {})
        return self._reply(body, "lookup", now)

    def truth(self, start_ms: int, end_ms: int, _places: list[str]) -> list[dict[str, Any]]:
        """Every post that was written in a window, with its id and its fate."""
        found = self.posts.between(PLACE, start_ms, end_ms)
        return [{**post.truth(), "id": str(post_number(post))} for post in found]

    def _of_id(self, asked: str) -> SimPost | None:
        if not asked.isdecimal():
            return None
        at = _time_of(int(asked))
        found = self.posts.between(PLACE, at, at + 1)
        return next((post for post in found if str(post_number(post)) == asked), None)

    def _refused(self, request: web.Request, what: str, now: int) -> web.Response | None:
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        if word != "Bearer" or not token:
            token = "revoked"
        if token in REFUSED:
            status, body = REFUSED[token]
            return reply(body, status=status, headers={"x-access-level": "read"})
        window, used = self._windows.get(what, (0, 0))
        if window == now // (WINDOW_SECONDS * 1000) and used >= LIMITS[what]:
            body = {
                "title": "Too Many Requests",
                "detail": "Too Many Requests",
                "type": "about:blank",
                "status": 429,
            }
            return reply(body, status=429, headers=self._headers(what, now))
        return None

    def _reply(self, body: Any, what: str, now: int) -> web.Response:
        window = now // (WINDOW_SECONDS * 1000)
        before, used = self._windows.get(what, (0, 0))
        self._windows[what] = (window, used + 1 if window == before else 1)
        return reply(body, headers=self._headers(what, now))

    def _headers(self, what: str, now: int) -> dict[str, str]:
        window, used = self._windows.get(what, (now // (WINDOW_SECONDS * 1000), 0))
        return {
            "x-rate-limit-limit": str(LIMITS[what]),
            "x-rate-limit-remaining": str(max(0, LIMITS[what] - used)),
            "x-rate-limit-reset": str((window + 1) * WINDOW_SECONDS),
            "x-access-level": "read",
            "api-version": "2.164",
        }


def post_number(post: SimPost) -> int:
    """Its id at X."""
    return (post.at - EPOCH_MS << 22) | post.number % MOST


def _time_of(number: int) -> int:
    return (number >> 22) + EPOCH_MS


def _ends(post: SimPost) -> tuple[int | None, ...]:
    return (post.deleted_at, post.removed_at, post.closed_at)


def _is_past(at: int | None, now: int) -> bool:
    return at is not None and at <= now


def _matches(query: str, text: str) -> bool:
    """Whether a text holds one of the query's words; operators that leave something out do nothing."""
    words = [word.strip('"').lower() for word in _WORDS.findall(query)]
    wanted = [word for word in words if word != "or" and not word.startswith("-") and ":" not in word]
    said = re.findall(r"\$?\w+", text.lower())
    return any(word in said or (" " in word and word in text.lower()) for word in wanted)


def found_of(page: list[SimPost], more: bool, fields: str, now: int) -> dict[str, Any]:
    if not page:
        return {"meta": {"result_count": 0}}
    numbers = [post_number(post) for post in page]
    meta: dict[str, Any] = {
        "newest_id": str(numbers[0]),
        "oldest_id": str(numbers[-1]),
        "result_count": len(page),
    }
    if more:
        digits, rest = "", numbers[-1]
        while rest:
            rest, digit = divmod(rest, 36)
            digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        meta["next_token"] = digits
    return {"data": [_tweet(post, fields, now) for post in page], "meta": meta}


def _tweet(post: SimPost, fields: str, now: int) -> dict[str, Any]:
    number, age_hours = str(post_number(post)), (now - post.at) / 3_600_000
    text = post.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    told: dict[str, Any] = {"edit_history_tweet_ids": [number], "id": number, "text": text}
    likes = int(post.number % 97 * min(age_hours, 24.0))
    wanted: dict[str, Any] = {
        "author_id": str(post.author_number),
        "created_at": datetime.fromtimestamp(post.at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "lang": "en",
        "possibly_sensitive": post.adult,
        "public_metrics": {
            "retweet_count": likes // 7, "reply_count": likes // 11, "like_count": likes,
            "quote_count": likes // 40, "bookmark_count": 0, "impression_count": likes * 40,
        },
    }  # fmt: skip
    return told | {name: value for name, value in wanted.items() if name in fields.split(",")}


def _missing(asked: str, title: str, kind: str, detail: str) -> dict[str, Any]:
    return {"value": asked, "detail": detail, "title": title, "resource_type": "tweet", "parameter": "ids",
            "resource_id": asked, "type": f"{_PROBLEMS}/{kind}"}  # fmt: skip


def _invalid(message: str) -> web.Response:
    body = {
        "errors": [{"parameters": {}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{_PROBLEMS}/invalid-request",
    }
    return reply(body, status=400)
