"""Progress of an import on standard error: a bar in a terminal, a line every few seconds elsewhere."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from alphapulse_cli.output import notes
from alphapulse_resources.names import printable

QUIET_SECONDS: Final = 2.0
"""What is done within that time says nothing beside its result (ours)."""
LINE_SECONDS: Final = 5.0
"""Between two lines where there is no terminal (ours)."""


class ImportProgress:
    """What an import is at. Without a terminal a thread of its own tells it in lines."""

    def __init__(self) -> None:
        self.bar: Progress | None = None
        self.task = TaskID(0)
        self._state: tuple[str, int, int | None] = ("", 0, None)
        self._began = time.monotonic()

    def now(self, what: str, done: int = 0, total: int | None = None) -> None:
        """Say what is done now, and how far it has come."""
        if what != self._state[0]:
            self._began = time.monotonic()
        self._state = (what, done, total)
        if self.bar is not None:
            self.bar.update(self.task, description=printable(what), completed=done, total=total)

    def line(self) -> str | None:
        """The present state in a line; None while it is too early for one."""
        what, done, total = self._state
        seconds = time.monotonic() - self._began
        if not what or seconds < QUIET_SECONDS:
            return None
        far = f"{done:,} of {total:,} candles, " if total else ""
        return f"{what}: {far}{seconds:.0f} s"


@contextmanager
def import_progress() -> Iterator[ImportProgress]:
    """Progress for the length of the block."""
    state = ImportProgress()
    if notes().is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=notes(), transient=True) as state.bar:
            state.task = state.bar.add_task("", total=None)
            yield state
        return
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(state, over), daemon=True, name="import-progress")
    teller.start()
    try:
        yield state
    finally:
        over.set()
        teller.join()


def _tell(state: ImportProgress, over: threading.Event) -> None:
    wait = QUIET_SECONDS
    while not over.wait(wait):
        if line := state.line():
            notes().print(line, markup=False)
            wait = LINE_SECONDS
        else:
            wait = 0.5
