"""Hard rules of aggregates and correlations: what breaks one goes to quarantine."""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.news.aggregates.correlation import AGAINST, SERIES
from alphapulse_assets.news.aggregates.lead_lag import LAGS, VERDICTS
from alphapulse_assets.news.aggregates.model import COUNTS

_SIDES: Final = (-1.0, 1.0)
_SHARE: Final = (0.0, 1.0)

AGGREGATE_RULES: Final = RuleSet(
    known=("coin", "model", "model_version", "known_at", *COUNTS),
    between={
        **dict.fromkeys(("score", "baseline_mean"), _SIDES),
        "change": (-2.0, 2.0),
        **dict.fromkeys(("dispersion", "disagreement"), _SHARE),
        **dict.fromkeys(("texts", "stories", "sources"), (1, None)),
        **dict.fromkeys(("news", "social", "positive", "negative", "neutral", "unscored"), (0, None)),
        "hours": (1, 24),
    },
    ordered=(("stories", "texts"), ("sources", "texts"), ("unscored", "stories"), ("ts", "known_at")),
)
CORRELATION_RULES: Final = RuleSet(
    known=("known_at", "pairs", "trials", "verdict", "coin"),
    between={
        **dict.fromkeys(("correlation", "low", "high"), _SIDES),
        **dict.fromkeys(("p", "q", "shuffled_best", "shuffled_share"), _SHARE),
        **dict.fromkeys(("pairs", "trials"), (0, None)),
        "effective_n": (3.0, None),
        "lag": (min(LAGS), max(LAGS)),
    },
    ordered=(("low", "correlation"), ("correlation", "high"), ("p", "q"), ("ts", "known_at")),
    among={"series": SERIES, "against": AGAINST, "verdict": VERDICTS},
)
