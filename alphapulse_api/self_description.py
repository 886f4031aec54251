"""What the API says of itself: whether it lives, how the data stand, what can be asked, how it is used."""

import asyncio
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from alphapulse.backends.shapes import text_of
from alphapulse.readings.catalogue import READINGS
from alphapulse.readings.reading import MOST_ROWS, Reading
from alphapulse_api.answering import Answers
from alphapulse_api.formats import MEDIA_TYPES
from alphapulse_api.negotiation import compressed, matches
from alphapulse_api.openapi import Documents
from alphapulse_api.parameters import COMMON
from alphapulse_api.problems import problem_of

HEALTH_SECONDS = 3.0
READS = ["GET", "HEAD"]


def released() -> str:
    """The version of the package."""
    try:
        return version("alphapulse")
    except PackageNotFoundError:
        return "0"


class Metrics:
    """Figures for Prometheus, of this process."""

    def __init__(self, answers: Answers) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "alphapulse_api_requests",
            "Requests by method and status.",
            ["method", "status"],
            registry=self.registry,
        )
        self.seconds = Counter(
            "alphapulse_api_seconds",
            "Seconds spent on requests, by method.",
            ["method"],
            registry=self.registry,
        )
        counted = answers.cache.counted
        for name, words, read in (
            ("hits", "Answers that were kept.", lambda: counted.hits),
            ("shared", "Answers that somebody else was waiting for already.", lambda: counted.shared),
            ("misses", "Answers that had to be asked for.", lambda: counted.misses),
        ):
            Gauge(f"alphapulse_api_cache_{name}", words, registry=self.registry).set_function(read)
        rate = Gauge(
            "alphapulse_api_cache_hit_rate", "Share of questions that asked nobody.", registry=self.registry
        )
        rate.set_function(
            lambda: (counted.hits + counted.shared) / max(counted.hits + counted.shared + counted.misses, 1)
        )
        kept = Gauge("alphapulse_api_cache_bytes", "Bytes of answers that are kept.", registry=self.registry)
        kept.set_function(lambda: answers.cache.bytes)


def add_self_description(
    app: FastAPI, answers: Answers, documents: Documents, metrics: Metrics, dagster_url: str | None = None
) -> None:
    """Health, status (which tells where Dagster's UI is, if known), readings, OpenAPI, metrics."""

    async def health(request: Request) -> Response:
        began = time.monotonic()
        try:
            asked = answers.reader.read("SELECT 1 AS one", ())
            await asyncio.wait_for(asked, HEALTH_SECONDS)
        except Exception as error:
            found = problem_of(error) if not isinstance(error, TimeoutError) else None
            detail = "the database does not answer" if found is None else found.detail
            body = {"status": "database away", "detail": detail, "version": released()}
            return _json(body, 503, {"retry-after": "5"})
        milliseconds = round(1000 * (time.monotonic() - began), 1)
        return _json({"status": "ok", "database_ms": milliseconds, "version": released()})

    async def status(request: Request) -> Response:
        frame = await answers.reader.read(text_of("status"), ())
        return _json({"version": released(), **frame.to_dicts()[0], "dagster_url": dagster_url})

    async def readings(request: Request) -> Response:
        body = {"readings": [_told(each) for each in READINGS], "parameters": list(COMMON)}
        return _json(body, headers={"cache-control": "private, max-age=60"})

    async def openapi(request: Request) -> Response:
        document = await answers.reader.run(documents.document)
        headers = {"cache-control": "no-cache", "vary": "Accept-Encoding"}
        body, encoding = compressed(document.body, request.headers.get("accept-encoding"))
        headers["etag"] = f'"{document.etag}{f"-{encoding}" if encoding else ""}"'
        if matches(request.headers.get("if-none-match"), headers["etag"]):
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["content-encoding"] = encoding
        return Response(body, 200, headers, "application/json")

    async def figures(request: Request) -> Response:
        return Response(
            generate_latest(metrics.registry), 200, {"cache-control": "no-store"}, CONTENT_TYPE_LATEST
        )

    for path, work in (
        ("/api/v1/health", health),
        ("/api/v1/status", status),
        ("/api/v1/readings", readings),
        ("/api/v1/openapi.json", openapi),
        ("/metrics", figures),
    ):
        app.add_api_route(path, work, methods=READS, include_in_schema=False)


def _told(reading: Reading) -> dict[str, Any]:
    return {
        "name": reading.name,
        "path": f"/api/v1/{reading.path}",
        "summary": reading.summary,
        "tags": reading.tags,
        "relation": reading.relation,
        "order": reading.order,
        "newest_first": reading.newest_first,
        "time": reading.time,
        "as_of": True if reading.honours_as_of else reading.no_as_of,
        "now": reading.is_now,
        "limit": {"default": reading.limit, "most": MOST_ROWS},
        "needs": reading.needs,
        "span_seconds": None if reading.span is None else reading.span.total_seconds(),
        "accept": list(MEDIA_TYPES.values()),
        "parameters": [
            {
                "name": each.name,
                "meaning": each.meaning,
                "kind": each.kind,
                "choices": each.choices,
                "default": each.default,
                "example": each.example,
            }
            for each in reading.filters
        ],
    }


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    given = {"cache-control": "no-cache", **(headers or {})}
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status, given, "application/json")
