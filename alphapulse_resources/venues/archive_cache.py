"""Downloaded archives, each kept with the checksum its publisher gave for it and proved on every use."""

import hashlib
import os
import re
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from alphapulse_resources.http import make_session
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import ErrorKind, Fetch, VenueError

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_OFFLINE: Final = (ErrorKind.TIMEOUT, ErrorKind.VENUE_DOWN, ErrorKind.GEO_BLOCKED, ErrorKind.BANNED)


@dataclass(frozen=True, slots=True)
class Archive:
    """A proved archive: its bytes, its sha256 and the requests it took."""

    content: bytes
    sha256: str
    fetches: list[Fetch]


class ArchiveCache:
    """Archives below one directory, laid out as at the publisher; written whole or not at all."""

    def __init__(self, directory: Path, settings: Settings, gateway: Gateway) -> None:
        self._directory = directory
        self._settings = settings
        self._gateway = gateway
        self._local = threading.local()

    def get(self, archive: Request, checksum: Request) -> Archive:
        """The archive, from disk when the publisher's checksum is still the one of the file there.

        Raises `VenueError` NOT_PUBLISHED, CHECKSUM (after a second download) or what the way there gave.
        """
        path = self._directory / archive.path.lstrip("/")
        try:
            published = self._gateway.ask(checksum, lambda seen: self._read_checksum(checksum, seen))
        except VenueError as error:
            kept = self._kept(path) if error.kind in _OFFLINE else None
            if kept is None:
                raise
            return Archive(*kept, error.fetches)
        kept = self._kept(path)
        if kept is not None and kept[1] == published.value:
            return Archive(*kept, published.fetches)
        return self._download(archive, checksum, path, published.value, published.fetches)

    def forget(self, archive: Request) -> None:
        """Drop a file that turned out to be useless."""
        path = self._directory / archive.path.lstrip("/")
        for file in (path, _sidecar(path)):
            file.unlink(missing_ok=True)

    def _download(
        self, archive: Request, checksum: Request, path: Path, expected: str, fetches: list[Fetch]
    ) -> Archive:
        try:
            answer = self._gateway.ask(archive, lambda seen: self._read_archive(archive, expected, seen))
        except VenueError as first:
            fetches = [*fetches, *first.fetches]
            if first.kind is not ErrorKind.CHECKSUM:
                first.fetches = fetches
                raise
            # it may have been published anew between the two requests: both once more
            try:
                again = self._gateway.ask(checksum, lambda seen: self._read_checksum(checksum, seen))
                fetches = [*fetches, *again.fetches]
                expected = again.value
                answer = self._gateway.ask(archive, lambda seen: self._read_archive(archive, expected, seen))
            except VenueError as second:
                second.fetches = [*fetches, *second.fetches]
                raise
        _write(path, answer.value)
        _write(_sidecar(path), f"{expected}  {path.name}\n".encode())
        return Archive(answer.value, expected, [*fetches, *answer.fetches])

    def _kept(self, path: Path) -> tuple[bytes, str] | None:
        """Bytes and sha256 of the file on disk, if they are still what was once proved."""
        try:
            content, noted = path.read_bytes(), _sidecar(path).read_text()
        except OSError:
            return None
        sha256 = hashlib.sha256(content).hexdigest()
        return (content, sha256) if noted.startswith(sha256) else None

    def _read_checksum(self, checksum: Request, seen: Seen) -> str:
        text = self._get(checksum, seen).decode("ascii", "replace").strip().lower()
        found = _SHA256.match(text)
        if found is None:
            raise VenueError(ErrorKind.BAD_BODY, f"expected a sha256, got {text[:80]!r}")
        seen.checksum = found.group()
        return found.group()

    def _get(self, question: Request, seen: Seen) -> bytes:
        session: requests.Session = self._local.__dict__.setdefault("session", make_session(self._settings))
        response = session.get(
            f"https://{question.host}{question.path}", timeout=self._settings.venues.http_timeout_seconds
        )
        seen.status, seen.headers = response.status_code, response.headers
        if response.status_code == 404:
            raise VenueError(ErrorKind.NOT_PUBLISHED, f"{question.path} does not exist")
        if response.status_code >= 400:
            seen.body = response.text[:2000]
        response.raise_for_status()
        return response.content

    def _read_archive(self, archive: Request, expected: str, seen: Seen) -> bytes:
        content = self._get(archive, seen)
        seen.checksum = hashlib.sha256(content).hexdigest()
        if seen.checksum != expected:
            raise VenueError(
                ErrorKind.CHECKSUM, f"{archive.path} has sha256 {seen.checksum}, published is {expected}"
            )
        return content


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, also when two processes write the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
