"""What files are wrapped in: zip, tar, gzip, bzip2, xz, one in the other, unpacked within one limit.

The limit holds for a whole file: all bytes unpacked at all levels, and all members. Members whose names say
that they are not wanted are never unpacked.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from alphapulse_resources.candle_files.model import CandleFileError, unreadable

_FOR_PEOPLE: Final = (
    ".checksum", ".sha1", ".sha256", ".sha512", ".md5", ".asc", ".sig", ".pdf", ".md", ".rst", ".rtf",
    ".docx",
    ".html", ".htm", ".png", ".jpg", ".jpeg", ".log", ".ini", ".lnk", ".url",
)  # fmt: skip
_NOTES: Final = frozenset(
    {"readme", "license", "licence", "copying", "notice", "changelog", "changes", "disclaimer", "terms",
     "checksums", "sha256sums", "md5sums", "thumbs", "desktop"}
)  # fmt: skip
"""Files that come with data and are none, by their endings and by their names."""
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
STREAMS: Final[tuple[tuple[bytes, str, Callable[[IO[bytes]], Any]], ...]] = (
    (b"\x1f\x8b", "gzip", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", "bzip2", lambda raw: bz2.BZ2File(raw)),
    (b"\xfd7zXZ\x00", "xz", lzma.open),
)
TAR: Final = (257, b"ustar")
DEEPEST: Final = 2  # a gzipped CSV in a zip
MOST_BYTES: Final = 2**29
"""A file that holds more is refused: it is 5 million rows of an archive, ten years of minutes (ours)."""
MOST_MEMBERS: Final = 20_000
"""A file with more members is refused: Kraken's archive of all pairs has some 8,000 (ours)."""
_BROKEN: Final = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError,
    RuntimeError,
    OSError, ValueError,
)  # fmt: skip

Wanted = Callable[[str], bool]
"""Whether a member with that name (its path in the archive) is to be unpacked."""


@dataclass(slots=True)
class Budget:
    """What may still be unpacked of one file, over all its levels."""

    name: str
    bytes: int = MOST_BYTES
    members: int = MOST_MEMBERS

    def take(self, size: int) -> None:
        """So many bytes more. Raises CandleFileError when it is too much."""
        self.bytes -= size
        if self.bytes < 0:
            raise unreadable(
                self.name,
                f"unpacks to more than {MOST_BYTES:,} bytes, all members and levels together; unpack it and "
                "import its files one by one, or split it",
            )

    def count(self, members: int) -> None:
        """So many members more. Raises CandleFileError when it is too many."""
        self.members -= members
        if self.members < 0:
            raise unreadable(
                self.name, f"holds more than {MOST_MEMBERS:,} files, all levels together; unpack it first"
            )


def unwrap(
    data: bytes, name: str, wanted: Wanted, budget: Budget, depth: int = 0
) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what is wrapped in `data`, one after the other; the data itself if it is bare."""
    members = _members(data, name, wanted, budget)
    if members is None:
        yield name, data
        return
    if depth >= DEEPEST and is_wrapped(data):
        raise unreadable(name, "archives in archives in archives; unpack it first")
    empty = True
    for member, content in members:
        empty = False
        # a tar.gz is one archive, not two
        inner = depth if _is_tar(content) and not data.startswith(ZIP) and not _is_tar(data) else depth + 1
        yield from unwrap(content, member, wanted, budget, inner)
        del content
    if empty and not _holds_files(data):
        raise unreadable(name, "the archive holds no files")


def is_wrapped(data: bytes) -> bool:
    """Whether the data are an archive or compressed."""
    streams = tuple(magic for magic, _, _ in STREAMS)
    return data.startswith(ZIP) or data.startswith(streams) or _is_tar(data)


def _is_tar(data: bytes) -> bool:
    return data[TAR[0] : TAR[0] + len(TAR[1])] == TAR[1]


def _members(data: bytes, name: str, wanted: Wanted, budget: Budget) -> Iterator[tuple[str, bytes]] | None:
    if data.startswith(ZIP):
        return _unzip(data, name, wanted, budget)
    if _is_tar(data):
        return _untar(data, name, wanted, budget)
    for magic, kind, opened in STREAMS:
        if data.startswith(magic):
            return _unpack(data, name, kind, opened, budget)
    return None


def _unzip(data: bytes, name: str, wanted: Wanted, budget: Budget) -> Iterator[tuple[str, bytes]]:
    with _damage(name, "zip archive"), zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [info for info in archive.infolist() if not info.is_dir() and _is_data(info.filename)]
        _refuse_office([info.filename for info in archive.infolist()], name)
        budget.count(len(members))
        chosen = [info for info in members if wanted(info.filename)]
        # told sizes refuse early; a member that lies about its own is stopped by what is really read
        if sum(info.file_size + _told_size(archive, info) for info in chosen) > budget.bytes:
            budget.take(budget.bytes + 1)
        for info in sorted(chosen, key=lambda info: info.filename):
            with archive.open(info) as stream:
                content = stream.read(budget.bytes + 1)
            budget.take(len(content))
            yield f"{name}/{info.filename}", content


def _told_size(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """What a gzipped member says that it unpacks to (in its last four bytes); 0 for others."""
    with archive.open(info) as stream:
        content = stream.read(2)
        if content != STREAMS[0][0] or info.file_size > MOST_BYTES:
            return 0
        while more := stream.read(2**20):
            content = content[-4:] + more
    return int.from_bytes(content[-4:], "little")


def _untar(data: bytes, name: str, wanted: Wanted, budget: Budget) -> Iterator[tuple[str, bytes]]:
    with _damage(name, "tar archive"), tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if not info.isfile() or not _is_data(info.name):
                continue
            budget.count(1)
            if not wanted(info.name):
                continue
            stream = archive.extractfile(info)
            content = b"" if stream is None else stream.read(budget.bytes + 1)
            budget.take(len(content))
            yield f"{name}/{info.name}", content


def _unpack(
    data: bytes, name: str, kind: str, opened: Callable[[IO[bytes]], Any], budget: Budget
) -> Iterator[tuple[str, bytes]]:
    with _damage(name, f"{kind} file"), opened(io.BytesIO(data)) as stream:
        content = stream.read(budget.bytes + 1)
    budget.take(len(content))
    budget.count(1)
    yield name, content


class _damage:
    """What goes wrong while an archive is read, as an error that says what to do."""

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _BROKEN) and not isinstance(error, CandleFileError):
            raise unreadable(
                self.name, f"the {self.kind} is damaged or encrypted ({error}); fetch it again"
            ) from error


def _refuse_office(members: list[str], name: str) -> None:
    """Workbooks are zips too."""
    if "xl/workbook.xml" in members or "xl/workbook.bin" in members:
        raise unreadable(
            name,
            "this is an Excel workbook (xlsx); open it and save its sheet as CSV (UTF-8), then import that",
        )
    if "content.xml" in members and "mimetype" in members:
        raise unreadable(
            name, "this is an OpenDocument spreadsheet (ods); save its sheet as CSV, then import that"
        )


def _holds_files(data: bytes) -> bool:
    """Whether an archive of which nothing was unpacked holds files at all."""
    if data.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(not info.is_dir() and _is_data(info.filename) for info in archive.infolist())
    return True


def _is_data(member: str) -> bool:
    """Whether a member can hold candles: it is no shadow file of a system, no checksum, no note."""
    leaf = member.rsplit("/", 1)[-1]
    hidden = member.startswith("__MACOSX/") or leaf.startswith((".", "~$"))
    leaf = leaf.lower()
    return not hidden and not leaf.endswith(_FOR_PEOPLE) and leaf.split(".", 1)[0] not in _NOTES
