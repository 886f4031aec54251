"""What became of an imported file of funding rates or open interest, in numbers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from alphapulse_assets.futures.history.judging import TOLD, Conflicts
from alphapulse_resources.database.upsert import Written


@dataclass(frozen=True, slots=True)
class SymbolReport:
    """What became of the rows of one symbol.

    `rows` = stored or known ones, `duplicates`, and `quarantined`. `intervals` are of funding: hours, first
    and last settlement, how many. `missing` are moments without a row between the first and the last.
    """

    symbol: str
    rows: int
    duplicates: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    written: Written = field(default_factory=Written)
    conflicts: Conflicts = field(default_factory=Conflicts)
    replaced: int = 0
    first: datetime | None = None
    last: datetime | None = None
    intervals: tuple[tuple[float, datetime, datetime, int], ...] = ()
    missing: int = 0
    gaps: int = 0
    new_instrument: bool = False
    notes: tuple[str, ...] = ()

    @property
    def stored(self) -> int:
        """Rows that are in the table now, as they were told."""
        return self.written.inserted + self.written.changed + self.written.unchanged


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file's rows, symbol by symbol."""

    path: Path
    format: str
    time_unit: str | None
    assumptions: tuple[str, ...]
    rows: int
    other_symbols: int
    symbols: tuple[SymbolReport, ...]

    @property
    def problem(self) -> str | None:
        """Why the file is no success: nothing of a symbol, or less than half, could be stored."""
        for each in self.symbols:
            judged = each.stored + each.quarantined
            if each.stored and 2 * each.stored >= judged:
                continue
            if not each.reasons:
                return f"{self.path.name}: there is nothing to store of {each.symbol} in it"
            reason = max(each.reasons, key=lambda name: each.reasons[name])
            return (
                f"{self.path.name}: only {each.stored:,} of {judged:,} rows of {each.symbol} could be stored"
                f"; {each.reasons[reason]:,} for {reason}: {TOLD.get(reason, 'see the table quarantine')}"
            )
        return None if self.symbols else f"{self.path.name}: there is nothing to store in it"
