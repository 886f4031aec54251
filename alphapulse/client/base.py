"""What all methods stand on: readings by name, symbols and venues that there are, times, the newest rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any, Final, TypeAlias

import polars as pl

from alphapulse.backends.backend import Backend
from alphapulse.errors import NotFoundError, ParameterError
from alphapulse.frames import oldest_first
from alphapulse.moments import Moment, in_order, moment
from alphapulse.readings.asking import Asked, within_span
from alphapulse.readings.catalogue import BY_NAME
from alphapulse.readings.filters import Filter
from alphapulse.readings.reading import Reading
from alphapulse_resources.names import did_you_mean, known_name, nearest

Names: TypeAlias = str | Iterable[str]
"""One name or several."""
Instrument: TypeAlias = tuple[str, str]
"""Venue and symbol."""

FRESH_SECONDS: Final = 60.0
"""How long the list of instruments is taken to be as it was (ours): a new one is found by asking again."""
NAMED: Final = 8
"""Names that a message lists at most (ours)."""


class Asking:
    """A backend, and the instruments that it knows."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._lock = Lock()
        self._known: tuple[float, list[Instrument]] | None = None

    def _rows(
        self,
        name: str,
        filters: Mapping[str, Any] | None = None,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
        fields: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """The rows of a reading, oldest first: of a stretch all, without a start and a limit the newest.

        Where all symbols together would be too much, the stretch without a start is the reading's own span.
        """
        reading = BY_NAME[name]
        known = _as_of(reading, as_of)
        first, last = moment("start", start), moment("end", end)
        in_order(first, last)
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
            raise ParameterError(
                "limit", f"limit is {limit!r}: rows are counted from 1; without one all come"
            )
        asked = Asked(
            filters=_values(reading, filters or {}),
            start=first,
            end=last,
            as_of=known,
            fields=fields,
            limit=limit,
        )
        if reading.time is not None:
            asked = within_span(reading, asked, datetime.now(UTC))
            if limit is None and asked.start is None:
                asked = replace(asked, limit=reading.limit)
        return oldest_first(self._backend.ask(reading, asked), newest_first=reading.newest_first)

    def _of(self, symbol: Names | None, venue: Names | None) -> dict[str, Any]:
        """Filters of symbols and venues, in the letters that are known. Raises NotFoundError."""
        symbols, venues = _several("symbol", symbol), _several("venue", venue)
        if symbols is None and venues is None:
            return {}
        pairs = self._instruments(symbols, venues)
        return {
            "symbol": None if symbols is None else sorted({each for _, each in pairs}),
            "venue": None if venues is None else sorted({each for each, _ in pairs}),
        }

    def _instruments(self, symbols: list[str] | None, venues: list[str] | None) -> list[Instrument]:
        """Those that are meant. A symbol without a venue is meant at every venue that has it.

        Raises: NotFoundError, which names what is near.
        """
        try:
            return meant(self._known_instruments(), symbols, venues)
        except NotFoundError:
            if not self._forget():
                raise
            return meant(self._known_instruments(), symbols, venues)  # it may have come just now

    def _known_instruments(self) -> list[Instrument]:
        with self._lock:
            known = self._known
        if known is None or monotonic() - known[0] > FRESH_SECONDS:
            known = monotonic(), self._backend.instruments()
            with self._lock:
                self._known = known
        return known[1]

    def _forget(self) -> bool:
        """Forget the instruments; whether they had been known for a while."""
        with self._lock:
            known, self._known = self._known, None
        return known is not None and monotonic() - known[0] > 1.0


def meant(
    known: Sequence[Instrument], symbols: list[str] | None, venues: list[str] | None
) -> list[Instrument]:
    """Venue and symbol of each instrument that is meant, in the order asked. Raises NotFoundError."""
    if venues is not None:
        all_venues = sorted({venue for venue, _ in known})
        venues = [_one("venue", each, all_venues, "") for each in venues]
    there = [pair for pair in known if venues is None or pair[0] in venues]
    if symbols is None:
        return there
    found: list[Instrument] = []
    for symbol in symbols:
        name = known_name(symbol, {each for _, each in there})
        if name is None:
            raise NotFoundError(_unknown_symbol(symbol, known, venues))
        found += [pair for pair in there if pair[1] == name and pair not in found]
    return found


def _unknown_symbol(symbol: str, known: Sequence[Instrument], venues: list[str] | None) -> str:
    if not known:
        return f"symbol {symbol!r} is not known: nothing is, yet. `alphapulse symbols add` tracks a symbol"
    if venues is not None:
        elsewhere = sorted(venue for venue, each in known if each.casefold() == symbol.strip().casefold())
        at = f"at {' or '.join(venues)}"
        if elsewhere:
            return f"symbol {symbol!r} is not known {at}; {', '.join(elsewhere)} has it"
        near = did_you_mean(symbol, {each for venue, each in known if venue in venues})
        return (
            f"symbol {symbol!r} is not known {at}{near or _there(sorted(s for v, s in known if v in venues))}"
        )
    found = nearest(symbol, {each for _, each in known})
    if not found:
        return f"symbol {symbol!r} is not known{_there(sorted({each for _, each in known}))}"
    at_venues = {name: [venue for venue, each in known if each == name] for name in found}
    near = " or ".join(f"{name} on {', '.join(venues[:3])}" for name, venues in at_venues.items())
    return f"symbol {symbol!r} is not known; did you mean {near}?"


def _one(what: str, name: str, known: list[str], where: str) -> str:
    found = known_name(name, known)
    if found is None:
        raise NotFoundError(
            f"{what} {name!r} is not known{where}{did_you_mean(name, known) or _there(known)}"
        )
    return found


def _there(known: Sequence[str]) -> str:
    more = ", ..." if len(known) > NAMED else ""
    return f"; there are {', '.join(known[:NAMED])}{more}" if known else "; there are none yet"


def _several(what: str, given: Names | None) -> list[str] | None:
    if given is None:
        return None
    names = [given] if isinstance(given, str) else list(given)
    if not names or any(not isinstance(each, str) or not each.strip() for each in names):
        raise ParameterError(what, f"{what} is {given!r}: pass a name, or a list of names")
    return [each.strip() for each in names]


def one_name(what: str, given: str, known: Sequence[str]) -> str:
    """The known name that is meant. Raises NotFoundError."""
    if not isinstance(given, str):
        raise ParameterError(what, f"{what} is {given!r}: pass one of {', '.join(known)}")
    return _one(what, given, list(known), "")


def _as_of(reading: Reading, given: Moment | None) -> datetime | None:
    if given is not None and not reading.honours_as_of:
        raise ParameterError(
            "as_of",
            f"{reading.name} cannot be asked as of a time: "
            f"{reading.no_as_of or 'its rows do not tell when each was known'}",
        )
    return moment("as_of", given)


def _values(reading: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a reading's parameters in their types, what was not given by its default."""
    values = {}
    for rule in reading.filters:
        value = given.get(rule.name)
        if value is None and rule.default is None:
            continue
        values[rule.name] = _value(rule, rule.default if value is None else value)
    return values


def _value(rule: Filter, given: Any) -> Any:
    match rule.kind:
        case "texts":
            names = _several(rule.name, given) or []
            return [one_name(rule.name, each, rule.choices) for each in names] if rule.choices else names
        case "text":
            return one_name(rule.name, given, rule.choices) if rule.choices else str(given)
        case "time":
            return moment(rule.name, given)
        case "boolean":
            if not isinstance(given, bool):
                raise ParameterError(rule.name, f"{rule.name} is True or False, not {given!r}")
            return given
        case "integer" | "number":
            kind = int if rule.kind == "integer" else float
            try:
                return kind(given)
            except (TypeError, ValueError):
                raise ParameterError(rule.name, f"{rule.name} is a number, not {given!r}") from None
