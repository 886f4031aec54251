"""What the patterns of a version are, as rows that analysts can join."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE, catalogue_frame
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES
from alphapulse_assets.patterns.events.adapters import CHART_NATURES
from alphapulse_assets.patterns.events.by_chance import breakouts_by_chance, candlesticks_by_chance
from alphapulse_resources.database.client import Database, statement


def store_candlestick_definitions(database: Database, version: int) -> None:
    """Keep the 61 candlestick patterns of a version, unless they are there."""
    _store(database, "candlestick", version, len(CATALOGUE), _candlesticks)


def store_chart_definitions(database: Database, version: int) -> None:
    """Keep the chart patterns of a version with the numbers of their rules, unless they are there."""
    _store(database, "chart", version, len(CHART_CATALOGUE), _charts)


def _candlesticks() -> list[dict[str, Any]]:
    chance = candlesticks_by_chance()
    return [{**row, "by_chance": chance[row["pattern"]]} for row in catalogue_frame().iter_rows(named=True)]


def _charts() -> list[dict[str, Any]]:
    chance, rules = breakouts_by_chance(), Jsonb(asdict(DEFAULT_RULES))
    return [
        {
            "pattern": name,
            "nature": CHART_NATURES[name],
            "by_chance": chance[name],
            "description": text,
            "rules": rules,
        }
        for name, text in CHART_CATALOGUE.items()
    ]


def _store(
    database: Database,
    family: str,
    version: int,
    expected: int,
    definitions: Callable[[], list[dict[str, Any]]],
) -> None:
    """Write them where some are missing: walks are long, and what a released version says never changes."""
    known = f"FROM {family}_pattern_definitions WHERE logic_version = %(version)s"
    database.execute(f"DELETE {known} AND logic_version < 0", {"version": version})  # another trial now
    if database.rows(f"SELECT count(*) AS n {known}", {"version": version})[0]["n"] == expected:
        return
    rows = [{**row, "logic_version": version} for row in definitions()]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(statement(f"patterns/record_{family}_definition"), rows)
