"""The table of outcomes of signals, as batch and stream both write it."""

from typing import Final

from alphapulse_assets.patterns.signal_outcomes.model import OUTCOME_SCHEMA
from alphapulse_resources.database.tables import BAR_KEY, Table, computed_table

SIGNAL_OUTCOMES: Final[Table] = computed_table(
    "signal_outcome_events", (*BAR_KEY, "logic_version", "configuration_version"), OUTCOME_SCHEMA.names()[1:]
)
