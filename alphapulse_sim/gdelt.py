"""GDELT's DOC 2.0 API: articles of all outlets by words, language, country and domain, without a key.

Documented (blog.gdeltproject.org/gdelt-doc-2-0-api-debuts): 75 records unless more are asked for, 250 at
most, within three months, times as YYYYMMDDHHMMSS. Habits as they have been reported of it: everything that
is wrong with a question is said in plain text with status 200, OR stands in brackets only, a phrase has five
letters at least, an answer without articles is `{}`, titles have spaces round their punctuation, an article
is seen at the next quarter of an hour and searchable some minutes later, and what no crawler found is not
there (here three in ten articles).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.feed_xml import picture
from alphapulse_sim.intervals import DAY, HOUR, MINUTE, WEEK
from alphapulse_sim.news_query import QueryError, Test, parse, tokens_of, whole_text
from alphapulse_sim.outlets import BY_DOMAIN, LANGUAGES
from alphapulse_sim.stories import Stories, Story

HOST: Final = "api.gdeltproject.org"
QUARTER: Final = 15 * MINUTE
INDEXED: Final = 5 * MINUTE
"""How long after it was seen an article can be found (ours)."""
FOUND_SHARE: Final = 0.7
_THREE_MONTHS: Final = 92 * DAY
_WALK: Final = 3 * DAY
"""How far back a question is answered here: rare words would take too long."""
_SHORTEST_PHRASE: Final = 5
_UNITS: Final = {
    "min": MINUTE, "minutes": MINUTE, "h": HOUR, "hours": HOUR, "d": DAY, "days": DAY, "w": WEEK,
    "weeks": WEEK, "m": 30 * DAY, "months": 30 * DAY,
}  # fmt: skip
_OPERATOR: Final = re.compile(
    r'\b(sourcelang|sourcelanguage|sourcecountry|domainis|domain):("[^"]*"|[^\s()]+)', re.IGNORECASE
)
_SPACED: Final = re.compile(r"\s*([,.;:!?%()\"'])\s*")


class _Said(Exception):
    """What it says of a question that it does not answer."""


class Gdelt:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self) -> list[web.RouteDef]:
        """Its one route."""
        return [web.get(f"/{HOST}/api/v2/doc/doc", self.doc)]

    async def doc(self, request: web.Request) -> web.Response:
        """A list of articles."""
        now = self.sim.now_ms(request)
        query = request.query
        try:
            if query.get("mode", "artlist").lower() != "artlist":
                raise _Said("Invalid mode.")
            found = self._articles(query.get("query", ""), *_window(query, now), query.get("sort", ""))
            rows = [_row(story, now) for story in islice(found, _most(query))]
        except _Said as said:
            return web.Response(text=f"{said}\n", content_type="text/html")
        if query.get("format", "html").lower() != "json":
            links = "".join(f'<a href="{row["url"]}">{row["title"]}</a><br>' for row in rows)
            return web.Response(text=f"<html><body>{links}</body></html>", content_type="text/html")
        return reply({"articles": rows} if rows else {})

    def _articles(self, query: str, start: int, end: int, sort: str) -> Iterator[Story]:
        tests, words = _filters(query)
        test = _words_test(words) if words else None
        newest_first = sort.lower() != "dateasc"
        start = max(start, end - _WALK) if newest_first else start
        stories: Stories = self.sim.stories
        for story in stories.walk(start - QUARTER, end, newest_first=newest_first):
            if (
                start <= seen_ms(story) <= end
                and int(story.key[-4:], 16) < FOUND_SHARE * 0x10000
                and all(each(story) for each in tests)
                and (test is None or test(whole_text(story)))
            ):
                yield story


def seen_ms(story: Story) -> int:
    """When GDELT sees an article: at the next quarter of an hour."""
    return -(-story.at // QUARTER) * QUARTER


def _row(story: Story, now_ms: int) -> dict[str, Any]:
    outlet = BY_DOMAIN[story.outlet]
    mobile = f"{story.url.rstrip('/')}/amp/" if story.key[0] in "0123" else ""
    title = story.title_at(min(seen_ms(story), now_ms))
    return {
        "url": story.url,
        "url_mobile": mobile,
        "title": " ".join(_SPACED.sub(r" \1 ", title).split()),
        "seendate": f"{datetime.fromtimestamp(seen_ms(story) / 1000, UTC):%Y%m%dT%H%M%SZ}",
        "socialimage": picture(story) if story.key[1] != "0" else "",
        "domain": story.outlet,
        "language": LANGUAGES[story.language][1],
        "sourcecountry": outlet.country,
    }


def _most(query: Any) -> int:
    text = query.get("maxrecords", "75")
    if not text.isdecimal() or int(text) > 250:
        raise _Said("Invalid number of records requested: must be between 1 and 250.")
    return int(text)


def _window(query: Any, now_ms: int) -> tuple[int, int]:
    """First and last moment of what is asked for: of when articles were seen."""
    newest = now_ms - INDEXED
    start, end = query.get("startdatetime"), query.get("enddatetime")
    if start is None and end is None:
        return newest - min(_span(query.get("timespan", "3months")), _THREE_MONTHS), newest
    first = _moment(start) if start else newest - _THREE_MONTHS
    last = _moment(end) if end else newest
    if first > last:
        raise _Said("Invalid query start/end date: the start is after the end.")
    return max(first, newest - _THREE_MONTHS), min(last, newest)


def _moment(text: str) -> int:
    try:
        return int(datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise _Said("Invalid query start date.") from None


def _span(text: str) -> int:
    found = re.fullmatch(r"(\d+)\s*([a-z]*)", text.lower())
    if found is None or (found[2] and found[2] not in _UNITS):
        raise _Said("Invalid timespan.")
    span = int(found[1]) * _UNITS[found[2] or "months"]
    if span < QUARTER:
        raise _Said("Timespan is too short.")
    return span


def _filters(query: str) -> tuple[list[Any], str]:
    """What is asked of the outlet, and the words that are left."""
    tests: list[Any] = []

    def taken(found: re.Match[str]) -> str:
        what, value = found[1].lower(), found[2].strip('"').lower()
        if what in ("sourcelang", "sourcelanguage"):
            if not any(value in (name.lower(), name.lower()[:3]) for _, name in LANGUAGES.values()):
                raise _Said("Invalid/Unsupported Language.")
            tests.append(lambda story: LANGUAGES[story.language][1].lower().startswith(value[:3]))
        elif what == "sourcecountry":
            tests.append(lambda story: BY_DOMAIN[story.outlet].country.lower().replace(" ", "") == value)
        elif what == "domainis":
            tests.append(lambda story: story.outlet == value)
        else:
            tests.append(lambda story: value in story.outlet)
        return " "

    words = _OPERATOR.sub(taken, query)
    if not tests and len(words.strip()) < 3:
        raise _Said("Your query was too short or too long.")
    return tests, words.strip()


def _words_test(words: str) -> Test:
    try:
        tokens = tokens_of(words)
        test = parse(words)
    except QueryError:
        raise _Said("One or more of your parenthetical clauses had an error in it.") from None
    _check_brackets(tokens)
    for token in tokens:
        if token.startswith('"') and len(token) - 2 < _SHORTEST_PHRASE:
            raise _Said("The specified phrase is too short.")
        if not token.startswith('"') and re.search(r"\w[-.]\w|[$#]", token):
            raise _Said(
                "One or more of your keywords contained an illegal character. To use a dash in a word, place "
                'it in quotes like "f-16".'
            )
    return test


def _check_brackets(tokens: list[str]) -> None:
    """OR stands in brackets, and brackets stand round nothing else."""
    opened: list[bool] = []  # of each bracket that is open: whether it has an OR
    for token in tokens:
        if token == "(":
            opened.append(False)
        elif token == "OR" and not opened:
            raise _Said("Queries containing OR'd terms must be surrounded by ().")
        elif token == "OR":
            opened[-1] = True
        elif token == ")" and not opened.pop():
            raise _Said("Parentheses may only be used around OR'd statements.")
