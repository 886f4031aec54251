"""Readers of recorded streams: cryptofeed's captures, JSON lines, and Bybit's order-book archive (zip).

A cryptofeed recording is several files: `.http.` (`<url> -> <epoch>: <body>`), `.ws.` (`<url> <-> <epoch>`
when a socket opened, `<epoch>: <frame>` received, `<url> <- <epoch>: <text>` sent) and one of settings. A
line's form tells what it is, not the file's name, so files may come in any order and under any name.
"""

import heapq
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import IO, Final, cast

_HTTP: Final = re.compile(rb"(https?://\S+) -> (\d+(?:\.\d+)?): (.*)", re.DOTALL)
_RECEIVED: Final = re.compile(rb"(\d+(?:\.\d+)?): (.*)", re.DOTALL)
_OPENED: Final = re.compile(rb"wss?://\S+ <-> (\d+(?:\.\d+)?)")
_SENT: Final = re.compile(rb"wss?://\S+ <- (\d+(?:\.\d+)?)")
_MILLISECONDS: Final = re.compile(rb'"ts"\s*:\s*(\d{12,14})\b')
_SETTINGS: Final = b"configuration: "
_PART: Final = re.compile(r"(\.ws\.\d+)\.\d+$")
_LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of a line; a longer one is no capture (ours: a whole Coinbase book is some 3 MB)."""


class CaptureError(ValueError):
    """A file that cannot be read as a capture at all."""


class Kind(StrEnum):
    """What a line of a capture is."""

    FRAME = "frame"  # a message received over the socket
    HTTP = "http"  # a REST answer
    OPENED = "opened"  # the socket was (re)connected
    MALFORMED = "malformed"  # none that we know


@dataclass(frozen=True, slots=True)
class Record:
    """One line. `at` is the time of receipt, in seconds since 1970 UTC; archives have the venue's time."""

    at: float
    kind: Kind
    body: bytes
    place: str  # file:line
    connection: str  # lines of one connection have the same
    url: str = ""  # of a REST answer


def read_captures(paths: Iterable[Path]) -> Iterator[Record]:
    """The lines of several files as one stream in the order of receipt, without settings and sent lines.

    Within a file the order stays as it is: a line whose clock went back counts as received with the line
    before it, as does one that has no time. Files are read line by line, never as a whole.

    Raises:
        CaptureError: a file cannot be opened or unpacked; says which and why.
    """
    return heapq.merge(*map(_read, paths), key=lambda record: record.at)


def _read(path: Path) -> Iterator[Record]:
    try:
        if zipfile.is_zipfile(path):
            yield from _read_zip(path)
        else:
            with path.open("rb") as lines:
                yield from _records(lines, str(path))
    except (OSError, zipfile.BadZipFile) as error:
        raise CaptureError(f"{path} cannot be read: {error}") from error


def _read_zip(path: Path) -> Iterator[Record]:
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            if not member.is_dir():
                with io.BufferedReader(_opened(archive, member)) as lines:  # reads ahead
                    yield from _records(lines, f"{path}/{member.filename}")


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> io.RawIOBase:
    try:
        return cast(io.RawIOBase, archive.open(member))
    except RuntimeError as error:  # encrypted, or (its subclass NotImplementedError) packed some other way
        raise CaptureError(f"{archive.filename}/{member.filename} cannot be read: {error}") from error


def _records(lines: IO[bytes], name: str) -> Iterator[Record]:
    connection, latest = _PART.sub(r"\1", name), 0.0
    for number in count(1):
        try:
            line = lines.readline(_LONGEST_LINE)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            body = f"the file cannot be read any further: {error}".encode()
            yield Record(latest, Kind.MALFORMED, body, f"{name}:{number}", connection)
            return
        if not line:
            return
        record = _record(line.strip(), f"{name}:{number}", connection, latest)
        if record is not None:
            latest = record.at
            yield record


def _record(line: bytes, place: str, connection: str, latest: float) -> Record | None:
    """What a line says; None if it is nothing to replay."""
    if not line or line.startswith(_SETTINGS) or _SENT.match(line):
        return None
    if found := _RECEIVED.match(line):
        return Record(max(float(found[1]), latest), Kind.FRAME, found[2], place, connection)
    if line.startswith(b"{"):
        moment = _MILLISECONDS.search(line)
        at = int(moment[1]) / 1000 if moment else latest
        return Record(max(at, latest), Kind.FRAME, line, place, connection)
    if found := _HTTP.match(line):
        url = found[1].decode(errors="replace")
        return Record(max(float(found[2]), latest), Kind.HTTP, found[3], place, connection, url)
    if found := _OPENED.match(line):
        return Record(max(float(found[1]), latest), Kind.OPENED, b"", place, connection)
    return Record(latest, Kind.MALFORMED, line, place, connection)
