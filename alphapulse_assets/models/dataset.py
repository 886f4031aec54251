"""Probabilities as data sets: the models, and what they say of each piece of evidence."""

from typing import Final

from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.models import checks
from alphapulse_assets.models.model import (
    EVENT_PROBABILITIES,
    FEATURES_VERSION,
    LOGIC_VERSION,
    SHAPE_NAMES,
    TRAINING_VERSION,
)
from alphapulse_assets.models.warm_up import warm_up
from alphapulse_assets.patterns.evaluation import success
from alphapulse_assets.patterns.events.model import FAMILIES
from alphapulse_assets.patterns.scoring import confidence

GROUP: Final = "models"
_SHARE: Final = (0.0, 1.0)

PROBABILITY_MODEL: Final = Dataset(
    name="probability_model",
    description="The model of how probable it is that an event is right after costs: a ladder of shrunk "
    "table, logistic regression and small gradient boosting, chosen by walk-forward.\n\n"
    "Its card tells what it was worth on time it had not seen. Where that is no more than the base rate "
    "the verdict says so, and only the shrunk table serves. Trained monthly, of all tracked symbols.",
    group=GROUP,
    layer="statistics",
    relations=["model_cards", "probability_models"],
    reads=["pattern_confidence", "pattern_outcomes"],
    versions=[TRAINING_VERSION, FEATURES_VERSION],
    kinds=frozenset({"scikitlearn", "postgres"}),
)
PROBABILITIES: Final = Dataset(
    name="event_probabilities",
    description="How probable it is that each piece of evidence is right after costs, with its interval, "
    "as known at the close.\n\n"
    "Patterns of one bar, direction and shape are one piece, whatever their names. Told by the newest "
    "model that was known then, before there was one by success rates known then; a day that is computed "
    "again has the same rows.",
    group=GROUP,
    tables=[EVENT_PROBABILITIES],
    relations=["event_probability", "signal_grades"],
    reads=["pattern_confidence", PROBABILITY_MODEL.name],
    reads_before=False,
    versions=[LOGIC_VERSION, FEATURES_VERSION, confidence.LOGIC_VERSION, success.LOGIC_VERSION],
    rules=RuleSet(
        known=("known_at", "probability", "model_version", "trained_until"),
        between={
            **dict.fromkeys(("probability", "probability_low", "probability_high"), _SHARE),
            **dict.fromkeys(("move_probability", "break_even"), _SHARE),
            "names": (1, None),
            "hours_before": (6.0, None),
        },
        ordered=(("probability_low", "probability"), ("probability", "probability_high"), ("ts", "known_at")),
        among={"family": FAMILIES, "direction": ("bearish", "bullish"), "shape": SHAPE_NAMES},
    ),
    checks=[
        Check(
            "rules",
            "Probabilities from 0 to 1 within their bounds, from a model known six hours before.",
            checks.rules,
            blocking=True,
        ),
        Check(
            "complete",
            "Every piece of evidence has its probability from when there is a model, and no more than one.",
            checks.complete,
        ),
        Check(
            NO_LOOK_AHEAD,
            "Bars computed again from nothing known later have the rows that are stored.",
            checks.no_look_ahead,
        ),
    ],
    warm_up=warm_up,
)
DATASETS: Final = (PROBABILITY_MODEL, PROBABILITIES)
