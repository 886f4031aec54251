"""How our clock stands to the venues', as the streams measured it, in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from alphapulse_resources.database.client import Database, statement

MATTERS: Final = 2.0
"""Seconds from which on a difference is worth a line; it is an alert from 5 on (ours)."""


def clocks(database: Database) -> list[dict[str, Any]]:
    """The clock of each venue that is streamed now: venue, ahead_seconds, depth_late_seconds, run_id ..."""
    return database.rows(statement("status/clocks"))


def clock_lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each venue whose clock, or whose depth, is not where it should be; none: all is well."""
    lines = []
    for clock in found:
        ahead, late = clock["ahead_seconds"], clock["depth_late_seconds"] or 0.0
        if abs(ahead) >= MATTERS:
            side = "ahead of" if ahead > 0 else "behind"
            lines.append(
                f"our clock is {abs(ahead):.1f} s {side} {clock['venue']}'s: check its synchronization"
            )
        if late >= MATTERS:
            lines.append(f"depth of {clock['venue']} comes up to {late:.1f} s late")
    return lines
