"""From the words of a query string to checked parameters of a reading."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from alphapulse.readings.asking import Asked
from alphapulse.readings.reading import Filter, Reading, RefusedError
from alphapulse_api.columnar import read_cursor

COMMON: Final = ("start", "end", "as_of", "fields", "limit", "cursor", "shape", "unit")


def asked_of(reading: Reading, given: Mapping[str, str]) -> Asked:
    """What was asked of a reading. Raises: RefusedError, naming the parameter."""
    filters: dict[str, Any] = {}
    for name, text in given.items():
        if name in COMMON:
            continue
        rule = reading.filter_named(name)
        if rule is None:
            known = ", ".join((*(each.name for each in reading.filters), *COMMON))
            raise RefusedError(name, f"there is no parameter {name!r}; there are {known}")
        filters[name] = _value(rule, text)
    cursor = given.get("cursor")
    return Asked(
        filters=filters,
        start=_time("start", given.get("start")),
        end=_time("end", given.get("end")),
        as_of=_time("as_of", given.get("as_of")),
        fields=given["fields"].split(",") if given.get("fields") else None,
        limit=_integer("limit", given.get("limit")),
        after=read_cursor(cursor, len(reading.order)) if cursor else None,
    )


def _value(rule: Filter, text: str) -> Any:
    match rule.kind:
        case "texts":
            return [each.strip() for each in text.split(",") if each.strip()]
        case "integer":
            return _integer(rule.name, text)
        case "number":
            try:
                return float(text)
            except ValueError:
                raise RefusedError(rule.name, f"{rule.name} is a number, not {text!r}") from None
        case "time":
            return _time(rule.name, text)
        case "boolean":
            if text not in ("true", "false"):
                raise RefusedError(rule.name, f"{rule.name} is true or false, not {text!r}")
            return text == "true"
        case _:
            return text


def _integer(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        raise RefusedError(name, f"{name} is a whole number, not {text!r}") from None


def _time(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(name, f"{name} is a time such as 2026-11-01T00:00:00Z, not {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
