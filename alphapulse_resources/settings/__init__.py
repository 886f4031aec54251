"""Every setting of AlphaPulse, read from the environment (and `.env` in development) in one place."""

from alphapulse_resources.settings.model import Settings
from alphapulse_resources.settings.places import PACKAGES_ROOT, PROJECT_ROOT
from alphapulse_resources.settings.reading import SettingsError, end_if_refused, get_settings, read_settings
from alphapulse_resources.settings.sections import (
    Accounts,
    Alerts,
    AlertSinkSettings,
    Analysts,
    Api,
    Automation,
    Broadcast,
    Collecting,
    DatabaseServer,
    History,
    News,
    Patterns,
    Providers,
    Sentiment,
    Streams,
    Trading,
    Venues,
    Web,
)

__all__ = [
    "PACKAGES_ROOT",
    "PROJECT_ROOT",
    "Accounts",
    "AlertSinkSettings",
    "Alerts",
    "Analysts",
    "Api",
    "Automation",
    "Broadcast",
    "Collecting",
    "DatabaseServer",
    "History",
    "News",
    "Patterns",
    "Providers",
    "Sentiment",
    "Settings",
    "SettingsError",
    "Streams",
    "Trading",
    "Venues",
    "Web",
    "end_if_refused",
    "get_settings",
    "read_settings",
]
