"""Gaps as rows of `gap_ledger`, of whatever data set. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from alphapulse_assets.candles.gaps import Gap, GapState, Verification

FIRST_RETRY: Final = timedelta(minutes=5)
"""When a new gap is looked at again; the second answer counts from then on (gaps.REPEAT_AFTER)."""


def gap_of(row: Mapping[str, Any]) -> Gap:
    """A gap of a row of `gap_ledger`."""
    return Gap(
        start=row["gap_start"],
        end=row["gap_end"],
        state=GapState(row["state"]),
        detected_at=row["detected_at"],
        repaired_at=row["repaired_at"],
        repaired_from=row["repaired_from"],
        verifications=tuple(
            Verification(item["source"], datetime.fromisoformat(item["at"])) for item in row["verifications"]
        ),
        verified_at=row["verified_at"],
        reason=row["reason"],
    )


def row_of(gap: Gap, known: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """A gap as a row; attempts and the next one are those of the rows it comes from."""
    parents = [row for row in known if row["gap_start"] < gap.end and row["gap_end"] > gap.start]
    planned = [row["next_attempt_at"] for row in parents if row["next_attempt_at"] is not None]
    values = asdict(gap)
    return {
        **{key: values[key] for key in ("state", "detected_at", "repaired_at", "repaired_from")},
        "gap_start": gap.start,
        "gap_end": gap.end,
        "verifications": [{"source": v.source, "at": v.at.isoformat()} for v in gap.verifications],
        "verified_at": gap.verified_at,
        "reason": gap.reason,
        "attempts": max((row["attempts"] for row in parents), default=0),
        "next_attempt_at": min(planned, default=now + FIRST_RETRY)
        if gap.state is GapState.DETECTED
        else None,
    }
