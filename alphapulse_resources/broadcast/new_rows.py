"""Telling that data sets have new rows, for who is no stream: the poller. A thread of its own does it."""

import logging
from collections.abc import Iterable
from threading import Event, Lock, Thread
from typing import Final
from uuid import uuid4

from alphapulse_resources.broadcast.bus import Bus, BusError
from alphapulse_resources.broadcast.wire import new_rows, pack

log = logging.getLogger(__name__)

GATHER_SECONDS: Final = 0.1
"""Data sets that are stored within so long are told together (ours)."""


class NewRowsTeller:
    """`tell` never blocks, never raises. What cannot be told is left out: readers look for themselves too."""

    def __init__(self, bus: Bus, topic: str, name: str) -> None:
        self.failed = 0
        self._bus, self._topic = bus, topic
        self._publisher = f"{name}-{uuid4().hex[:8]}"
        self._number = 1
        self._waiting: set[str] = set()
        self._lock = Lock()
        self._wake, self._closing = Event(), Event()
        self._thread = Thread(target=self._run, name="broadcast new rows", daemon=True)

    def tell(self, datasets: Iterable[str]) -> None:
        """These have new rows, which are committed."""
        with self._lock:
            self._waiting.update(datasets)
        if self._waiting:
            self._wake.set()

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def close(self) -> None:
        """Tell what waits, and end."""
        self._closing.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
        self._bus.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._closing.wait(GATHER_SECONDS)
            self._wake.clear()
            with self._lock:
                waiting, self._waiting = sorted(self._waiting), set()
            if waiting:
                self._publish(waiting)

    def _publish(self, datasets: list[str]) -> None:
        payloads = pack(self._publisher, self._number, map(new_rows, datasets))
        try:
            self._bus.publish(self._topic, [b"0 " + payload for payload in payloads])
        except BusError as error:
            if not self.failed:
                log.warning("broadcast: new rows could not be told: %s (told once)", error)
            self.failed += 1
            self._number += 1  # a gap: readers look for themselves
        else:
            self.failed = 0
        self._number += len(payloads)
