"""The parts of the OpenAPI document that no reading tells: health, writing, errors."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from alphapulse_api.asking import DRAW, FORMATS, SIMILAR
from alphapulse_api.writing import (
    ChangedRule,
    ChangedWatchlist,
    NewRule,
    NewWatchlist,
    Seen,
)

_MODELS: Final = (NewWatchlist, ChangedWatchlist, NewRule, ChangedRule, Seen)
_PROBLEMS: Final = {
    "401": "A key is needed, or this one is not taken.",
    "403": "The key, the name or the page may not.",
    "404": "There is no such thing.",
    "405": "This path does not take this method.",
    "406": "None of the kinds of answer is accepted.",
    "413": "The body is too long.",
    "414": "The query is too long.",
    "415": "The body is no JSON.",
    "422": "A parameter is wrong; `parameter` names it.",
    "429": "Too many requests: see Retry-After.",
    "503": "The database is away: see Retry-After.",
    "504": "The query took longer than it may.",
}
_ROW: Final = {"application/json": {"schema": {"type": "object"}}}
_ROWS: Final = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["data"],
            "properties": {"data": {"type": "array", "items": {"type": "object"}}},
        }
    }
}


def problem_responses() -> dict[str, Any]:
    """Errors by status."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": words, "content": content} for code, words in _PROBLEMS.items()}


def schemas_of_bodies() -> dict[str, Any]:
    """Schemas of bodies and of errors."""
    _, told = models_json_schema(
        [(each, "validation") for each in _MODELS], ref_template="#/components/schemas/{model}"
    )
    problem = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What was wrong, and what would do."},
            "parameter": {"type": "string", "description": "Which parameter it is about."},
        },
    }
    return {**told["$defs"], "Problem": problem}


def fixed_paths(*, writes: bool) -> dict[str, Any]:
    """Paths that are no readings."""
    paths: dict[str, Any] = {
        "/api/v1/health": {
            "get": {
                **_get("health", "Whether the API and its database answer; needs no key.", "service"),
                "security": [{}],
            }
        },
        "/api/v1/status": {"get": _get("status", "How the data stand.", "service")},
        "/api/v1/readings": {"get": _get("readings", "All that can be asked, with parameters.", "service")},
    }
    paths |= _asking()
    return {**paths, **_writing()} if writes else paths


def _asking() -> dict[str, Any]:
    """Bars that look like others, and pictures of one signal or pattern."""
    what = {**_parameter("what", "What is drawn.", place="path"), "schema": {"enum": ["signal", "pattern"]}}
    id = _parameter("id", "Its id: the column id of signals, patterns and chart_patterns.", place="path")
    content: dict[str, Any] = {kind.partition(";")[0]: {} for kind in FORMATS.values()} | _ROW

    def asked(name: str, summary: str, known: Mapping[str, str], *more: Any) -> dict[str, Any]:
        told = _get(name, summary, "discovery", _ROW if known is SIMILAR else content)
        told["responses"] |= _errors("404", "422")
        return {"get": {**told, "parameters": [*more, *(_parameter(*each) for each in known.items())]}}

    one = {name: DRAW[name] for name in ("format",)}
    return {
        "/api/v1/similar": asked("similar", "Earlier bars that look like these, and what followed.", SIMILAR),
        "/api/v1/draw/{what}": asked("draw_newest", "The newest signal or pattern as a picture.", DRAW, what),
        "/api/v1/draw/{what}/{id}": asked("draw", "A signal or pattern as a picture.", one, what, id),
    }


_EXAMPLES: Final = {
    "symbol": "BTC/USDT",
    "venue": "binance",
    "timeframe": "1h",
    "at": "2026-11-01T00:00:00Z",
    "bars": "32",
    "matches": "20",
    "also": "ETH/USDT",
    "history": "100000",
    "seed": "1",
    "format": "svg",
    "pattern": "hammer",
    "id": "binance/BTC-USDT/1h/2026-11-30T12:00Z",
}


def _parameter(name: str, meaning: str, place: str = "query") -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": name,
        "in": place,
        "required": place == "path" or (name == "symbol" and "window" in meaning),
        "description": meaning,
        "schema": {"type": "string", "maxLength": 200, "minLength": 1},
    }
    return {**told, "example": _EXAMPLES[name]} if name in _EXAMPLES else told


def _get(name: str, summary: str, tag: str, content: dict[str, Any] = _ROW) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "responses": {
            "200": {"description": summary, "content": content},
            **_errors("401", "403", "429", "503", "504"),
        },
    }


def _errors(*codes: str) -> dict[str, Any]:
    return {code: {"$ref": f"#/components/responses/{code}"} for code in codes}


def _write(name: str, summary: str, status: str, body: str | None, tag: str) -> dict[str, Any]:
    success: dict[str, Any] = {"description": summary}
    if status != "204":
        success["content"] = _ROW
    codes = ("401", "403", "404", "413", "415", "422", "429", "503", "504")
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "responses": {status: success, **_errors(*codes)},
    }
    if body is not None:
        schema = {"$ref": f"#/components/schemas/{body}"}
        operation["requestBody"] = {
            "required": body != "Seen",
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _writing() -> dict[str, Any]:
    def by(name: str, meaning: str, kind: str = "string") -> dict[str, Any]:
        return {
            "name": name,
            "in": "path",
            "required": True,
            "description": meaning,
            "schema": {"type": kind},
        }

    watchlist, rule = by("watchlist", "Name of the watchlist."), by("rule", "Name or number of the rule.")
    alert = by("alert", "Number of the alert.", "integer")
    return {
        "/api/v1/watchlists": {
            "get": _get("watchlists", "All watchlists with their symbols.", "watchlists", _ROWS),
            "post": _write("add_watchlist", "Make a watchlist.", "201", "NewWatchlist", "watchlists"),
        },
        "/api/v1/watchlists/{watchlist}": {
            "parameters": [watchlist],
            "get": {**_write("watchlist", "A watchlist.", "200", None, "watchlists")},
            "patch": _write(
                "change_watchlist", "Change a watchlist.", "200", "ChangedWatchlist", "watchlists"
            ),
            "delete": _write("remove_watchlist", "Remove a watchlist.", "204", None, "watchlists"),
        },
        "/api/v1/alert-rules": {
            "get": _get("alert_rules", "All rules of alerts.", "alerts", _ROWS),
            "post": _write("add_alert_rule", "Make a rule.", "201", "NewRule", "alerts"),
        },
        "/api/v1/alert-rules/{rule}": {
            "parameters": [rule],
            "get": {**_write("alert_rule", "A rule.", "200", None, "alerts")},
            "patch": _write("change_alert_rule", "Change a rule.", "200", "ChangedRule", "alerts"),
            "delete": _write("remove_alert_rule", "Remove a rule.", "204", None, "alerts"),
        },
        "/api/v1/alerts/{alert}/acknowledgement": {
            "parameters": [alert],
            "post": _write("acknowledge_alert", "Note that an alert was seen.", "200", "Seen", "alerts"),
        },
    }
