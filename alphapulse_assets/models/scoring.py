"""Probabilities of evidence: by the newest model known then, else by success rates known then. Pure.

A model is taken as known DAILY_DELAY after the moment up to which it learned, and speaks of nothing earlier.
So a day that is computed again has the same rows, whatever was trained since. `probabilities` is for frames,
`probabilities_of` for one moment of a stream; both run the same machine code.

Where there is no model the shrunk success rate of the pattern that stands for the group speaks (rows of
`success` as the confidence reads them). It tells of returns before costs; what costs take follows from a
normal distribution of returns: Phi(Phi^-1(rate) - c), with c the costs in standard deviations
(`kernels.in_deviations`).
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.models import kernels
from alphapulse_assets.models.artefact import LEVEL, Model
from alphapulse_assets.models.model import FROM_RATES, PROBABILITY_SCHEMA
from alphapulse_assets.models.terms import terms_of
from alphapulse_assets.patterns.evaluation.success import SuccessTable
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import DAILY_DELAY

_NORMAL: Final = NormalDist()
_Z: Final = _NORMAL.inv_cdf((1 + LEVEL) / 2)
_KEPT: Final = (
    *("instrument_id", "timeframe", "ts", "known_at", "direction", "shape"),
    *("family", "pattern", "reference", "names"),
)


class Models:
    """The models that are there, and which of them speaks at a moment."""

    def __init__(self, models: Iterable[Model] = ()) -> None:
        """`models`: in the order in which they are preferred where they learned up to the same moment: the
        last one is."""
        self._by_horizon: dict[int, list[Model]] = {}
        for model in models:
            self._by_horizon.setdefault(model.horizon, []).append(model)
        for each in self._by_horizon.values():
            each.sort(key=lambda model: model.trained_until)

    def at(self, moment: datetime, horizon: int, cost: float) -> Model | None:
        """The newest one known at a moment, of these costs."""
        mine = [each for each in self._by_horizon.get(horizon, ()) if each.cost == cost]
        place = bisect_right(mine, moment - DAILY_DELAY, key=lambda model: model.trained_until)
        return mine[place - 1] if place else None


class History:
    """Success rates as of several times, and which of them are known at a moment."""

    def __init__(self, tables: Iterable[SuccessTable] = ()) -> None:
        known = [(table.known_at, table) for table in tables if table.known_at is not None]
        known.sort(key=lambda each: each[0])
        self._times = [at for at, _ in known]
        self._tables = [table for _, table in known]

    @classmethod
    def of(cls, success: pl.DataFrame) -> "History":
        """Of SUCCESS_SCHEMA as of any number of times."""
        return cls(SuccessTable(part) for part in success.partition_by("as_of"))

    def at(self, moment: datetime) -> SuccessTable | None:
        """The newest rates known at a moment."""
        place = bisect_right(self._times, moment)
        return self._tables[place - 1] if place else None


def probabilities(
    features: pl.DataFrame,
    models: Models,
    history: History,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """PROBABILITY_SCHEMA of rows of FEATURE_SCHEMA, in their order, horizon by horizon."""
    rows = probabilities_of(
        list(features.iter_rows(named=True)), models, history, configuration=configuration
    )
    return pl.DataFrame(rows, schema=PROBABILITY_SCHEMA, orient="row")


def probabilities_of(
    rows: Sequence[Mapping[str, Any]],
    models: Models,
    history: History,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> list[dict[str, Any]]:
    """Rows of PROBABILITY_SCHEMA; a row of which nothing is known has none."""
    cost, found = configuration.costs.round_trip, []
    numbers = terms_of(rows) if rows else np.empty((0, 0))
    for horizon in configuration.models.horizons:
        by_model: dict[Model | None, list[int]] = {}
        for i, row in enumerate(rows):
            by_model.setdefault(models.at(row["known_at"], horizon, cost), []).append(i)
        said: dict[int, dict[str, Any]] = {}
        for model, places in by_model.items():
            if model is None:
                rates = {i: _from_rates(rows[i], history, horizon, configuration) for i in places}
                said |= {i: each for i, each in rates.items() if each is not None}
            else:
                told = model.predict(np.ascontiguousarray(numbers[places]))
                said |= {i: _from_model(each, model) for i, each in zip(places, told.tolist(), strict=True)}
        for i in sorted(said):
            row = rows[i]
            cost_atr = math.nan if row["cost_atr"] is None else row["cost_atr"]
            even = kernels.break_even(cost_atr, float(horizon))
            found.append(
                {name: row[name] for name in _KEPT}
                | {"horizon": horizon, "break_even": None if math.isnan(even) else even, "cost": cost}
                | said[i]
            )
    return found


def _from_model(said: Sequence[float], model: Model) -> dict[str, Any]:
    return {
        "probability": said[kernels.PROBABILITY],
        "probability_low": said[kernels.LOW],
        "probability_high": said[kernels.HIGH],
        "move_probability": said[kernels.MOVE],
        "model_version": model.version,
        "trained_until": model.trained_until,
    }


def _from_rates(
    row: Mapping[str, Any], history: History, horizon: int, configuration: PatternConfiguration
) -> dict[str, Any] | None:
    """What success rates known then say; None where they, or the costs in ATR, are unknown."""
    table = history.at(row["known_at"])
    kind = (row["timeframe"], row["family"], row["pattern"], row["direction"])
    rate = None if table is None else table.rate(*kind, row["regime"])
    if table is None or rate is None or row["cost_atr"] is None:
        return None
    share, clusters = rate
    bounds = kernels.wilson_bounds(share, clusters + configuration.outcomes.prior_strength, _Z)
    taken = kernels.in_deviations(row["cost_atr"], float(horizon))
    value, low, high = (_less(each, taken) for each in (share, *bounds))
    return {
        "probability": value,
        "probability_low": low,
        "probability_high": high,
        "move_probability": 2.0 * _NORMAL.cdf(-taken),
        "model_version": FROM_RATES,
        "trained_until": table.as_of,
    }


def _less(share: float, taken: float) -> float:
    """A share right before costs as one after them."""
    return _NORMAL.cdf(_NORMAL.inv_cdf(share) - taken) if 0.0 < share < 1.0 else share
