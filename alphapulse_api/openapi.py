"""The OpenAPI document: every path with its parameters, columns, units, meanings and errors."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import orjson

from alphapulse.readings.catalogue import READINGS
from alphapulse.readings.reading import Reading
from alphapulse_api.named import NAMED, PREFIXES, SYNONYMS, Named
from alphapulse_api.openapi_fixed import fixed_paths, problem_responses, schemas_of_bodies
from alphapulse_api.openapi_parts import column_of, common_parameters, parameter_of
from alphapulse_api.shapes import Shape, Shapes

SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Document:
    """The document's bytes and their tag."""

    body: bytes
    etag: str


class Documents:
    """The document, made anew once in a while: a migration may change columns beside us."""

    def __init__(self, shapes: Shapes, version: str, *, writes: bool) -> None:
        self._shapes, self._version, self._writes = shapes, version, writes
        self._lock = threading.Lock()
        self._made: tuple[float, Document] | None = None

    def document(self) -> Document:
        """The document; without columns where no database tells them."""
        with self._lock:
            if self._made is None or time.monotonic() - self._made[0] > SECONDS:
                told, complete = self._make()
                body = orjson.dumps(told)
                document = Document(body, blake2b(body, digest_size=12).hexdigest())
                if not complete:
                    return document
                self._made = (time.monotonic(), document)
            return self._made[1]

    def _make(self) -> tuple[dict[str, Any], bool]:
        shapes: dict[str, Shape | None] = {}
        complete = True
        for reading in READINGS:
            try:
                shapes[reading.name] = self._shapes.of(reading) if complete else None
            except Exception:
                shapes[reading.name], complete = None, False
        paths = {f"/api/v1/{each.path}": {"get": _operation(each, shapes)} for each in READINGS}
        for prefix in PREFIXES:
            for named in NAMED:
                name = f"{named.reading.name}_{'v1' if prefix == PREFIXES[0] else 'by_name'}"
                operation = _operation_of(named, shapes, name)
                paths.setdefault(prefix + named.template, {"get": operation})
        paths |= fixed_paths(writes=self._writes)
        schemas = {each.name: _schema(each, shapes[each.name]) for each in READINGS}
        document = {
            "openapi": "3.1.0",
            "info": {
                "title": "AlphaPulse",
                "version": self._version,
                "description": "Crypto market data that proves it is right. Times are UTC.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "security": [{"key": []}, {}],
            "tags": [{"name": name} for name in sorted({tag for each in READINGS for tag in each.tags})],
            "paths": paths,
            "components": {
                "schemas": {**schemas, **schemas_of_bodies()},
                "responses": problem_responses(),
                "securitySchemes": {
                    "key": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "Made by `alphapulse api keys add`; not needed on its own machine.",
                    }
                },
            },
        }
        return document, complete


def _operation(
    reading: Reading, shapes: Mapping[str, Shape | None], name: str | None = None
) -> dict[str, Any]:
    shape = shapes[reading.name]
    words = [reading.summary]
    if shape is not None and shape.description:
        words.append(shape.description)
    if reading.no_as_of:
        words.append(f"as_of is refused: {reading.no_as_of}.")
    if reading.span is not None:
        words.append(f"Without symbol and start, only {reading.span} before end is looked at: see `start`.")
    return {
        "operationId": name or reading.name,
        "summary": reading.summary,
        "description": "\n\n".join(words),
        "tags": list(reading.tags),
        "parameters": [
            *(parameter_of(each, reading) for each in reading.filters),
            *common_parameters(reading),
        ],
        "responses": {
            "200": {
                "description": "A page of rows.",
                "headers": {
                    "ETag": {"schema": {"type": "string"}, "description": "Tag of this answer."},
                    "X-Next-Cursor": {
                        "schema": {"type": "string"},
                        "description": "Cursor of the next page, where there is one.",
                    },
                    "Link": {"schema": {"type": "string"}, "description": "The next page."},
                },
                "content": {
                    "application/json": {"schema": {"$ref": f"#/components/schemas/{reading.name}"}},
                    "text/csv": {"schema": {"type": "string"}},
                    "application/vnd.apache.arrow.stream": {"schema": {"type": "string", "format": "binary"}},
                },
            },
            "304": {"description": "It is as it was: If-None-Match named its tag."},
            **{
                code: {"$ref": f"#/components/responses/{code}"}
                for code in ("401", "403", "404", "406", "414", "422", "429", "503", "504")
            },
        },
    }


def _operation_of(named: Named, shapes: Mapping[str, Shape | None], name: str) -> dict[str, Any]:
    operation = _operation(named.reading, shapes, f"{name}_{named.path.strip('/').replace('/', '_')}")
    operation["summary"] = named.summary
    parameters = [each for each in operation["parameters"] if not (named.symbol and each["name"] == "symbol")]
    for other, own in SYNONYMS.items():
        found = next((each for each in parameters if each["name"] == own), None)
        if found is not None:
            parameters.append({**found, "name": other, "description": f"The same as {own}."})
    if named.symbol:
        symbol = {"type": "string", "minLength": 1, "maxLength": 64}
        parameters.insert(
            0,
            {
                "name": "symbol",
                "in": "path",
                "required": True,
                "schema": symbol,
                "description": "Unified symbol: BTC/USDT, BTC-USDT or BTC%2FUSDT.",
                "example": "BTC-USDT",
            },
        )
    operation["parameters"] = parameters
    return operation


def _schema(reading: Reading, shape: Shape | None) -> dict[str, Any]:
    columns = {} if shape is None else {name: column_of(name, shape) for name in shape.types}
    paging = {
        "rows": {"type": "integer", "description": "Number of rows of this page."},
        "next": {"type": ["string", "null"], "description": "Cursor of the next page, null on the last."},
        "start": {
            "type": "string",
            "format": "date-time",
            "description": "From when on was looked, where nothing said so.",
        },
    }
    rows = {"type": "object", "properties": columns, "additionalProperties": shape is None}
    by_column = {
        "type": "object",
        "description": "Values by column, all of the same length.",
        "properties": {name: {"type": "array", "items": each} for name, each in columns.items()},
        "additionalProperties": shape is None,
    }
    return {
        "type": "object",
        "description": reading.summary,
        "required": ["rows", "next"],
        "properties": {"columns": by_column, "data": {"type": "array", "items": rows}, **paging},
    }
