"""docs/signals.md says what the configuration says: weights, levels, multipliers, thresholds, sizes."""

import re

from alphapulse_assets.patterns.events.configuration import ASPECTS, DEFAULT, FACTORS, LEVELS
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.patterns.events.model import FAMILIES, PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.confidence import BOOSTS
from alphapulse_resources.settings import Settings
from tests.unit.test_docs import ROOT, read, settings_by_variable, table_below

DOCUMENT = "docs/signals.md"


def shown(first_column: str) -> dict[str, str]:
    """Second column by the first one."""
    return {name: value for name, value, *_ in table_below(DOCUMENT, first_column)}


def test_weights_are_those_of_the_configuration() -> None:
    weights = {name: float(value) for name, value in shown("factor").items()}
    assert weights == dict(zip(FACTORS, DEFAULT.confidence.weights, strict=True))
    aspects = {name: float(value) for name, value in shown("aspect").items()}
    assert aspects == dict(zip(ASPECTS, DEFAULT.reliability.weights, strict=True))
    boosts = {name: float(value) for name, value in shown("boost").items()}
    assert boosts == {name: getattr(DEFAULT.boosts, name) for name in BOOSTS}


def test_levels_multipliers_and_lives_are_those_of_the_configuration() -> None:
    bounds = (0.0, *DEFAULT.confidence.levels)
    assert {name: float(value) for name, value in shown("level").items()} == dict(
        zip(LEVELS, bounds, strict=True)
    )
    multipliers = {name: float(value) for name, value in shown("timeframe").items()}
    assert multipliers == dict(zip(PATTERN_TIMEFRAMES, DEFAULT.confluence.multipliers, strict=True))
    lives = {name: int(value) for name, value in shown("family").items()}
    assert lives == dict(zip(FAMILIES, DEFAULT.confluence.life, strict=True))


def test_thresholds_in_the_text_are_those_of_the_configuration() -> None:
    text = " ".join(read(DOCUMENT).split())
    sure, lean, rules = DEFAULT.confidence, DEFAULT.confluence, DEFAULT.signals
    for said in (
        f"- {sure.volume_none}) / ({sure.volume_full} - {sure.volume_none})",
        f"/ (2 x {sure.history_full})",
        f"below {sure.least_coverage} there is no level",
        f"strong above {DEFAULT.boosts.strong:g}, medium from {DEFAULT.boosts.medium:g}",
        f"moved {DEFAULT.boosts.price_full} ATR",
        f"at least {lean.margin} of all",
        f"strong from {lean.strong}, medium from {lean.medium}",
        f"confidence is {rules.least_confidence:g} or more",
        f"Neutral below {rules.weak:g}, weak from {rules.weak:g}, plain from {rules.normal:g}",
        f"with {rules.confirming} different shapes among the winning pieces, strong from {rules.strong:g}",
        f"if {rules.strong_timeframes} consecutive timeframes",
        f"reward/risk below {rules.least_reward},",
        f"nearer than {rules.nearest_stop_atr} ATR it is set back to there",
        f"farther than {rules.farthest_stop_atr} ATR it is not taken",
        f"the stop is {rules.stop_atr} ATR away",
        f"else {rules.reward} times the risk",
        f"never farther than {rules.reach} ATR x sqrt(bars of its life)",
    ):
        assert said in text, said


def test_sizes_are_those_of_the_settings_and_of_the_configuration() -> None:
    table = {name: (default, setting) for name, default, setting in table_below(DOCUMENT, "figure")}
    defaults = {variable: default for variable, (default, _) in settings_by_variable().items()}
    for name, (default, setting) in table.items():
        rules = DEFAULT.costs if name.endswith("_bps") else DEFAULT.sizing
        assert float(default) == getattr(rules, name)
        assert defaults[setting] == default
    assert configured(Settings(_env_file=None)) == DEFAULT


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", read(DOCUMENT))
    assert links
    assert all((ROOT / "docs" / link).exists() for link in links)
