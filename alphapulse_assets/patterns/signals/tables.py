"""The tables of scores and signals, as batch and stream both write them.

Rows are those of a version of the rules and one of the configuration.
"""

from collections.abc import Mapping
from typing import Final

from alphapulse_assets.patterns.signals.batch import SIGNAL_SCHEMA
from alphapulse_assets.patterns.signals.stored_form import CONFIDENCE_FORM, CONFLUENCE_FORM, RELATIONSHIP_FORM
from alphapulse_resources.database.tables import BAR_KEY, Table, computed_table

_VERSIONS: Final = ("logic_version", "configuration_version")


def _narrow(name: str, form: Mapping[str, object], first: str, *key: str) -> Table:
    """A table of numbers; `first` is the value that is never null."""
    keys = (*BAR_KEY, *key, *_VERSIONS)
    if "reference" in form and "kind_id" in key:
        keys = (*keys, "reference")
    values = (first, *(column for column in form if column not in {*keys, first}))
    return Table(name, keys, values, provenance=("created_at",), computed=True)


PATTERN_CONFIDENCES: Final = _narrow(
    "pattern_confidences", CONFIDENCE_FORM, "strength", "kind_id", "sign", "stage_id"
)
PATTERN_CONFLUENCES: Final = _narrow("pattern_confluences", CONFLUENCE_FORM, "kind_id")
PATTERN_RELATIONSHIPS: Final = _narrow(
    "pattern_relationship_events", RELATIONSHIP_FORM, "other_ts", "other_timeframe_id"
)
SIGNAL_EVENTS: Final = computed_table(
    "signal_events", (*BAR_KEY, *_VERSIONS), SIGNAL_SCHEMA, json=("reasons",)
)
"""Buy and sell signals from confirmed patterns, with their reasons, stop, target and size."""
