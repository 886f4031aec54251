"""The pattern configuration in force: the rules' figures, with what the settings say of the equity.

A version is kept as data when rows are first made by it, and never says anything else afterwards: stored
sizes keep their meaning when the equity changes.
"""

from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from alphapulse_assets.patterns.events.configuration import CostRules, PatternConfiguration, SizingRules
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.settings import Settings


def configured(settings: Settings) -> PatternConfiguration:
    """The configuration that the settings ask for."""
    return PatternConfiguration(
        version=settings.patterns.configuration,
        sizing=SizingRules(
            settings.patterns.equity,
            settings.patterns.risk_fraction,
            settings.patterns.position_cap,
            settings.patterns.symbol_risk,
            settings.patterns.symbol_cap,
            settings.patterns.total_risk,
        ),
        costs=CostRules(settings.patterns.fee_bps, settings.patterns.slippage_bps),
    )


def record(database: Database, configuration: PatternConfiguration) -> None:
    """Keep what this version says.

    Raises:
        ValueError: the version was used with other figures; the message names them and what to do.
    """
    figures = _figures(configuration)
    (kept,) = database.rows(
        statement("patterns/record_configuration"),
        {"version": configuration.version, "configuration": Jsonb(figures)},
    )
    stored = _flat(kept["configuration"])
    wanted = _flat(figures)
    if different := sorted(name for name in stored | wanted if stored.get(name) != wanted.get(name)):
        told = ", ".join(f"{name} {stored.get(name)} there, {wanted.get(name)} here" for name in different)
        raise ValueError(
            f"pattern configuration {configuration.version} was used with other figures: {told}; set "
            "ALPHAPULSE_PATTERNS__CONFIGURATION to a number that was not used yet, or the figures back"
        )


def _figures(configuration: PatternConfiguration) -> dict[str, Any]:
    """All figures by part and name, as JSON has them."""
    return {
        part: {name: list(value) if isinstance(value, tuple) else value for name, value in rules.items()}
        for part, rules in asdict(configuration).items()
        if part != "version"
    }


def _flat(figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {f"{part}.{name}": value for part, rules in figures.items() for name, value in rules.items()}
