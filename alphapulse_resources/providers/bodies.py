"""Bodies as they come: read up to a limit of size and time before anything makes sense of them.

A body is hostile until it is read: ten megabytes, or ten kilobytes that unpack to them, or a byte a second.
What is counted is what was unpacked, and reading stops at the limit.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import requests

from alphapulse_resources.venues.model import ErrorKind, VenueError

MOST_BYTES: Final = 4 * 2**20
"""Longest body that is read, unpacked (ours): the longest feeds in use are some hundred kilobytes."""
LONGEST_READS: Final = 4
"""How many times the time limit of a request a body may take as a whole (ours)."""
_PIECE: Final = 2**16


@dataclass(frozen=True, slots=True)
class Unless:
    """What an answer is known by that we have: asked along, an unchanged one is not sent again (304)."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers (RFC 9110, 13.1)."""
        told = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Body:
    """A body that is not JSON, or not surely: its bytes, and what its headers say of it."""

    content: bytes
    content_type: str
    etag: str | None
    last_modified: str | None

    @classmethod
    def of(cls, content: bytes, headers: Mapping[str, str]) -> "Body":
        """A body with what is used of its headers."""
        get = headers.get
        return cls(content, get("Content-Type") or "", get("ETag"), get("Last-Modified"))


def read_limited(response: requests.Response, timeout: float, most_bytes: int = MOST_BYTES) -> bytes:
    """The body of an answer that was asked for with `stream=True`.

    Raises `VenueError`, after which it is not tried again: BAD_REQUEST where it is too long, TIMEOUT where it
    takes too long as a whole; and what requests raises where it breaks off.
    """
    told = response.headers.get("Content-Length", "")
    if told.isdigit() and int(told) > most_bytes:
        raise _too_long(f"{int(told):,}", most_bytes, response)
    until, pieces, size = time.monotonic() + LONGEST_READS * timeout, [], 0
    for piece in response.iter_content(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > most_bytes:
            raise _too_long(f"more than {most_bytes:,}", most_bytes, response)
        if time.monotonic() > until:
            response.close()
            raise VenueError(ErrorKind.TIMEOUT, f"after {size:,} bytes the body was not at its end")
    return b"".join(pieces)


def _too_long(told: str, most_bytes: int, response: requests.Response) -> VenueError:
    response.close()
    words = f"the body has {told} bytes, at most {most_bytes:,} are read: nothing of it was looked at"
    return VenueError(ErrorKind.BAD_REQUEST, words)
