"""The tables of scores and signals, as batch and stream both write them.

Rows are those of a version of the rules and one of the configuration.
"""

from typing import Final

import polars as pl

from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA
from alphapulse_assets.patterns.scoring.confluence import CONFLUENCE_SCHEMA, RELATIONSHIP_SCHEMA
from alphapulse_assets.patterns.signals.batch import SIGNAL_SCHEMA
from alphapulse_resources.database.tables import BAR_KEY, Table, computed_table


def _scores(name: str, schema: pl.Schema, *key: str, json: tuple[str, ...] = ()) -> Table:
    keys = (*BAR_KEY, *key, "logic_version", "configuration_version")
    return computed_table(name, keys, schema, json=json)


PATTERN_CONFIDENCES: Final = _scores(
    "pattern_confidences", CONFIDENCE_SCHEMA, "family", "pattern", "direction", "stage", "reference"
)
PATTERN_CONFLUENCES: Final = _scores("pattern_confluences", CONFLUENCE_SCHEMA)
PATTERN_RELATIONSHIPS: Final = _scores("pattern_relationships", RELATIONSHIP_SCHEMA, "other_timeframe")
SIGNAL_EVENTS: Final = _scores("signal_events", SIGNAL_SCHEMA, json=("reasons",))
