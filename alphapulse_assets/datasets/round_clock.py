"""What time it is while a round goes on, by the time that it was told, which may be a test's."""

import time
from datetime import datetime, timedelta


class RoundClock:
    """The time at which a round began plus what has passed since, by the machine's own count.

    What an answer tells was known when it had come, not when it was asked for: a question may wait for its
    turn for a minute and more.
    """

    def __init__(self, began: datetime) -> None:
        self.began = began
        self._counted_from = time.monotonic()

    def __call__(self) -> datetime:
        """Now."""
        return self.began + timedelta(seconds=time.monotonic() - self._counted_from)
