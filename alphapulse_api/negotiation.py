"""What a client accepts: the kind of answer and its compression."""

import gzip
from typing import Final

import pyarrow as pa

from alphapulse_api.formats import Format
from alphapulse_api.problems import ProblemError

LEAST_BYTES: Final = 2_048
"""What is shorter is not compressed (ours): it would cost more than it saves."""
_KINDS: Final[dict[str, Format]] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.apache.arrow.stream": "arrow",
}


def accepted(header: str | None) -> Format:
    """The kind of answer by an `Accept` header: the one with the most weight, JSON among equals.

    Raises: ProblemError (406).
    """
    if not header or not header.strip():
        return "json"
    wanted = _weights(header)
    best: tuple[float, Format] | None = None
    for name, kind in _KINDS.items():
        major = name.partition("/")[0]
        weight = wanted.get(name, wanted.get(f"{major}/*", wanted.get("*/*", 0.0)))
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, kind)
    if best is None:
        raise ProblemError(
            406, f"Accept is {header[:100]!r}; there are {', '.join(_KINDS)}", parameter="Accept"
        )
    return best[1]


def compressed(body: bytes, header: str | None) -> tuple[bytes, str | None]:
    """The body as a client takes it, and the name of its encoding."""
    if len(body) < LEAST_BYTES or not header:
        return body, None
    wanted = _weights(header)
    every = wanted.get("*", 0.0)
    zstd, gzipped = wanted.get("zstd", every), wanted.get("gzip", every)
    if zstd > 0 and zstd >= gzipped:
        return pa.compress(body, codec="zstd", asbytes=True), "zstd"
    if gzipped > 0:
        return gzip.compress(body, 1, mtime=0), "gzip"
    return body, None


def _weights(header: str) -> dict[str, float]:
    """Names with their q values."""
    found = {}
    for part in header.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weight = 1.0
        for each in parameters:
            if each.startswith("q="):
                try:
                    weight = min(max(float(each[2:]), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
        if name:
            found[name] = weight
    return found


def matches(header: str | None, etag: str) -> bool:
    """Whether an `If-None-Match` header names this tag."""
    if not header:
        return False
    names = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in names or etag in names
