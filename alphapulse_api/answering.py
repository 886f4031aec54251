"""From a request to the bytes of its answer: ask, cut the page, write, keep."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
from fastapi import Request
from fastapi.responses import Response

from alphapulse.backends.shapes import text_of
from alphapulse.readings.asking import file_of, statement_of, within_span
from alphapulse.readings.reading import Reading
from alphapulse_api.cache import Cache
from alphapulse_api.cursors import write_cursor
from alphapulse_api.formats import MEDIA_TYPES, Format, Page, names_of_json, written
from alphapulse_api.names import Names
from alphapulse_api.negotiation import accepted, compressed, matches
from alphapulse_api.parameters import Wanted, single, wanted_of
from alphapulse_api.reading_database import ReadingDatabase
from alphapulse_api.shapes import Shapes

NOW_SECONDS: Final = 1.0
OPEN_SECONDS: Final = 2.0
CLOSED_SECONDS: Final = 60.0
"""How long answers are kept (ours): what is so now, history that still grows, history that is over."""
NOBODY_HEARS: Final = 499
"""The status of an answer whose asker has left; for the log alone (as nginx has it)."""
SETTLED: Final = timedelta(days=1)
"""History that ended so long ago changes by corrections only (ours)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent, uncompressed and as one encoding after the other asks for it."""

    body: bytes
    etag: str
    next: str | None

    @property
    def size(self) -> int:
        """Bytes that it takes up."""
        return len(self.body) + 200


class Answers:
    """Answers the questions of all readings."""

    def __init__(self, reader: ReadingDatabase, cache: Cache[Answer]) -> None:
        self.reader, self.cache = reader, cache
        self.names, self.shapes = Names(reader.database), Shapes(reader.database)

    async def answer(
        self,
        reading: Reading,
        request: Request,
        more: Mapping[str, str] | None = None,
        synonyms: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer; `more` are parameters that the path has, `synonyms` other names of some.

        Raises what `problem_of` knows.
        """
        kind = accepted(request.headers.get("accept"))
        pairs = [
            ((synonyms or {}).get(name, name), text) for name, text in request.query_params.multi_items()
        ]
        given = {**single(pairs), **(more or {})}
        wanted = wanted_of(reading, given)
        seconds = _seconds(reading, wanted)
        key = (reading.name, kind, tuple(sorted(given.items())))
        asking = asyncio.ensure_future(
            self.cache.get(key, seconds, lambda: self._asked(reading, wanted, kind))
        )
        try:
            answer = await _unless_gone(request, asking)
        except asyncio.CancelledError:
            asking.cancel()
            raise
        if answer is None:
            return Response(status_code=NOBODY_HEARS)
        return self._sent(answer, request, kind, seconds, given)

    async def _asked(self, reading: Reading, wanted: Wanted, kind: Format) -> Answer:
        query, types, wanted = await self.reader.run(self._prepared, reading, wanted)
        frame = await self.reader.read(query.text, query.arguments)
        return await self.reader.run(_written, reading, wanted, types, frame, kind)

    def _prepared(self, reading: Reading, wanted: Wanted) -> tuple[Any, Mapping[str, str], Wanted]:
        types = self.shapes.of(reading).types
        asked = within_span(reading, wanted.asked, datetime.now(UTC))
        asked = self.names.resolved(reading, asked, types)
        name = file_of(reading, asked)
        text = None if name is None else text_of(name)
        return statement_of(reading, asked, types, text), types, replace(wanted, asked=asked)

    def _sent(
        self, answer: Answer, request: Request, kind: Format, seconds: float, given: Mapping[str, str]
    ) -> Response:
        headers = {"cache-control": _cache_control(seconds), "vary": "Accept, Accept-Encoding"}
        if answer.next is not None:
            headers["x-next-cursor"] = answer.next
            query = urlencode({**dict(request.query_params), "cursor": answer.next})
            headers["link"] = f'<{request.url.path}?{query}>; rel="next"'
        body, encoding = compressed(answer.body, request.headers.get("accept-encoding"))
        headers["etag"] = f'"{answer.etag}{f"-{encoding}" if encoding else ""}"'
        if matches(request.headers.get("if-none-match"), headers["etag"]):
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["content-encoding"] = encoding
        return Response(body, 200, headers, MEDIA_TYPES[kind])


def _written(
    reading: Reading, wanted: Wanted, types: Mapping[str, str], frame: pl.DataFrame, kind: Format
) -> Answer:
    limit = wanted.asked.limit or reading.limit
    more = frame.height > limit
    frame = frame.head(limit)
    after = None
    if more:
        lacking = dict(reading.may_lack)
        values = [_placed(frame.item(-1, name), lacking.get(name)) for name in reading.order]
        # only a span's start: one that was asked for is asked for again
        after = write_cursor(wanted.question, values, wanted.asked.start if reading.span else None)
    if wanted.asked.fields is not None:
        frame = frame.select(list(dict.fromkeys(wanted.asked.fields)))
    spanned = wanted.asked.start if reading.span is not None else None
    page = Page(frame, after, names_of_json(types, frame.columns), spanned)
    body = written(page, kind, rows=wanted.rows, milliseconds=wanted.milliseconds)
    return Answer(body, blake2b(body, digest_size=16).hexdigest(), after)


def _placed(value: Any, stand_in: str | None) -> Any:
    return stand_in if value is None else value


def _seconds(reading: Reading, wanted: Wanted) -> float:
    """How long an answer is good for."""
    asked, now = wanted.asked, datetime.now(UTC)
    if reading.is_now:
        return NOW_SECONDS
    until = min((each for each in (asked.end, asked.as_of) if each is not None), default=now)
    return CLOSED_SECONDS if reading.time and until < now - SETTLED else OPEN_SECONDS


def _cache_control(seconds: float) -> str:
    """What is closed may be kept without asking; all else is asked again, which the tag makes cheap."""
    return f"private, max-age={seconds:.0f}" if seconds >= CLOSED_SECONDS else "private, no-cache"


async def _unless_gone(request: Request, asking: "asyncio.Future[Answer]") -> Answer | None:
    """The answer; None where whoever asked has left: then the question ends, too."""
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((asking, gone), return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            asking.cancel()
            await asyncio.wait((asking,))
            return None
        return await asking
    finally:
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
