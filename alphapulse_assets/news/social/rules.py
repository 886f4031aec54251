"""Hard rules of posts and removals."""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet

PROVIDERS: Final = ("reddit", "x")
POST_RULES: Final = RuleSet(
    known=("provider", "source", "post_id", "cluster_id", "known_at"),
    between={"replies": (0, None), "language_confidence": (0.0, 1.0), "similarity": (0.0, 1.0)},
    ordered=(("published", "ts"),),
    among={"provider": PROVIDERS},
)
REMOVAL_RULES: Final = RuleSet(
    known=("provider", "known_at"),
    among={
        "provider": PROVIDERS,
        "reason": ("deleted", "removed", "unavailable", "author", "forgotten"),
    },
)
