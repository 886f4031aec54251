"""Faults on command: which requests they hit and what is known about each kind.

What a fault does to a response body is in `mutations.py`, and to a stream in `stream_faults.py`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, Final

from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.lies import LIES
from alphapulse_sim.news_lies import LIES as NEWS_LIES
from alphapulse_sim.stream_faults import IN_FORCE, STREAM_PARAMETERS, check_stream_fault
from alphapulse_sim.weights import LIMITS

PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "status": {"code": 500, "headers": {}, "body": ""},
    "delay": {"seconds": 1.0},
    "reset": {},
    "lost_answer": {},
    "html": {"body": "<!DOCTYPE html><html><body><h1>Service maintenance</h1></body></html>"},
    "truncated": {"keep": 0.5},
    "empty": {},
    "mutate_rows": {"what": "", "every": 2},
    "drop_rows": {"every": None, "start": None, "end": None},
    "page_cap": {"rows": 100, "keep": None},
    "stale": {"seconds": 3600.0},
    "checksum_mismatch": {},
    "corrupt_zip": {},
    "ban": {"seconds": 120.0},
    "frozen": {"at": "1970-01-01T00:00:00Z"},
    "lie": {"what": "dominance"},
    "news": {"what": "future", "megabytes": 10},
    **STREAM_PARAMETERS,
}
"""Every kind of fault with its parameters and their defaults."""

MUTATIONS: Final = (
    "high_below_low", "negative_volume", "zero_price", "misaligned", "duplicate", "conflicting_duplicate",
    "out_of_order", "future", "null", "text_price", "extra_column",
)  # fmt: skip
_NAMED_BY: Final = ("symbol", "product_id", "pair", "currency", "instrument_name")
_MOST_MEGABYTES: Final = 64
_MATCHING: Final = ("host", "path", "symbol", "times", "skip")


@dataclass(slots=True)
class Fault:
    """One fault: hits requests of `host` whose path contains `path`, for `symbol`, after `skip` of them."""

    kind: str
    host: str = ""  # empty: every host
    path: str = ""
    symbol: str | None = None
    times: int | None = None  # how many requests it hits; None: until removed
    skip: int = 0
    parameters: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    hits: int = 0
    seen: int = 0

    def matches(self, host: str, path: str, query: Mapping[str, str]) -> bool:
        """Whether the request is one this fault is about (whatever `times` and `skip` say)."""
        if self.kind in STREAM_PARAMETERS or self.host not in ("", host) or self.path not in path:
            return False
        if self.kind == "checksum_mismatch" and not path.endswith(".CHECKSUM"):
            return False
        if self.kind == "corrupt_zip" and not path.endswith(".zip"):
            return False
        asked = [query.get(name) for name in _NAMED_BY]
        return self.symbol is None or self.symbol in asked or self.symbol in path.split("/")

    def matches_frame(self, host: str, topic: str, symbol: str) -> bool:
        """Whether a stream's frame is one this fault is about."""
        wanted = self.kind in STREAM_PARAMETERS and self.host in ("", host) and self.path in topic
        return wanted and self.symbol in (None, symbol)

    @property
    def spent(self) -> bool:
        """Whether it has hit as often as it may."""
        return self.times is not None and self.hits >= self.times

    def fires(self) -> bool:
        """Count a matching request and say whether it is hit."""
        self.seen += 1
        if self.seen <= self.skip or self.spent:
            return False
        self.hits += 1
        return True


def parse_fault(spec: Mapping[str, Any]) -> Fault:
    """A fault out of the JSON of `POST /_sim/faults`; raises `ValueError` saying what is wrong with it."""
    kind = spec.get("kind")
    if kind not in PARAMETERS:
        raise ValueError(f"kind {kind!r} is unknown; choose one of {', '.join(PARAMETERS)}")
    known = PARAMETERS[kind]
    unknown = set(spec) - {"kind", *_MATCHING, *known}
    if unknown:
        raise ValueError(f"{kind} does not know {', '.join(sorted(unknown))}; it knows {', '.join(known)}")
    parameters = {name: spec.get(name, default) for name, default in known.items()}
    _check(kind, parameters)
    matching = {name: spec[name] for name in _MATCHING if name in spec}
    if kind == "ban":
        if matching.get("host") not in LIMITS:
            raise ValueError(f"ban needs host= one of {', '.join(LIMITS)}")
        matching.setdefault("times", 1)  # the first request starts the ban; it must not start again and again
    return Fault(kind=kind, parameters=parameters, **matching)


def _check(kind: str, parameters: dict[str, Any]) -> None:
    if kind == "mutate_rows" and parameters["what"] not in MUTATIONS:
        raise ValueError(f"mutate_rows needs what= one of {', '.join(MUTATIONS)}")
    if kind == "lie" and parameters["what"] not in LIES:
        raise ValueError(f"lie needs what= one of {', '.join(LIES)}")
    if kind == "news":
        _check_news(parameters)
    if kind == "frozen":
        parameters["at"] = epoch_ms(parameters["at"])
    if kind in STREAM_PARAMETERS:
        check_stream_fault(kind, parameters)
    every = parameters.get("every")
    if every is not None and (not isinstance(every, int) or every < 1):
        raise ValueError(f"every must be a whole number from 1, not {every!r}")
    if kind == "page_cap":
        _check_cap(parameters["rows"], parameters["keep"])
    if kind == "drop_rows":
        window = [parameters["start"], parameters["end"]]
        if (every is None) == (None in window):
            raise ValueError("drop_rows needs either every= or both start= and end= (ISO times)")
        if every is None:
            parameters["start"], parameters["end"] = (epoch_ms(moment) for moment in window)


def _check_news(parameters: dict[str, Any]) -> None:
    if parameters["what"] not in NEWS_LIES:
        raise ValueError(f"news needs what= one of {', '.join(NEWS_LIES)}")
    megabytes = parameters["megabytes"]
    if not isinstance(megabytes, int) or not 1 <= megabytes <= _MOST_MEGABYTES:
        raise ValueError(f"megabytes must be a whole number from 1 to {_MOST_MEGABYTES}, not {megabytes!r}")


def _check_cap(rows: Any, keep: Any) -> None:
    if not isinstance(rows, int) or rows < 1:
        raise ValueError(f"rows must be a whole number from 1, not {rows!r}")
    if keep not in (None, "oldest", "newest"):
        raise ValueError(f"keep must be oldest, newest or absent (what the venue itself keeps), not {keep!r}")


class Faults:
    """The faults in force, in the order they were set. Spent ones are told of, and looked at no more."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._live: list[Fault] = []
        self._numbers = count(1)

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        fault.number = next(self._numbers)
        self._faults.append(fault)
        self._live.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all of them."""
        self._faults.clear()
        self._live.clear()

    def hitting(self, host: str, path: str, query: Mapping[str, str]) -> list[Fault]:
        """The faults that hit this request; asking counts it."""
        return self._fire([each for each in self._live if each.matches(host, path, query)])

    def hitting_frame(self, host: str, topic: str, symbol: str, *, subscribing: bool = False) -> list[Fault]:
        """The faults that hit this frame, or this subscription; asking counts it."""
        others = {"ws_subscribe_error", *IN_FORCE}
        kinds = {"ws_subscribe_error"} if subscribing else STREAM_PARAMETERS.keys() - others
        found = [each for each in self._live if each.kind in kinds]
        return self._fire([each for each in found if each.matches_frame(host, topic, symbol)])

    def of_kind(self, kind: str) -> list[Fault]:
        """The faults of a kind that are in force."""
        return [each for each in self._live if each.kind == kind]

    def in_force(self, kind: str, host: str, topic: str, symbol: str) -> list[Fault]:
        """Those of a kind that are about this topic; asking counts it."""
        return self._fire([each for each in self.of_kind(kind) if each.matches_frame(host, topic, symbol)])

    def _fire(self, matching: list[Fault]) -> list[Fault]:
        fired = [fault for fault in matching if fault.fires()]
        if any(fault.spent for fault in fired):
            self._live = [fault for fault in self._live if not fault.spent]
        return fired

    def describe(self) -> list[dict[str, Any]]:
        """All faults as JSON, with how often each has hit."""
        return [asdict(fault) for fault in self._faults]
