"""The client as one class."""

from types import TracebackType
from typing import Self

from alphapulse.backends.backend import Backend
from alphapulse.client.books import Books
from alphapulse.client.drawn import Drawn
from alphapulse.client.free import Free
from alphapulse.client.futures import Futures
from alphapulse.client.looking import Looking
from alphapulse.client.market import Market
from alphapulse.client.trust import Trust


class Client(Looking, Drawn, Books, Futures, Market, Trust, Free):
    """A read-only connection to the data of a database or an API. Made by `alphapulse.connect`.

    Frames are polars' (`.to_pandas()` gives pandas'), times are UTC, rows come oldest first. Safe to share
    between threads. Use it with `with`, or `close` it; it connects anew if it is asked again.
    """

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)

    def close(self) -> None:
        """Give all connections back."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<alphapulse: {self._backend.where}, read only>"
