"""Hard rules of the fear and greed index."""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_resources.providers.alternative_me.index import CLASSES

RULES: Final = RuleSet(
    known=("value", "known_at", "scheduled_at"),
    between={"value": (0, 100)},
    ordered=(("ts", "known_at"),),
    among={"classification": tuple(CLASSES)},
)
