"""Hard rules of rows: each once, as an expectation and as a polars guard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from alphapulse_assets.datasets.expectations import expectation


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What holds of every row; nulls break no rule but `known`."""

    known: Sequence[str] = ()
    between: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    ordered: Sequence[tuple[str, str]] = ()  # the first is at most the second
    among: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The columns that are looked at, each once."""
        pairs = [name for pair in self.ordered for name in pair]
        return list(dict.fromkeys([*self.known, *self.between, *pairs, *self.among]))

    def suite(self) -> list[Any]:
        """The rules as expectations."""
        return [
            *(expectation("ExpectColumnValuesToNotBeNull", column=name) for name in self.known),
            *(
                expectation("ExpectColumnValuesToBeBetween", column=name, min_value=low, max_value=high)
                for name, (low, high) in self.between.items()
            ),
            *(
                expectation(
                    "ExpectColumnPairValuesAToBeGreaterThanB",
                    column_A=high,
                    column_B=low,
                    or_equal=True,
                    ignore_row_if="either_value_is_missing",
                )
                for low, high in self.ordered
            ),
            *(
                expectation("ExpectColumnValuesToBeInSet", column=name, value_set=list(values))
                for name, values in self.among.items()
            ),
        ]

    def guard(self) -> dict[str, pl.Expr]:
        """The same rules in polars: True where broken."""
        broken = {f"{name}_missing": pl.col(name).is_null() for name in self.known}
        for name, (low, high) in self.between.items():
            if low is not None:
                broken[f"{name}_too_low"] = (pl.col(name) < low).fill_null(False)
            if high is not None:
                broken[f"{name}_too_high"] = (pl.col(name) > high).fill_null(False)
        for low_name, high_name in self.ordered:
            broken[f"{low_name}_above_{high_name}"] = (pl.col(low_name) > pl.col(high_name)).fill_null(False)
        for name, values in self.among.items():
            broken[f"{name}_unknown"] = (~pl.col(name).is_in(list(values))).fill_null(False)
        return broken


AFTER_CLOSE: Final = "microseconds_after_close"
"""What is added to rows with a timeframe: from the close of the bar to `known_at`."""
AT_CLOSE: Final = {AFTER_CLOSE: (0.0, 0.0)}
"""Known at the close of its bar, neither sooner nor later."""
