"""Commitments of Traders over the Socrata API: what is asked, and what an answer means.

Values are text, and what is not told has no key: how many traders a group has is left out where they are
fewer than four.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.providers.cftc.model import CONTRACTS, GROUPS, REPORT_SCHEMA, REPORTS, Group
from alphapulse_resources.providers.client import SOURCE, ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.paging import Turn, pages
from alphapulse_resources.venues.model import Fetch, Page, Reject

LIMIT: Final = 500
"""Rows of one answer (ours): some nine years of a contract. Socrata gives 1,000 unless asked for others."""
ROUNDING: Final = 5
SHARE_AMISS: Final = 0.001
"""Contracts, and share of the open interest, by which the sums of a report may be off (ours): real ones are
exact, but for the deltas of options."""
SPAN: Final = timedelta(days=3650)
DAY: Final = timedelta(days=1)
_DATE: Final = "report_date_as_yyyy_mm_dd"
_CODE: Final = "cftc_contract_market_code"
_OPEN_INTEREST: Final = "open_interest_all"


class Reports(NamedTuple):
    """Reports that one answer told of: rows of REPORT_SCHEMA, and what could not be read."""

    rows: pl.DataFrame
    rejects: list[Reject]
    fetches: list[Fetch]


class CotReports:
    """Asks for Commitments of Traders."""

    def __init__(self, client: ProviderClient, *, limit: int = LIMIT) -> None:
        self._client = client
        self._limit = limit

    def newest(self, report: str, start: datetime, end: datetime) -> Reports:
        """The reports of all contracts about days in `[start, end)`: few enough for one answer."""
        codes = [each.code for each in CONTRACTS]
        series = Series(self._client.provider.name, report)
        answer = self._client.get(
            f"/resource/{REPORTS[report]}.json",
            _query(codes, start, end, self._limit, 0),
            series,
            (start, end),
            read,
        )
        rows, rejects, _ = answer.value
        return Reports(rows, rejects, answer.fetches)

    def pages(
        self, series: Series, report: str, contract: str, start: datetime, end: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        """One contract's reports of days in `[start, end)`, oldest first."""

        def ask(turn: Turn) -> Page[pl.DataFrame]:
            offset = int(turn.cursor or 0)
            answer = self._client.get(
                f"/resource/{REPORTS[report]}.json",
                _query([contract], turn.asked_from, turn.end, self._limit, offset),
                series,
                (turn.start, turn.end),
                read,
            )
            rows, rejects, count = answer.value
            full = count >= self._limit
            newest = [each for each in (*rows["ts"], *(one.ts for one in rejects)) if each is not None]
            reached = max(newest) + DAY if full and newest else turn.start if full else turn.end
            cursor = str(offset + count) if full and reached < turn.end else None
            return Page(SOURCE, turn.start, min(reached, turn.end), rows, rejects, answer.fetches, cursor)

        return pages(ask, start, end, SPAN, series)


def _query(
    codes: Sequence[str], start: datetime, end: datetime, limit: int, offset: int
) -> dict[str, str | int]:
    """A SoQL query; the order makes pages by offset stable (dev.socrata.com/docs/paging)."""
    among = ", ".join(f"'{code}'" for code in codes)
    return {
        "$where": f"{_CODE} in ({among}) AND {_DATE} >= '{start:%Y-%m-%dT%H:%M:%S}.000'"
        f" AND {_DATE} < '{end:%Y-%m-%dT%H:%M:%S}.000'",
        "$order": f"{_DATE}, {_CODE}",
        "$limit": limit,
        "$offset": offset,
    }


def read(body: Any) -> tuple[pl.DataFrame, list[Reject], int]:
    """Rows, what could not be read, and how many reports the answer held.

    Raises TypeError where the body is no list of reports, as Socrata's errors are.
    """
    if not isinstance(body, list):
        raise TypeError(f"a list of reports was expected, not {str(body)[:100]}")
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for report in body:
        try:
            read_rows = [_row(report, group) for group in GROUPS]
            if (amiss := _amiss(report)) is not None:
                rejects.append(Reject("does_not_add_up", {"report": report, "error": amiss}, _day(report)))
                continue
            rows += read_rows
        except (KeyError, TypeError, ValueError) as error:
            what = f"{type(error).__name__}: {error}"
            rejects.append(Reject("unreadable_value", {"report": report, "error": what}, _day(report)))
    return pl.DataFrame(rows, REPORT_SCHEMA, orient="row"), rejects, len(body)


def _row(report: Mapping[str, Any], group: Group) -> tuple[Any, ...]:
    day = _day(report)
    if day is None:
        raise ValueError(f"{_DATE} is no day")
    long, short, spread = group.positions
    return (
        str(report[_CODE]).strip(),
        group.name,
        day,
        int(report[_OPEN_INTEREST]),
        int(report[long]),
        int(report[short]),
        None if spread is None else int(report[spread]),
        _told(report, "change_in_open_interest_all"),
        *(_told(report, column) for column in group.changes),
        *(_told(report, column) for column in group.traders or (None, None, None)),
        report.get("contract_units"),
    )


def _amiss(report: Mapping[str, Any]) -> str | None:
    """What is wrong with the sums of a report: each side and all spreads are the open interest."""
    total = int(report[_OPEN_INTEREST])
    spreads = sum(int(report[group.positions[2]]) for group in GROUPS if group.positions[2])
    for side, name in enumerate(("longs", "shorts")):
        held = sum(int(report[str(group.positions[side])]) for group in GROUPS) + spreads
        if abs(held - total) > max(ROUNDING, SHARE_AMISS * total):
            return f"{name} and spreads of all groups are {held}, the open interest is {total}"
    return None


def _told(report: Mapping[str, Any], column: str | None) -> int | None:
    """A figure that a report may leave out: of the first week, of groups of a few traders."""
    text = None if column is None else report.get(column)
    return None if text is None or str(text).strip() in ("", ".") else int(text)


def _day(report: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(report[_DATE][:10]).replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError):
        return None
