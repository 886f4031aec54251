"""What the example query about probabilities must answer, without SQL: from stored rows and pure labels.

It is run in test_probabilities, whose market has models; here it is said what is checked.
"""

from collections.abc import Callable
from datetime import timedelta
from statistics import fmean
from typing import Any, Final

import polars as pl
from query_support import Row, near
from signal_support import END

NOW: Final = END - timedelta(hours=1)
Check = Callable[[list[Row], pl.DataFrame], None]


def was_right(rows: list[Row], market: pl.DataFrame) -> None:
    """`market`: stored probabilities with their labels."""
    over = market.filter((pl.col("known_at") <= NOW) & (pl.col("label_known_at") <= NOW))
    tenths: dict[int, list[dict[str, Any]]] = {}
    for row in over.iter_rows(named=True):
        tenths.setdefault(min(int(row["probability"] * 10), 9), []).append(row)
    assert [row["least"] for row in rows] == near([tenth / 10 for tenth in sorted(tenths)])
    for row, tenth in zip(rows, sorted(tenths), strict=True):
        mine = tenths[tenth]
        assert row["n"] == len(mine)
        assert row["said"] == near(fmean(each["probability"] for each in mine))
        assert row["was_right"] == near(fmean(each["is_right"] for each in mine))
        assert row["net_bps"] == near(10_000 * fmean(each["net_return"] for each in mine))


PROBABILITY_CHECKS: Final[dict[str, Check]] = {"82_is_what_was_probable_right": was_right}
