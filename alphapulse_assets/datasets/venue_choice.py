"""Venues as a choice in run configs: the launchpad completes them, and refuses others with the list."""

from enum import StrEnum
from typing import TYPE_CHECKING

from alphapulse_resources.venues.registry import VENUES

if TYPE_CHECKING:
    VenueChoice = str
else:
    # Dagster refuses a value with the name of its type alone: so the name tells what there is
    VenueChoice = StrEnum(f"Venue[{'|'.join(VENUES)}]", {name: name for name in VENUES})
