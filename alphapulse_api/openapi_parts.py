"""Parameters and columns in OpenAPI's words."""

from collections.abc import Mapping
from typing import Any, Final

from alphapulse.readings.filters import Filter
from alphapulse.readings.reading import MOST_ROWS, Reading
from alphapulse_api.shapes import Shape

_TYPES: Final[Mapping[str, dict[str, Any]]] = {
    "double precision": {"type": ["number", "null"]},
    "real": {"type": ["number", "null"]},
    "numeric": {"type": ["number", "null"]},
    "interval": {"type": ["number", "null"], "description": "Seconds."},
    "smallint": {"type": ["integer", "null"]},
    "integer": {"type": ["integer", "null"]},
    "bigint": {"type": ["integer", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "text": {"type": ["string", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "timestamp with time zone": {"type": ["string", "integer", "null"], "format": "date-time"},
    "json": {},
    "jsonb": {},
}
_KINDS: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"type": "string", "minLength": 1, "maxLength": 200},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
}
_COMMON: Final[Mapping[str, dict[str, Any]]] = {
    "start": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "Only rows from then on: RFC 3339, a date, or milliseconds since 1970; in UTC.",
        "example": "2026-11-01T00:00:00Z",
    },
    "end": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "Only rows before then.",
        "example": "2026-12-01T00:00:00Z",
    },
    "as_of": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "The rows as they were known then.",
        "example": "2026-11-28T00:00:00Z",
    },
    "order": {
        "schema": {"type": "string", "enum": ["desc", "asc"]},
        "description": "desc: newest first, asc: oldest first.",
        "example": "desc",
    },
    "limit": {
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
        "description": "Rows of a page at most.",
        "example": 100,
    },
    "cursor": {
        "schema": {"type": "string"},
        "description": "Where the page before ended: its `next`. All else is to be asked as before.",
    },
    "fields": {"schema": {"type": "string"}, "description": "Columns to show, with commas; all without it."},
    "shape": {
        "schema": {"type": "string", "enum": ["columns", "rows"], "default": "columns"},
        "description": "JSON by columns (small and fast) or by rows (objects in `data`).",
        "example": "columns",
    },
    "unit": {
        "schema": {"type": "string", "enum": ["iso", "ms"], "default": "iso"},
        "description": "Times as text (RFC 3339, UTC) or as milliseconds since 1970.",
        "example": "iso",
    },
}


def parameter_of(rule: Filter, reading: Reading) -> dict[str, Any]:
    """A filter of a reading."""
    if rule.kind == "texts":
        items: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
        if rule.choices:
            items = {"type": "string", "enum": list(rule.choices)}
        schema: dict[str, Any] = {"type": "array", "items": items, "minItems": 1, "maxItems": 200}
    else:
        schema = dict(_KINDS[rule.kind])
        if rule.choices:
            schema = {"type": "string", "enum": list(rule.choices)}
    if rule.default is not None:
        schema["default"] = _example(rule, rule.default)
    parameter = {
        "name": rule.name,
        "in": "query",
        "description": rule.meaning,
        "required": rule.name in reading.needs,
        "schema": schema,
    }
    if rule.kind == "texts":
        parameter |= {"style": "form", "explode": False}
    if rule.example is not None:
        example = _example(rule, rule.example)
        parameter["example"] = [example] if rule.kind == "texts" else example
    return parameter


def _example(rule: Filter, text: str) -> Any:
    match rule.kind:
        case "number":
            return float(text)
        case "integer":
            return int(text)
        case "boolean":
            return text == "true"
        case _:
            return text


def common_parameters(reading: Reading) -> list[dict[str, Any]]:
    """What can be said of any reading, but for what this one has not."""
    without = set()
    if reading.time is None:
        without |= {"start", "end"}
    if not reading.honours_as_of:
        without |= {"as_of"}
    if not reading.newest_first:
        without |= {"order"}
    return [
        {"name": name, "in": "query", "required": False, **words}
        for name, words in _COMMON.items()
        if name not in without
    ]


def column_of(name: str, shape: Shape) -> dict[str, Any]:
    """The schema of a column's values."""
    kind = shape.types[name]
    found = dict(_TYPES.get(kind, {}))
    if kind.endswith("[]"):
        inner = dict(_TYPES.get(kind.removesuffix("[]"), {}))
        found = {"type": ["array", "null"], "items": inner}
    meaning = shape.meanings.get(name)
    if meaning:
        found["description"] = f"{meaning} {found.get('description', '')}".strip()
    return found
