"""What a rule about a failed request is made of, and the advice that most of them give. Pure.

The rules for all venues are in `errors`, those of one venue in its folder. No library of a client is imported
here: ccxt takes a second, and every command reads the registry.
"""

import json
from dataclasses import dataclass
from typing import Final

from alphapulse_resources.venues.model import ErrorKind

WAIT: Final = "Wait for the time the venue named; fewer processes or symbols at once keep below its limit."
BLOCKED: Final = "The venue refuses this address (region or firewall): use another source or another network."
DOWN: Final = "The venue or the way to it is down: look at its status page, run the window again later."
SLOW: Final = (
    "The venue was too slow: run the window again, or raise ALPHAPULSE_VENUES__HTTP_TIMEOUT_SECONDS."
)
SYMBOL: Final = "The venue does not know this symbol: refresh the instruments, it may be delisted or renamed."
OURS: Final = (
    "The venue refused the request itself: this is a defect here or a change of its interface; report it."
)
BODY: Final = (
    "The venue answered with something else than data: run the window again; if it stays, report it."
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: it holds when each thing it names is so; what it does not name may be anything."""

    kind: ErrorKind
    retryable: bool
    advice: str
    exceptions: tuple[type[BaseException], ...] = ()
    exception_names: frozenset[str] = frozenset()  # of classes, where importing them costs too much
    statuses: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()  # the venue's own code in the body
    text: str = ""  # part of the message or body, lower case
    pause: float | None = None  # seconds to wait where the venue names none

    def holds(self, trouble: "Failure") -> bool:
        """Whether this row is about `trouble`."""
        return (
            (not self.exceptions or isinstance(trouble.exception, self.exceptions))
            and (not self.exception_names or bool(self.exception_names & trouble.exception_names))
            and (not self.statuses or trouble.status in self.statuses)
            and (not self.codes or trouble.code in self.codes)
            and (not self.text or self.text in trouble.text)
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """What was seen of a failed request."""

    venue: str
    exception: BaseException
    status: int | None = None
    body: str = ""

    @property
    def exception_names(self) -> set[str]:
        """The names of the exception's class and of those above it."""
        return {kind.__name__ for kind in type(self.exception).__mro__}

    @property
    def code(self) -> str | None:
        """The venue's own error code, under one of the names that venues give it."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return None
        if not isinstance(body, dict):
            return None
        found = next((body[key] for key in ("code", "retCode", "error") if key in body), None)
        return None if found is None else str(found)

    @property
    def text(self) -> str:
        """Message and body, lower case."""
        return f"{self.exception} {self.body}".lower()
