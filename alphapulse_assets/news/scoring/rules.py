"""What holds of every link and score."""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet

SCORE_RULES: Final = RuleSet(
    known=("model", "model_version", "data_hash", "known_at"),
    between={
        "score": (-1.0, 1.0),
        "confidence": (0.0, 1.0),
        "negative": (0.0, 1.0),
        "neutral": (0.0, 1.0),
        "positive": (0.0, 1.0),
    },
)
LINK_RULES: Final = RuleSet(known=("coin", "rule", "mention", "known_at"), between={"confidence": (0.0, 1.0)})
