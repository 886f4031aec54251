"""Progress of imports on standard error: a bar in a terminal, a line every few seconds elsewhere."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from alphapulse_cli.output import notes
from alphapulse_resources.names import printable

QUIET_SECONDS: Final = 2.0
"""What is done within that time says nothing beside its result (ours)."""
LOOK_SECONDS: Final = 0.2
"""Between two looks at how far it is (ours)."""
LINE_SECONDS: Final = 5.0
"""Between two lines where there is no terminal (ours)."""


class ImportProgress:
    """What an import is at: set by the one who imports, told by a thread of its own."""

    def __init__(self) -> None:
        self.what = ""
        self.done = 0
        self.total: int | None = None
        self.began = time.monotonic()

    def now(self, what: str, done: int = 0, total: int | None = None) -> None:
        """Say what is done now, and how far it has come."""
        if what != self.what:
            self.began = time.monotonic()
        self.what, self.done, self.total = what, done, total

    def is_long(self) -> bool:
        """Whether this takes long enough to be told."""
        return bool(self.what) and time.monotonic() - self.began >= QUIET_SECONDS

    def line(self) -> str:
        """The present state in a line."""
        far = f"{self.done:,} of {self.total:,} candles, " if self.total else ""
        return f"{self.what}: {far}{time.monotonic() - self.began:.0f} s"


@contextmanager
def import_progress() -> Iterator[ImportProgress]:
    """Progress for the length of the block."""
    state, over = ImportProgress(), threading.Event()
    tell = _bar if notes().is_terminal else _lines
    teller = threading.Thread(target=tell, args=(state, over), daemon=True, name="import-progress")
    teller.start()
    try:
        yield state
    finally:
        over.set()
        teller.join()


def _lines(state: ImportProgress, over: threading.Event) -> None:
    wait = LOOK_SECONDS
    while not over.wait(wait):
        wait = LOOK_SECONDS
        if state.is_long():
            notes().print(state.line(), markup=False)
            wait = LINE_SECONDS


def _bar(state: ImportProgress, over: threading.Event) -> None:
    """A bar while something takes long; it leaves nothing behind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    while not over.wait(LOOK_SECONDS):
        if not state.is_long():
            continue
        what = state.what
        with Progress(*columns, console=notes(), transient=True) as bar:
            task = bar.add_task(printable(what), total=None)
            while not over.wait(LOOK_SECONDS) and state.what == what:
                bar.update(task, completed=state.done, total=state.total)
