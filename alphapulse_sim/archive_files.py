"""What all files of Binance's bulk archive share: how they are asked for, when they are there, how packed.

A month appears on the 2nd of the next, a day at 02:00 UTC of the next (times are ours). Each file has a
checksum beside it, in the form of `sha256sum`.
"""

import asyncio
import hashlib
import io
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aiohttp import web

from alphapulse_sim.context import Simulator
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, next_open

HOST: Final = "data.binance.vision"
_NAME: Final = re.compile(r"([A-Z0-9]+)-(\w+)-(\d{4}-\d{2}(?:-\d{2})?)\.zip(?:\.CHECKSUM)?")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can carry: same bytes every time
_KEPT: Final = 64  # archives kept in memory


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One archive: what it is of, and the time that it covers."""

    listing: Listing
    what: str  # an interval of klines, or a kind of statistics, as in its name
    start_ms: int
    end_ms: int
    stem: str


class ArchiveFiles(ABC):
    """The handlers of some of the archive's files; subclasses say whose they are and what is in them.

    Paths have `period` (monthly, daily), `symbol`, `what` and `name`.
    """

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._zipped = lru_cache(maxsize=_KEPT)(self._pack)

    @abstractmethod
    def listing(self, part: Mapping[str, str]) -> Listing | None:
        """Whose file it is, by the parts of its path; None where there is no such file."""

    @abstractmethod
    def lines(self, file: ArchiveFile) -> list[str] | None:
        """The lines of the CSV; None where the listing never traded in that time."""

    async def serve(self, request: web.Request) -> web.Response:
        """A zip or its checksum; 404 in S3's words when it is not, or not yet, there."""
        found = self._find(request)
        # a month takes most of a second: not on the event loop
        body = await asyncio.to_thread(self._zipped, found) if found else None
        if found is None or body is None:
            return _no_such_key(request)
        if request.path.endswith(".CHECKSUM"):
            line = f"{hashlib.sha256(body).hexdigest()}  {found.stem}.zip\n"
            return web.Response(text=line, content_type="binary/octet-stream")
        return web.Response(body=body, content_type="application/zip")

    def _find(self, request: web.Request) -> ArchiveFile | None:
        part = request.match_info
        name = _NAME.fullmatch(part["name"])
        if name is None or (name[1], name[2]) != (part["symbol"], part["what"]):
            return None
        monthly, date = part["period"] == "monthly", name[3]
        listing = self.listing(part)
        if listing is None or monthly != (len(date) == len("2024-01")):
            return None
        try:
            start = epoch_ms(f"{date}-01" if monthly else date)
        except ValueError:
            return None
        end = next_open(start, "1M") if monthly else start + DAY
        if self.sim.now_ms(request) < end + (DAY if monthly else 2 * HOUR):
            return None
        return ArchiveFile(listing, part["what"], start, end, f"{name[1]}-{name[2]}-{date}")

    def _pack(self, file: ArchiveFile) -> bytes | None:
        lines = self.lines(file)
        if lines is None:
            return None
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            member = zipfile.ZipInfo(f"{file.stem}.csv", _EPOCH)
            archive.writestr(member, "\n".join(lines) + "\n", zipfile.ZIP_DEFLATED, compresslevel=1)
        return packed.getvalue()


def _no_such_key(request: web.Request) -> web.Response:
    """What the host says of a file that is not there."""
    key = request.path.removeprefix(f"/{HOST}/")
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        f"<Message>The specified key does not exist.</Message><Key>{key}</Key></Error>"
    )
    return web.Response(status=404, text=text, content_type="application/xml")
