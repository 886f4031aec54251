"""A made-up model whose answers hang on many terms, for tests that are not about training."""

from datetime import datetime

import numpy as np

from alphapulse_assets.models import kernels
from alphapulse_assets.models.artefact import Model, numbers
from alphapulse_assets.models.model import SHAPE_NAMES
from alphapulse_assets.models.shrunk import EDGES
from alphapulse_assets.models.terms import TERMS
from alphapulse_assets.patterns.events.configuration import PatternConfiguration


def some_model(
    trained_until: datetime, configuration: PatternConfiguration, kind: str = "logistic", trees: int = 60
) -> Model:
    """A logistic regression over all terms, or trees of four leaves, with random numbers."""
    random = np.random.default_rng(3)
    count = len(TERMS)
    made = numbers(
        edges=EDGES,
        size=random.uniform(0.2, 0.8, (7, len(EDGES) + 2)),
        size_n=np.full((7, len(EDGES) + 2), 50.0),
        table=random.uniform(0.4, 0.6, (7, len(SHAPE_NAMES), kernels.REGIMES)),
        table_n=np.full((7, len(SHAPE_NAMES), kernels.REGIMES), 50.0),
        columns=np.arange(count),
        mean=random.normal(0, 1, count),
        scale=random.uniform(1, 9, count),
        weights=random.normal(0, 0.2, count + 1),
        roots=np.arange(trees) * 7,
        feature=random.integers(0, count, trees * 7),
        threshold=random.normal(0, 1, trees * 7),
        left=np.tile([1, 3, 5, -1, -1, -1, -1], trees),
        right=np.tile([2, 4, 6, -1, -1, -1, -1], trees),
        missing_left=random.integers(0, 2, trees * 7),
        value=random.normal(0, 0.05, trees * 7),
        platt=np.array([0.7, 0.1]),
        bins=np.array([-0.5, 0.0, 0.5]),
        bins_n=np.array([40.0, 60.0, 80.0, 90.0]),
    )
    horizon, cost = configuration.models.horizons[0], configuration.costs.round_trip
    return Model(kind, horizon, trained_until, cost, "made up", "made-up", made)
