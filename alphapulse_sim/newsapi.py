"""NewsAPI version 2: everything that was published, by words, for who has a key.

Shapes are those of a real body (/v2/everything of 2020-08-09), codes and rules those of its documentation
(newsapi.org/docs/endpoints/everything, /docs/errors, /pricing): the free Developer plan sees articles when
they are a day old, for a month, the first hundred of a question, and asks 50 times in twelve hours. Any key
is good for that plan, but those that are told here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.feed_xml import author, picture
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY
from alphapulse_sim.news_query import QueryError, Test, parse, searched
from alphapulse_sim.outlets import BY_DOMAIN
from alphapulse_sim.stories import Story

HOST: Final = "newsapi.org"
WRONG_KEY: Final = "wrong-key"
DISABLED_KEY: Final = "disabled-key"
EXHAUSTED_KEY: Final = "exhausted-key"
PAID_KEY: Final = "paid-key"
"""A key of a plan without the free one's bounds."""
DELAY: Final = DAY
_PAST: Final = 30 * DAY
_WALK: Final = 2 * DAY
"""How far back every article is looked at; how many there are beyond is told by their rate."""
_FREE_MOST: Final = 100
_PAGE: Final = 100
_CONTENT: Final = 200
_NAMES: Final = {"newsbtc.com": "newsBTC", "btc-echo.de": "Btc-echo.de", "coinpost.jp": "Coinpost.jp"}
_LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "he", "it", "nl", "no", "pt", "ru", "sv", "ud", "zh")
_IN: Final = ("title", "description", "content")
_REMOVED: Final = {
    "source": {"id": None, "name": "[Removed]"}, "author": None, "title": "[Removed]",
    "description": "[Removed]", "url": "https://removed.com", "urlToImage": None,
    "publishedAt": "1970-01-01T00:00:00Z", "content": "[Removed]",
}  # fmt: skip
"""What stands for an article that its outlet has taken back (here one in 256)."""
_TOO_MANY: Final = (
    "You have requested too many results. Developer accounts are limited to a max of 100 results. You are "
    "trying to request results {} to {}. Please upgrade to a paid plan if you need more results."
)
_TOO_FAR: Final = (
    "You are trying to request results too far in the past. Your plan permits you to request articles as far "
    "back as {}, but you have requested {}. You may need to upgrade to a paid plan."
)
_TOO_BROAD: Final = (
    "Required parameters are missing, the scope of your search is too broad. Please set any of the following "
    "required parameters and try again: q, qInTitle, sources, domains."
)
_NO_KEY: Final = (
    "Your API key is missing. Append this to the URL with the apiKey param, or use the x-api-key HTTP header."
)
_BAD_KEY: Final = (
    "Your API key is invalid or incorrect. Check your key, or go to https://newsapi.org to create a free API "
    "key."
)


class _Refused(Exception):
    """An answer that is none."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class NewsApi:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self) -> list[web.RouteDef]:
        """Its route."""
        return [web.get(f"/{HOST}/v2/everything", self.everything)]

    async def everything(self, request: web.Request) -> web.Response:
        """Articles, the newest first."""
        try:
            paid = _plan(request) == PAID_KEY
            return reply(self._answer(request.query, self.sim.now_ms(request), paid=paid))
        except _Refused as refused:
            body = {"status": "error", "code": refused.code, "message": str(refused)}
            return reply(body, status=refused.status)

    def _answer(self, query: Any, now_ms: int, *, paid: bool) -> dict[str, Any]:
        size, page = _number(query, "pageSize", _PAGE, _PAGE), _number(query, "page", 1, 10_000)
        first, last = (page - 1) * size, page * size
        if not paid and last > _FREE_MOST:
            raise _Refused(426, "maximumResultsReached", _TOO_MANY.format(first, last))
        start, end = _window(query, now_ms, paid=paid)
        matching = self._matching(query, max(start, end - _WALK), end)
        found = list(islice(matching, last))
        beyond = sum(1 for _ in matching)
        total = len(found) + beyond
        if start < end - _WALK:
            total = round(total * (end - start) / _WALK)
        return {
            "status": "ok",
            "totalResults": total,
            "articles": [_article(each) for each in found[first:last]],
        }

    def _matching(self, query: Any, start: int, end: int) -> Iterator[Story]:
        test, fields = _words(query)
        domains, excluded = (_listed(query.get(name)) for name in ("domains", "excludeDomains"))
        language = query.get("language")
        for story in self.sim.stories.walk(start, end + 1):
            if (domains and story.outlet not in domains) or story.outlet in excluded:
                continue
            if (language is None or story.language == language) and (
                test is None or test(_text(story, fields))
            ):
                yield story


def _plan(request: web.Request) -> str:
    given = request.headers.get("X-Api-Key") or request.query.get("apiKey", "")
    given = given or request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not given:
        raise _Refused(401, "apiKeyMissing", _NO_KEY)
    if given == WRONG_KEY:
        raise _Refused(401, "apiKeyInvalid", _BAD_KEY)
    if given == DISABLED_KEY:
        raise _Refused(401, "apiKeyDisabled", "Your API key has been disabled.")
    if given == EXHAUSTED_KEY:
        raise _Refused(429, "apiKeyExhausted", "Your API key has no more requests available.")
    return str(given)


def _number(query: Any, name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise _Refused(400, "parameterInvalid", f"The {name} param must be between 1 and {most}.")
    return int(text)


def _window(query: Any, now_ms: int, *, paid: bool) -> tuple[int, int]:
    """First and last moment of publication that the question and the plan allow."""
    newest = now_ms if paid else now_ms - DELAY
    oldest = now_ms - (1825 * DAY if paid else _PAST)
    start, end = (_moment(query.get(name)) for name in ("from", "to"))
    if start is not None and not paid and start // DAY < oldest // DAY:
        asked, allowed = (f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d}" for at in (start, oldest))
        raise _Refused(426, "parameterInvalid", _TOO_FAR.format(allowed, asked))
    return start if start is not None else oldest, min(newest, end if end is not None else newest)


def _moment(text: str | None) -> int | None:
    try:
        return None if text is None else epoch_ms(text)
    except ValueError:
        raise _Refused(400, "parameterInvalid", f"The date {text!r} could not be parsed.") from None


def _words(query: Any) -> tuple[Test | None, tuple[str, ...]]:
    """The test of the words, and where they are looked for."""
    fields = tuple(_listed(query.get("searchIn"))) or _IN
    asked = query.get("q") or query.get("qInTitle")
    language = query.get("language")
    if not asked and not query.get("domains") and not query.get("sources"):
        raise _Refused(400, "parametersMissing", _TOO_BROAD)
    if language is not None and language not in _LANGUAGES:
        raise _Refused(400, "parameterInvalid", f"The language {language!r} is not supported.")
    if not set(fields) <= set(_IN):
        raise _Refused(400, "parameterInvalid", "searchIn takes title, description, content.")
    if query.get("qInTitle"):
        fields = ("title",)
    try:
        return (parse(asked) if asked else None), fields
    except QueryError as error:
        raise _Refused(400, "queryMalformed", f"The search query could not be read: {error}.") from None


def _listed(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def _text(story: Story, fields: tuple[str, ...]) -> str:
    given = {"title": story.title, "description": story.summary, "content": _content(story) or ""}
    return searched(*(given[field] for field in fields))


def _content(story: Story) -> str | None:
    """The beginning of the article, and how much there is of it; some have none."""
    if story.key[2] == "0":
        return None
    whole = (
        f"{story.summary} The price of a cryptocurrency can change at any time, and nothing here is advice."
    )
    rest = 1000 + int(story.key[3:6], 16)
    return f"{whole[:_CONTENT]}… [+{rest} chars]"


def _article(story: Story) -> dict[str, Any]:
    if story.key[5:7] == "00":
        return _REMOVED
    outlet = BY_DOMAIN[story.outlet]
    by = f"{outlet.name} by {author(story)}" if outlet.domain == "cointelegraph.com" else author(story)
    return {
        "source": {"id": None, "name": _NAMES.get(outlet.domain, outlet.name)},
        "author": by if story.key[4] != "0" else None,
        "title": story.title,
        "description": story.summary,
        "url": story.url,
        "urlToImage": picture(story) if story.key[1] != "0" else None,
        "publishedAt": f"{datetime.fromtimestamp(story.at / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "content": _content(story),
    }
