"""Values of the streams' rows: times, numbers that may be unknown, JSON. Pure."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC)


def known(value: float) -> float | None:
    """A number, or None where it is unknown (NaN) or infinite."""
    return value if math.isfinite(value) else None


def to_json(detail: Mapping[str, Any]) -> str:
    """JSON of a detail; what JSON cannot say (NaN, infinite) is null."""
    clean = {k: known(v) if isinstance(v, float) else v for k, v in detail.items()}
    return json.dumps(clean, separators=(",", ":"))
