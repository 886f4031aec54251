"""Logs of processes, kept bounded: what is too long is copied aside and cut, while its writer goes on.

The writer holds the file open in append mode and needs nobody: should who watches die, its log goes on.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

LOG_BYTES: Final = 10_000_000
"""Of a log until it is cut (ours)."""
OLD_LOGS: Final = 3
"""Cut pieces that are kept of each (ours): 40 MB a log at most."""


def bound(logs: Iterable[Path], *, limit: int = LOG_BYTES, kept: int = OLD_LOGS) -> list[Path]:
    """Cut the logs that are longer than `limit`; those that were cut."""
    cut = []
    for log in logs:
        with suppress(FileNotFoundError):
            if log.stat().st_size > limit:
                _cut(log, kept)
                cut.append(log)
    return cut


def _cut(log: Path, kept: int) -> None:
    """`log` to `log.1`, that one to `log.2` ...; a line written between copy and cut would be lost."""
    pieces = [log.with_name(f"{log.name}.{number}") for number in range(1, kept + 1)]
    for older, newer in zip(pieces[:0:-1], pieces[-2::-1], strict=True):
        with suppress(FileNotFoundError):
            newer.replace(older)
    pieces[0].unlink(missing_ok=True)
    descriptor = os.open(pieces[0], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with log.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        try:
            shutil.copyfileobj(source, target, 1 << 20)
        except OSError:  # a full disk: what is left of the piece is of less use than the room
            target.close()
            pieces[0].unlink(missing_ok=True)
        os.truncate(log, 0)
