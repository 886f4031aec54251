"""How patterns fail, and what the numbers suggest to change. Pure.

Ways of failing that random walks share need no cure. So a hint about one is given only where it is frequent
(`hint_share`) and, by Wilson's interval, more frequent than in the same pattern's failures on random walks.
Hints follow from the very outcomes they speak about, so each is a question for later data, not a finding.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, Final

import msgspec
import polars as pl

from alphapulse_assets.core.statistics import wilson
from alphapulse_assets.patterns.events.configuration import OutcomeRules

ROOM_OF_WINNERS: Final = 0.8
"""Quantile of what successes went against their pattern: the room most of them needed (ours)."""

Facts = Mapping[str, float | int | None]

CURES: Final = {
    "exit_earlier": ("gave_back", "best_of_failures", ""),
    "wait_for_more_confirmation": ("never_right", "", ""),
    "nearer_target": ("near_miss", "best_of_misses", "target"),
    "wider_invalidation": ("stopped_then_right", "room_of_winners", "invalidation"),
}
"""Hints by the way of failing that they answer, the distance they suggest, and the one in use."""

_OF: Final = {
    "gave_back": "failures",
    "never_right": "failures",
    "near_miss": "misses",
    "stopped_then_right": "stopped",
}
"""What each share is a share of."""

_json: Final = msgspec.json.Encoder(order="sorted")


def failures(group: pl.DataFrame, rules: OutcomeRules) -> dict[str, float | int | None]:
    """Facts about the failures of one group of outcomes (PATTERN_OUTCOME_SCHEMA, one horizon, directed).

    A failure is a return of 0 or against the pattern. Shares are 0..1, distances in ATR, both null where
    there is nothing to take them of:
    `never_right` of the failures went 1 ATR (`quick_loss`) against it and not half of that its way;
    `gave_back` of the failures were 1 ATR right at some time; `near_miss` of those that did not touch the
    target came 80 % (`near_target`) of the way; `stopped_then_right` of those that touched the invalidation
    first went as far as the target within the horizon all the same.
    """
    lost = group.filter(pl.col("directed_pct") <= 0)
    won = group.filter(pl.col("directed_pct") > 0)
    missed = group.filter(pl.col("first_touch").is_in(["neither", "invalidation"]))
    stopped = group.filter(pl.col("first_touch") == "invalidation")
    favourable, adverse = pl.col("favourable_atr"), pl.col("adverse_atr")
    never = (adverse >= rules.quick_loss) & (favourable < rules.quick_loss / 2)
    return {
        "failures": lost.height,
        "misses": missed.height,
        "stopped": stopped.height,
        "never_right": _share(lost, never),
        "gave_back": _share(lost, favourable >= rules.quick_loss),
        "near_miss": _share(missed, favourable >= rules.near_target * pl.col("target_atr")),
        "stopped_then_right": _share(stopped, favourable >= pl.col("target_atr")),
        "best_of_failures": _quantile(lost["favourable_atr"], 0.5),
        "best_of_misses": _quantile(missed["favourable_atr"], 0.5),
        "room_of_winners": _quantile(won["adverse_atr"], ROOM_OF_WINNERS),
        "target": _quantile(group["target_atr"], 0.5),
        "invalidation": _quantile(group["invalidation_atr"], 0.5),
    }


def hints(
    row: dict[str, Any],
    facts: Facts,
    good_regimes: Sequence[str],
    rules: OutcomeRules,
) -> list[dict[str, Any]]:
    """What to change, each with the numbers it follows from; empty where nothing does.

    `row`: a row of PERFORMANCE_SCHEMA before its hints, with `walk_facts`, the facts of the same pattern on
    random walks (None where it never occurred there); `good_regimes`: those in which the same pattern is
    above chance while it is not over all.
    """
    found: list[dict[str, Any]] = []
    if row["clusters"] < rules.fewest_clusters:
        found.append({"hint": "collect_more", "clusters": row["clusters"], "wanted": wanted(row, rules)})
    if row["verdict"] == "below chance":
        found.append({"hint": "leave_out", "hit_high": row["hit_high"], "walk_low": row["walk_low"]})
    for name, (cause, at, instead) in CURES.items():
        if _stands_out(cause, row, facts, rules):
            told = {"hint": name, "share": facts[cause], "chance": row["walk_facts"][cause]}
            told |= {"at_atr": facts[at]} if at else {}
            found.append(told | ({"instead_of": facts[instead]} if instead else {}))
    if good_regimes:
        found.append({"hint": "only_in_regimes", "regimes": sorted(good_regimes)})
    return found


def wanted(row: dict[str, Any], rules: OutcomeRules) -> int | None:
    """Clusters from which on the rate seen would stand out from chance: z^2 p (1 - p) / (p - chance)^2.

    None where they are the same, or no chance is known. Never fewer than `fewest_clusters`.
    """
    chance = row["base_rate"] if row["walk_rate"] is None else row["walk_rate"]
    p = row["hit_rate"]
    if chance is None or p == chance:
        return None
    z = NormalDist().inv_cdf((1 + rules.level) / 2)
    return max(rules.fewest_clusters, int(z * z * p * (1 - p) / (p - chance) ** 2) + 1)


def text(value: Any) -> str:
    """JSON with sorted keys."""
    return _json.encode(value).decode()


def _stands_out(cause: str, row: dict[str, Any], facts: Facts, rules: OutcomeRules) -> bool:
    """Whether a way of failing is frequent, and more so than by chance."""
    share, chance = facts[cause], None if row["walk_facts"] is None else row["walk_facts"][cause]
    if share is None or chance is None or share < rules.hint_share:
        return False
    # as many independent observations as clusters, in proportion
    independent = int(row["clusters"] * (facts[_OF[cause]] or 0) / row["n"])
    return independent > 0 and wilson(share, independent, rules.level).low > chance


def _share(group: pl.DataFrame, what: pl.Expr) -> float | None:
    """Of the rows in which it is known."""
    share = group.select(what.mean()).item() if group.height else None
    return None if share is None else float(share)


def _quantile(values: pl.Series, q: float) -> float | None:
    found = values.drop_nulls().quantile(q, "linear")
    return None if found is None else float(found)
