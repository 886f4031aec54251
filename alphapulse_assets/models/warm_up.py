"""Runs the compiled code of models over made-up numbers, so that no run waits for the compiler. Pure."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from alphapulse_assets.models import kernels
from alphapulse_assets.models.artefact import KINDS, Model, numbers
from alphapulse_assets.models.shrunk import EDGES
from alphapulse_assets.models.terms import TERMS


def warm_up(candles: pl.DataFrame, timeframe: str) -> None:
    """All kinds of models, on one row."""
    share, one = np.full((7, 32, kernels.REGIMES), 0.5), np.zeros(1)
    size = np.full((7, len(EDGES) + 2), 0.5)
    made = numbers(
        edges=EDGES, size=size, size_n=size, table=share, table_n=share, columns=one, mean=one, scale=one + 1,
        weights=np.zeros(2), roots=one, feature=one, threshold=one, left=one - 1, right=one - 1,
        missing_left=one, value=one, platt=np.array([1.0, 0.0]), bins=one, bins_n=np.ones(2),
    )  # fmt: skip
    for kind in KINDS:
        Model(kind, 10, datetime(2000, 1, 1, tzinfo=UTC), 0.0, "", "", made).predict(
            np.zeros((1, len(TERMS)))
        )
    kernels.break_even(0.1, 10.0)
