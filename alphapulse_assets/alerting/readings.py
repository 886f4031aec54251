"""What rules read, from where it is stored: how things stood at a time, and what became known in a stretch.

Point in time: what was known later is not read. Bars and what is computed from them are read as they are
stored now: a candle that was corrected since is the corrected one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alphapulse_assets.alerts.expressions.fields import SIGNALS
from alphapulse_assets.alerts.rules import Read
from alphapulse_assets.alerts.watching import News
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.statements import template
from alphapulse_resources.frames import TIMEFRAMES

MINUTE: Final = timedelta(minutes=1)


def standing(
    database: Database, reads: Iterable[Read], instruments: Sequence[int], at: datetime
) -> list[News]:
    """How things stood: the newest value of each field that was known at a time and still said something."""
    found = []
    for group in _groups(reads):
        if group[0].field.record:
            continue
        keeps = group[0].field.keeps(group[0].timeframe)
        reading = template(_file(group))
        rows = database.rows(
            statement("alerts/rules/newest", reading=reading), _parameters(group, instruments, at - keeps, at)
        )
        found += [_news(group, row) for row in rows]
    return found


def became_known(
    database: Database, reads: Iterable[Read], instruments: Sequence[int], after: datetime, until: datetime
) -> list[News]:
    """All that became known in (after, until], in order; what was known at one moment is told at once."""
    moments: dict[tuple[float, int], News] = {}
    records: list[News] = []
    for group in _groups(reads):
        for row in database.rows(statement(_file(group)), _parameters(group, instruments, after, until)):
            news = _news(group, row)
            if news.record is not None:
                records.append(news)
                continue
            before = moments.get((news.at, news.instrument_id))
            moments[news.at, news.instrument_id] = news if before is None else _together(before, news)
    return sorted([*moments.values(), *records], key=_order)


def _order(news: News) -> tuple[float, int, bool, str]:
    """By time; of one moment first how things stand, then what came."""
    return news.at, news.instrument_id, news.record is not None, news.record or ""


def _together(one: News, other: News) -> News:
    values, until = {**one.values, **other.values}, {**one.until, **other.until}
    return News(one.instrument_id, one.at, max(one.ts, other.ts), values, None, until)


def _groups(reads: Iterable[Read]) -> list[list[Read]]:
    """Reads that one statement answers: of one source and timeframe."""
    found: defaultdict[tuple[str, str | None], list[Read]] = defaultdict(list)
    for read in reads:
        found[read.field.source.name, read.timeframe].append(read)
    return list(found.values())


def _file(group: Sequence[Read]) -> str:
    return f"alerts/rules/reading/{group[0].field.source.name}"


def _parameters(
    group: Sequence[Read], instruments: Sequence[int], after: datetime, until: datetime
) -> dict[str, Any]:
    length = TIMEFRAMES[group[0].timeframe] if group[0].timeframe else MINUTE
    return {
        "instruments": list(instruments),
        "after": after,
        "until": until,
        "length": length,
        "timeframe_id": length // MINUTE,
    }


def _news(group: Sequence[Read], row: Mapping[str, Any]) -> News:
    values = {read.key: row[read.field.column] for read in group}
    until = {}
    if group[0].field.source is SIGNALS and row["expires_at"] is not None:
        until = dict.fromkeys(values, row["expires_at"])
    return News(row["instrument_id"], row["known_at"], row["ts"], values, row.get("record"), until)


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)
