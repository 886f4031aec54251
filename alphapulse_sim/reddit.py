"""Reddit: tokens for apps, the newest posts of subreddits, and posts by their names.

Documented: github.com/reddit-archive/reddit/wiki/OAuth2 and /JSON, www.reddit.com/dev/api. What an app is
refused: a client id or secret `wrong` gets no token, one `taken-back` gets one that is not accepted.
"""

import base64
import binascii
from itertools import islice
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.intervals import DAY
from alphapulse_sim.social_posts import MOST, SLOT, SUBREDDITS, SimPost, social_posts

WWW: Final = "www.reddit.com"
HOST: Final = "oauth.reddit.com"
LASTS_SECONDS: Final = 86_400
A_WINDOW: Final = 1000
WINDOW_SECONDS: Final = 600
PLACES: Final = {name.lower(): number for number, name in enumerate(SUBREDDITS)}
CLOSED: Final = {"privateclub": (403, "private"), "bannedplace": (404, "banned")}
"""Subreddits that cannot be read, with status and reason."""
REACH: Final = 3 * DAY
"""How far back a listing goes: some thousand posts."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class Reddit:
    """The handlers of its hosts."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.posts = social_posts(sim.config.seed, sim.config.extra)
        self._window, self._used = 0, 0

    def routes(self) -> list[web.RouteDef]:
        """Tokens, listings, lookups."""
        return [
            web.post(f"/{WWW}/api/v1/access_token", self.token),
            web.get(f"/{HOST}/r/{{subreddit}}/new", self.new),
            web.get(f"/{HOST}/api/info", self.info),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """A token for an app's id and secret."""
        client_id, secret = _basic(request.headers.get("Authorization", ""))
        if not client_id or not secret or "wrong" in (client_id, secret):
            return reply({"message": "Unauthorized", "error": 401}, status=401)
        if (await request.post()).get("grant_type") != "client_credentials":
            return reply({"error": "unsupported_grant_type"})
        issued = self.sim.clock.now_ms()
        return reply(
            {
                "access_token": f"{'void' if 'taken-back' in (client_id, secret) else 'sim'}-{issued}",
                "token_type": "bearer",
                "expires_in": LASTS_SECONDS,
                "scope": "*",
            }
        )

    async def new(self, request: web.Request) -> web.Response:
        """The newest posts of a subreddit."""
        now = self.sim.now_ms(request)
        if (refused := self._refused(request)) is not None:
            return refused
        name = request.match_info["subreddit"].lower()
        if name in CLOSED:
            status, reason = CLOSED[name]
            message = {403: "Forbidden", 404: "Not Found"}[status]
            return self._reply({"reason": reason, "message": message, "error": status}, now, status)
        if name not in PLACES:  # it sends to its search for one of that name
            return web.Response(status=302, headers={"Location": f"https://{WWW}/subreddits/search?q={name}"})
        limit = min(int(request.query.get("limit", "25")), 100)
        place = SUBREDDITS[PLACES[name]]
        after = request.query.get("after", "").removeprefix("t3_")
        number = _numbers(after)[0] if after else None
        until = now if number is None else min(now, (number // MOST + 1) * SLOT[place])
        listed = (
            post
            for post in self.posts.newest(place, now - REACH, until)
            if _is_listed(post, now) and (number is None or post.number < number)
        )
        page = list(islice(listed, limit + 1))
        things = [thing(post, now) for post in page[:limit]]
        return self._reply(listing(things, len(page) > limit), now)

    async def info(self, request: web.Request) -> web.Response:
        """Posts by their names; those that were never there are left out."""
        now = self.sim.now_ms(request)
        if (refused := self._refused(request)) is not None:
            return refused
        found = []
        for name in request.query.get("id", "").split(","):
            number, place = _numbers(name.removeprefix("t3_"))
            post = self.posts.of_number(place, number) if place else None
            if post is not None and post.at < now:
                found.append(thing(post, now))
        return self._reply(listing(found, False), now)

    def truth(self, start_ms: int, end_ms: int, places: list[str]) -> list[dict[str, Any]]:
        """Every post that was written in a window, with its id and its fate; of these places, or of all."""
        return [
            {**post.truth(), "id": post_id(post)}
            for place in places or SUBREDDITS
            for post in self.posts.between(place, start_ms, end_ms)
        ]

    def _refused(self, request: web.Request) -> web.Response | None:
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        kind, _, issued = token.partition("-")
        now = self.sim.clock.now_ms()  # however old the answer is
        fresh = issued.isdecimal() and 0 <= now - int(issued) < LASTS_SECONDS * 1000
        if word.lower() != "bearer" or kind != "sim" or not fresh:
            return reply({"message": "Unauthorized", "error": 401}, status=401)
        return None

    def _reply(self, body: Any, now: int, status: int = 200) -> web.Response:
        window = now // (WINDOW_SECONDS * 1000)
        self._used = self._used + 1 if window == self._window else 1
        self._window = window
        headers = {
            "x-ratelimit-used": str(self._used),
            "x-ratelimit-remaining": f"{max(0, A_WINDOW - self._used):.1f}",
            "x-ratelimit-reset": str(WINDOW_SECONDS - now // 1000 % WINDOW_SECONDS),
        }
        if self._used > A_WINDOW:
            return reply({"message": "Too Many Requests", "error": 429}, status=429, headers=headers)
        return reply(body, status=status, headers=headers)


def post_id(post: SimPost) -> str:
    """Its id at Reddit: base 36, and no two places share one."""
    number = post.number * len(SUBREDDITS) + SUBREDDITS.index(post.place)
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _numbers(name: str) -> tuple[int, str | None]:
    try:
        number, place = divmod(int(name, 36), len(SUBREDDITS))
    except ValueError:
        return 0, None
    return number, SUBREDDITS[place]


def _basic(header: str) -> tuple[str, str]:
    word, _, coded = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, secret) if word == "Basic" else ("", "")


def _is_listed(post: SimPost, now: int) -> bool:
    taken_down = [at for at in (post.deleted_at, post.removed_at) if at is not None and at <= now]
    return not taken_down


def listing(children: list[dict[str, Any]], more: bool) -> dict[str, Any]:
    after = children[-1]["data"]["name"] if more and children else None
    return {
        "kind": "Listing",
        "data": {"after": after, "dist": len(children), "modhash": None, "geo_filter": None,
                 "children": children, "before": None},
    }  # fmt: skip


def thing(post: SimPost, now: int) -> dict[str, Any]:
    """A post as the API shows it at a time."""
    name, age_hours = post_id(post), (now - post.at) / 3_600_000
    is_deleted = post.deleted_at is not None and post.deleted_at <= now
    is_removed = not is_deleted and post.removed_at is not None and post.removed_at <= now
    is_closed = post.closed_at is not None and post.closed_at <= now
    is_edited = post.edited_at is not None and post.edited_at <= now
    author = "[deleted]" if is_deleted or is_closed else post.author
    text = post.text + ("\n\nEDIT: formatting" if is_edited else "")
    title = post.title
    if is_deleted:
        title, text = "[deleted by user]", "[deleted]" if post.form == "self" else ""
    elif is_removed:
        text = "[removed]" if post.form == "self" else ""
    liked = int(post.number % 37 * min(age_hours, 12.0))
    place = post.place
    data: dict[str, Any] = {
        "approved_at_utc": None, "subreddit": place, "selftext": text, "title": title,
        "subreddit_name_prefixed": f"r/{place}", "hidden": False, "downs": 0, "name": f"t3_{name}",
        "quarantine": False, "upvote_ratio": 0.9, "subreddit_type": "public", "ups": liked,
        "domain": f"self.{place}" if post.form == "self" else "news.example.com",
        "is_self": post.form == "self",
        "score": liked, "edited": post.edited_at / 1000 if is_edited and post.edited_at else False,
        "created": post.at / 1000, "over_18": post.adult, "spoiler": False, "locked": False,
        "stickied": False,
        "id": name, "author": author, "num_comments": int(post.number % 11 * min(age_hours, 8.0)),
        "permalink": f"/r/{place}/comments/{name}/{'_'.join(title.lower().split()[:6])}/",
        "url": f"https://www.reddit.com/r/{place}/comments/{name}/" if post.form == "self"
        else f"https://news.example.com/{name}",
        "created_utc": post.at / 1000, "num_crossposts": 0, "is_video": False, "removed_by_category":
        "deleted" if is_deleted else "moderator" if is_removed else None,
    }  # fmt: skip
    if author != "[deleted]":
        data["author_fullname"] = f"t2_{post.author_number:x}"
    if post.form == "crosspost":
        data["crosspost_parent"] = f"t3_{name[:-1]}0"
        data["crosspost_parent_list"] = [
            {"selftext": "", "title": title, "subreddit": "crypto", "author": "other"}
        ]
    return {"kind": "t3", "data": data}
