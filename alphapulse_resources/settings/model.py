"""All settings together: a section for each part of the platform, and the three that everybody needs."""

from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from alphapulse_resources.settings.sections import (
    Accounts,
    Alerts,
    Analysts,
    Api,
    Automation,
    Broadcast,
    Collecting,
    DatabaseServer,
    History,
    Indicators,
    News,
    Patterns,
    Providers,
    Sentiment,
    Streams,
    Trading,
    Venues,
    Web,
)

PREFIX: Final = "ALPHAPULSE_"
DELIMITER: Final = "__"
ENV_FILE: Final = ".env"


class Settings(BaseSettings):
    """Settings with their defaults.

    The environment variable of a field is `ALPHAPULSE_` and its name in capitals, with the section's before
    it: `ALPHAPULSE_STREAMS__SHARDS`. Secrets are `SecretStr`: printing or logging a `Settings` never shows
    them.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        env_file=ENV_FILE,
        extra="ignore",  # `.env` may hold others' variables too; ours are held to `reading.refuse_unknown`
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        Path(".alphapulse"), description="Where the embedded server, logs and downloaded archives live."
    )
    dsn: SecretStr | None = Field(
        None, description="PostgreSQL or TimescaleDB to use; without it the embedded server serves."
    )
    venue_url: str | None = Field(
        None, description="Send every venue request to <url>/<host>/<path> (the simulator)."
    )
    database: DatabaseServer = Field(default_factory=DatabaseServer)
    analysts: Analysts = Field(default_factory=Analysts)
    venues: Venues = Field(default_factory=Venues)
    providers: Providers = Field(default_factory=Providers)
    collecting: Collecting = Field(default_factory=Collecting)
    news: News = Field(default_factory=News)
    history: History = Field(default_factory=History)
    indicators: Indicators = Field(default_factory=Indicators)
    automation: Automation = Field(default_factory=Automation)
    streams: Streams = Field(default_factory=Streams)
    broadcast: Broadcast = Field(default_factory=Broadcast)
    alerts: Alerts = Field(default_factory=Alerts)
    patterns: Patterns = Field(default_factory=Patterns)
    sentiment: Sentiment = Field(default_factory=Sentiment)
    accounts: Accounts = Field(default_factory=Accounts)
    trading: Trading = Field(default_factory=Trading)
    api: Api = Field(default_factory=Api)
    web: Web = Field(default_factory=Web)


def fields_by_variable() -> dict[str, FieldInfo]:
    """Each setting by its environment variable, in the order of the classes."""
    return dict(_fields(Settings, PREFIX))


def _fields(model: type[BaseModel], prefix: str) -> list[tuple[str, FieldInfo]]:
    found: list[tuple[str, FieldInfo]] = []
    for name, field in model.model_fields.items():
        kind, variable = field.annotation, prefix + name.upper()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _fields(kind, variable + DELIMITER)
        else:
            found.append((variable, field))
    return found
