"""Whether what a model says still holds: Brier score of the last month, and how features have moved. Pure.

The population stability index compares shares by tenths of the reference: sum((now - then) ln(now / then)).
Below 0.1 little moved, above 0.25 much (Siddiqi, Credit Risk Scorecards, 2006).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from alphapulse_assets.models.model import Floats
from alphapulse_assets.models.terms import TERMS

MUCH: Final = 0.25
_BINS: Final = 10
_LEAST: Final = 1e-4
"""Share that an empty bin is given, so that its logarithm exists (ours)."""


def reference(rows: Floats) -> dict[str, dict[str, list[float]]]:
    """By term, tenths of its values and the share in each bin; the last bin is of values not known."""
    found = {}
    for place, name in enumerate(TERMS):
        values = rows[:, place]
        known = values[~np.isnan(values)]
        if len(known):
            edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
            found[name] = {"edges": edges.tolist(), "shares": _shares(values, edges).tolist()}
    return found


def stability(rows: Floats, then: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, float]:
    """The population stability index of each term of the reference."""
    found = {}
    for place, name in enumerate(TERMS):
        if name in then and len(rows):
            now = _shares(rows[:, place], np.array(then[name]["edges"]))
            before = np.array(then[name]["shares"])
            now, before = np.maximum(now, _LEAST), np.maximum(before, _LEAST)
            found[name] = float(((now - before) * np.log(now / before)).sum())
    return found


def _shares(values: Floats, edges: Floats) -> Floats:
    bins = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    return np.bincount(bins, minlength=len(edges) + 2) / len(values)


def told_apart(card: Mapping[str, Any], brier: float, moved: Mapping[str, float]) -> list[str]:
    """What has drifted, in words; empty where nothing has."""
    found = []
    if "brier" in card and brier > card["brier"]["high"]:
        found.append(f"Brier score {brier:.4f}, above the {card['brier']['high']:.4f} of the card's interval")
    found += [
        f"{name} has moved (stability index {value:.2f})" for name, value in moved.items() if value > MUCH
    ]
    return found
