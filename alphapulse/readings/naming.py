"""Which instruments symbols and venues name, with "did you mean" for those that nobody knows. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from alphapulse.readings.reading import RefusedError
from alphapulse_resources.names import did_you_mean, known_name, printable


@dataclass(frozen=True)
class Instruments:
    """All that trade somewhere: identity, venue, symbol. `venues`: also those without any."""

    rows: Sequence[tuple[int, str, str]]
    venues: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def symbols(self) -> frozenset[str]:
        """All symbols, of whichever venue."""
        return frozenset(symbol for _, _, symbol in self.rows)

    def symbol(self, name: str) -> str:
        """The symbol that is meant, in any case, a dash for the slash or not. Raises: RefusedError."""
        text = name.strip()
        for spelling in (text, text.replace("-", "/", 1)):
            if found := known_name(spelling, self.symbols):
                return found
        hint = did_you_mean(text, self.symbols) or "; /api/v1/symbols lists them"
        raise RefusedError("symbol", f"there is no symbol {printable(text)[:64]!r}{hint}")

    def venue(self, name: str) -> str:
        """The venue that is meant. Raises: RefusedError."""
        known = self.venues | {venue for _, venue, _ in self.rows}
        if found := known_name(name, known):
            return found
        hint = did_you_mean(name, known) or f"; there are {', '.join(sorted(known))}"
        raise RefusedError("venue", f"there is no venue {printable(name)[:64]!r}{hint}")

    def ids(self, symbols: Iterable[str], venues: Iterable[str] | None) -> list[int]:
        """Identities of known symbols at known venues (None: at all), in order; none where none trades so."""
        wanted, places = set(symbols), None if venues is None else set(venues)
        return sorted(
            number
            for number, venue, symbol in self.rows
            if symbol in wanted and (places is None or venue in places)
        )
