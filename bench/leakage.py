"""Models on matched random walks: the whole way from bars to the ladder, where there is nothing to learn.

Three walks of a year of hourly bars, each with all rungs of the ladder. Told is how many standard errors the
mean AUC of the untouched parts is from 0.5: beyond two the future, or something else that must not, is in a
feature. Beside it, how many walks were called of value: none may be.
"""

import math
import time
from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_assets.models.labels import labelled
from alphapulse_assets.models.model import SKILL
from alphapulse_assets.models.training import train
from alphapulse_assets.models.whole import learnable
from alphapulse_assets.patterns.evaluation.random_walk import matched_walk
from bench.data import candles
from bench.figures import Bar, Demand, Figure

SEEDS: Final = (1, 2, 3)
HORIZON: Final = 10
HOURS: Final = 3 * 8_760
_TWO: Final = Bar(Demand.OURS_AT_MOST, 2.0)
_NONE: Final = Bar(Demand.OURS_AT_MOST, 0.0)


def run() -> list[Figure]:
    """Errors from chance, walks of value, and seconds of one walk."""
    bars = candles(HOURS)
    first = bars["ts"][0]
    hourly = bars.with_columns(
        pl.Series("ts", [first + n * timedelta(hours=1) for n in range(HOURS)], dtype=bars.schema["ts"])
    )
    found, value, seconds = [], 0, []
    for seed in SEEDS:
        began = time.perf_counter()
        rows = labelled(*learnable({"1h": matched_walk(hourly, seed)}), HORIZON)
        card = train(rows, HORIZON, rows["label_known_at"].max()).card  # type: ignore[arg-type]
        seconds.append(time.perf_counter() - began)
        found.append(card["auc"])
        value += card["verdict"] == SKILL
    away = sum(auc["value"] - 0.5 for auc in found) / len(found)
    error = math.sqrt(sum(auc["error"] ** 2 for auc in found)) / len(found)
    name = f"models on {len(SEEDS)} matched random walks of {HOURS:,} bars"
    return [
        Figure(f"{name}: AUC from 0.5", "errors", (abs(away) / error,), bar=_TWO),
        Figure(f"{name}: called of value", "walks", (float(value),), bar=_NONE),
        Figure(f"{name}: from bars to a model", "s", tuple(seconds)),
    ]
