"""Hard rules of what chains tell; what each metric can be is in `onchain_model.BOUNDS`."""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_resources.providers.onchain_model import OF_A_DAY, OF_A_MOMENT, UNITS

LEAST: Final = -100.0
"""No figure but a change is below zero, and no change is below all of it."""
MOST: Final = 5e15
"""Beyond any figure in these units (ours): a unit was mistaken."""
RULES: Final = RuleSet(
    known=("value", "unit", "known_at", "scheduled_at"),
    between={"value": (LEAST, MOST)},
    ordered=(("ts", "known_at"), ("scheduled_at", "known_at")),
    among={"metric": tuple(UNITS), "sampled": (OF_A_DAY, OF_A_MOMENT)},
)
