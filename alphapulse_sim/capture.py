"""Reading of real exchange captures: what the simulator is held against.

Format of cryptofeed's recorder: `.http` files have `<url> -> <epoch>: <body>` lines, `.ws` files
`<epoch>: <message>` lines for what was received.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

_HTTP: Final = re.compile(r"(?P<url>https?://\S+) -> (?P<at>[\d.]+): (?P<body>.*)")
_RECEIVED: Final = re.compile(r"(?P<at>[\d.]+): (?P<body>[{\[].*)")


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """One captured REST answer."""

    host: str
    path: str
    query: dict[str, str]
    at: float  # seconds since 1970
    body: Any


@dataclass(frozen=True, slots=True)
class Received:
    """One captured websocket message."""

    at: float  # seconds since 1970
    body: Any


def http_exchanges(path: Path) -> Iterator[HttpExchange]:
    """The REST answers of a capture, in order; other lines are none of them."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if found := _HTTP.match(line):
                url = urlsplit(found["url"])
                yield HttpExchange(
                    host=url.netloc,
                    path=url.path,
                    query=dict(parse_qsl(url.query)),
                    at=float(found["at"]),
                    body=json.loads(found["body"]),
                )


def received(path: Path) -> Iterator[Received]:
    """The received websocket messages of a capture, in order."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if found := _RECEIVED.match(line):
                yield Received(at=float(found["at"]), body=json.loads(found["body"]))


def events(path: Path, kind: str) -> Iterator[dict[str, Any]]:
    """The payloads of one kind of Binance event (`e`), out of their stream envelopes."""
    for message in received(path):
        data = message.body.get("data", {}) if isinstance(message.body, dict) else {}
        if data.get("e") == kind:
            yield data
