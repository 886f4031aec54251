"""How probable it is that evidence is right after costs, what models were worth, features as of a time."""

from typing import Final

from alphapulse.readings.filters import DIRECTION, OF_BARS, PATTERN, Filter, any_of, at_least
from alphapulse.readings.patterns import HORIZON
from alphapulse.readings.reading import Reading
from alphapulse.readings.signals import SIGNAL

BY_EVIDENCE: Final = ("ts", "venue", "symbol", "timeframe", "direction", "shape", "horizon")
SHAPE: Final = any_of("shape", "What the patterns of one piece of evidence share", "big_bar")
PROBABILITY: Final = at_least("probability", "Probability of being right after costs, 0 to 1.", "0.5")
OF_EVIDENCE: Final[tuple[Filter, ...]] = (*OF_BARS, DIRECTION, SHAPE, PATTERN, HORIZON, PROBABILITY)

READINGS: Final = (
    Reading(
        name="event_probability",
        path="models/probabilities",
        relation="event_probability",
        summary="How probable it is that each piece of evidence is right after costs, with its interval.",
        filters=OF_EVIDENCE,
        order=BY_EVIDENCE,
        tags=("models", "patterns"),
    ),
    Reading(
        name="signal_grades",
        path="models/signal-grades",
        relation="signal_grades",
        summary="Signals with the probability of their evidence, break-even, and grade.",
        filters=(*OF_BARS, SIGNAL, any_of("grade", "Grade", "A"), PROBABILITY),
        order=("ts", "venue", "symbol", "timeframe", "configuration_version"),
        tags=("models", "signals"),
    ),
    Reading(
        name="model_cards",
        path="models/cards",
        relation="model_cards",
        summary="Models of probability, and what each was worth on time it had not seen.",
        filters=(
            any_of("verdict", "Verdict", "no demonstrated predictive value"),
            any_of("kind", "What serves", "table"),
            HORIZON,
        ),
        order=("ts", "model_version"),
        tags=("models",),
    ),
    Reading(
        name="event_features",
        path="models/features",
        relation="event_features",
        summary="Features as of a time: all that was known of evidence then, and labels known later.",
        filters=OF_EVIDENCE,
        order=BY_EVIDENCE,
        known=None,
        no_as_of="its labels came later than its features: leave out rows by label_known_at",
        tags=("models", "patterns"),
    ),
)
