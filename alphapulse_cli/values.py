"""Values in words and as JSON: what every command prints of them. Pure."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any


def to_json(value: Any) -> Any:
    """A value as JSON can hold it: what JSON has no number for is text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(Decimal(value))
        case Decimal():
            return _number(value)
        case datetime() | date() | timedelta():
            return to_text(value)
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json(item) for item in value]
        case _:
            return to_text(value)


def to_text(value: Any) -> str:
    """A value in words: UTC times as 2024-01-01T00:00:00Z, documents as JSON, nothing as ''."""
    match value:
        case None:
            return ""
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case datetime() | date():
            return value.isoformat()
        case bool():
            return "true" if value else "false"
        case Mapping() | list() | tuple():
            return json.dumps(to_json(value), ensure_ascii=False)
        case bytes() | bytearray() | memoryview():
            return f"\\x{bytes(value).hex()}"
        case _:
            return str(value)


def duration(seconds: float | None) -> str:
    """A length of time in its two largest units: 42 s, 3 min 20 s, 5 h 10 min, 12 d 3 h."""
    if seconds is None:
        return ""
    sign, left = ("-" if seconds < 0 else ""), round(abs(seconds))
    parts = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count} {unit}")
    return sign + " ".join(parts[:2]) if parts else "0 s"


def _number(value: Decimal) -> int | float | str:
    if not value.is_finite():
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)
