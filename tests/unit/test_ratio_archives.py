"""Ratios in Binance's archives of metrics: read at the times that these give, or told why not."""

from datetime import UTC, datetime

import pytest

from alphapulse_resources.futures_history.archives import read_ratios
from alphapulse_resources.venues.model import ErrorKind, VenueError

HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio"
)
"""As published: github.com/binance/binance-public-data."""


def file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def test_three_ratios_of_a_moment_become_shares_and_an_empty_one_was_not_told() -> None:
    told = read_ratios(file("2024-03-01 00:05:00,BTCUSDT,1,2,4,,0.25,1.1"), "BTCUSDT")
    assert told.rejects == []
    assert told.rows.rows() == [
        (datetime(2024, 3, 1, 0, 5, tzinfo=UTC), "accounts", 0.2, 0.8, 0.25),
        (datetime(2024, 3, 1, 0, 5, tzinfo=UTC), "top_accounts", 0.8, 0.2, 4.0),
    ]


def test_what_is_no_ratio_is_a_reject_and_costs_no_other() -> None:
    told = read_ratios(
        file("2024-03-01 00:05:00,BTCUSDT,1,2,-1,NaN,1,1", "soon,BTCUSDT,1,2,1,1,1,1"), "BTCUSDT"
    )
    assert [row[1] for row in told.rows.rows()] == ["accounts"]
    bad = {(each.payload["kind"], each.payload["told"]): each.ts for each in told.rejects}
    moment = datetime(2024, 3, 1, 0, 5, tzinfo=UTC)
    assert (bad["top_accounts", "-1"], bad["top_positions", "NaN"], bad["accounts", "1"]) == (
        moment,
        moment,
        None,
    )
    assert len(told.rejects) == 5


@pytest.mark.parametrize(
    "content",
    [
        file("2024-03-01 00:05:00,ETHUSDT,1,2,1,1,1,1"),
        file("2024-03-01 00:05:00,BTCUSDT", header="create_time,symbol"),
        b"",
        b"<html>",
    ],
)
def test_a_file_that_is_another_is_refused(content: bytes) -> None:
    with pytest.raises(VenueError) as caught:
        read_ratios(content, "BTCUSDT")
    assert caught.value.kind is ErrorKind.BAD_BODY
