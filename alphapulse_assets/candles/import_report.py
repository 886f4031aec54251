"""What became of an imported file, in numbers and in one line that says why when it is not well. Pure."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from alphapulse_assets.candles.gaps import Stretch, missing
from alphapulse_assets.candles.import_checks import Conflicts
from alphapulse_assets.candles.validation import RULES, Validated
from alphapulse_resources.candle_files import CandleFile
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.timeframes import AGGREGATED

COMPUTED: Final = ("1m", *AGGREGATED)
"""The timeframes that indicators, patterns and signals are computed of."""


def computed_on(timeframe: str) -> tuple[str, ...]:
    """What of an imported timeframe is computed of: itself and the longer ones that it adds up to."""
    return COMPUTED[COMPUTED.index(timeframe) :] if timeframe in COMPUTED else ()


def what_follows(timeframe: str) -> str:
    """What will be computed of imported bars, and what not, in words."""
    if found := computed_on(timeframe):
        return (
            f"indicators, regimes, patterns and signals follow on {', '.join(found)}"
            f"{': whole bars only, and bars of minutes where those are all there' * (timeframe != '1m')}"
        )
    return (
        f"{timeframe} bars are stored and shown (ohlcv), but nothing is computed of them: that is done of "
        f"{', '.join(COMPUTED)}; import one of these too"
    )


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file's rows.

    `rows` = `candles` + `duplicates` + `forming` + `quarantined` + `absent` + `other_symbols`; `written`
    tells what the candles changed. `first` is the open time of the first candle, `end` the close of the last
    one. `gaps` are stretches within [first, end) that have no bar now. `quarantine_kept` of the bad rows
    are in the table, the others only counted. `conflicts` are with what was stored before. In a dry run all
    of it says what would have been.
    """

    path: Path
    format: str
    time_unit: str | None
    assumptions: tuple[str, ...]
    rows: int
    candles: int
    duplicates: int
    forming: int
    quarantined: int
    absent: int
    other_symbols: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    first: datetime | None = None
    end: datetime | None = None
    written: Written = field(default_factory=Written)
    gaps: tuple[Stretch, ...] = ()
    quarantine_kept: int = 0
    conflicts: Conflicts | None = None
    new_instrument: bool = False

    @property
    def problem(self) -> str | None:
        """Why the file is no success: nothing of it, or less than half, could be stored."""
        judged = self.candles + self.quarantined
        if self.candles * 2 >= judged and self.candles:
            return None
        if self.quarantined:
            reason = max(self.reasons, key=lambda name: self.reasons[name])
            why = f"{self.reasons[reason]:,} for {reason}: {RULES.get(reason, 'see the table quarantine')}"
            return f"{self.path.name}: only {self.candles:,} of {judged:,} rows could be stored; {why}"
        left = {
            "forming": self.forming,
            "without trades": self.absent,
            "of other instruments or timeframes": self.other_symbols,
        }
        told = ", ".join(f"{count:,} {name}" for name, count in left.items() if count) or "it has no rows"
        return f"{self.path.name}: there is nothing to store in it: {told}"

    @property
    def gap_minutes(self) -> int:
        """Minutes without a bar."""
        return sum((gap.end - gap.start) // timedelta(minutes=1) for gap in self.gaps)

    def longest_gaps(self, count: int = 3) -> list[Stretch]:
        """The longest gaps, longest first."""
        return sorted(self.gaps, key=lambda gap: gap.start - gap.end)[:count]


def report_of(file: CandleFile, valid: Validated, step: timedelta) -> FileReport:
    """All that is known of a file before it is stored; gaps are those within the file."""
    candles = valid.candles
    reasons = Counter(valid.quarantined["reasons"].explode().to_list())
    reasons.update(reject.reason for reject in file.rejects)
    reasons.update(file.more_rejects)
    first = candles["ts"][0] if candles.height else None
    end = candles["ts"][-1] + step if candles.height else None
    return FileReport(
        path=file.path,
        format=file.format,
        time_unit=file.time_unit,
        assumptions=file.assumptions,
        rows=file.rows,
        candles=candles.height,
        duplicates=valid.duplicates,
        forming=valid.forming + file.forming,
        quarantined=valid.quarantined.height + len(file.rejects) + sum(file.more_rejects.values()),
        absent=file.absent,
        other_symbols=file.other_symbols,
        reasons=reasons,
        first=first,
        end=end,
        gaps=tuple(missing(candles["ts"], first, end, step)) if first and end else (),
    )


def storable(payload: Mapping[str, Any]) -> str:
    """A payload as JSON text; jsonb cannot hold NUL characters, so they become the symbol for them."""
    return json.dumps(payload, default=str).replace("\\u0000", "\\u2400")
