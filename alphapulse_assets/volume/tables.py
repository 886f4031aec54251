"""The tables of volume patterns and profiles, as batch and stream write them: the schemas say the columns."""

from typing import Final

from alphapulse_assets.volume.definitions import VOLUME_PATTERN_SCHEMA
from alphapulse_assets.volume.profile import VOLUME_PROFILE_SCHEMA
from alphapulse_resources.database.tables import BAR_KEY, computed_table

VOLUME_PATTERN_EVENTS: Final = computed_table(
    "volume_pattern_events",
    (*BAR_KEY, "pattern", "logic_version"),
    VOLUME_PATTERN_SCHEMA,
    json=("detail",),
)
PROFILES: Final = computed_table(
    "volume_profile_days",
    ("instrument_id", "ts", "logic_version"),
    (name for name in VOLUME_PROFILE_SCHEMA if name != "day"),
)
