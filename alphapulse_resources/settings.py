"""Every setting of AlphaPulse, read from the environment (and `.env` in development) in one place."""

from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGES_ROOT: Final = Path(__file__).resolve().parent.parent
"""Where the packages are: the repository, or an environment's site-packages."""
_IN_WHEEL: Final = Path(__file__).resolve().parent / "project_files"
PROJECT_ROOT: Final = _IN_WHEEL if _IN_WHEEL.is_dir() else PACKAGES_ROOT
"""Where `sql/` and Dagster's files are: the repository, or what a wheel carries of it (`setup.py`)."""


class Settings(BaseSettings):
    """Settings with their defaults; the environment variable is `ALPHAPULSE_` + the name in capitals.

    Secrets are `SecretStr`: printing or logging a `Settings` never shows them.
    """

    model_config = SettingsConfigDict(
        env_prefix="ALPHAPULSE_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    home: Path = Field(
        Path(".alphapulse"), description="Where the embedded server, logs and downloaded archives live."
    )
    dsn: SecretStr | None = Field(
        None, description="PostgreSQL or TimescaleDB to use; without it the embedded server serves."
    )
    timescaledb: Literal["auto", "off", "require"] = Field(
        "auto",
        description="Use TimescaleDB where the server has it (auto), never (off), or else refuse (require).",
    )
    dagster_database: str = Field("alphapulse_dagster", description="Database of Dagster's own storage.")
    analyst_password: SecretStr | None = Field(
        None, description="Password of alphapulse_analyst; without it `migrate` makes a log-in of its own."
    )
    analyst_timeout_seconds: int = Field(30, ge=1, description="Statement timeout of analysts' queries.")
    analyst_connections: int = Field(10, ge=1, description="Most sessions of an analyst at a time.")
    analyst_temp_megabytes: int = Field(
        2048, ge=1, description="Largest temporary files of an analyst's session, where we may set that."
    )
    postgres_bin: Path | None = Field(
        None, description="Directory of PostgreSQL binaries to use instead of the packaged ones."
    )

    venue_url: str | None = Field(
        None, description="Send every venue request to <url>/<host>/<path> (the simulator)."
    )
    http_timeout_seconds: float = Field(10.0, gt=0, description="Time limit of one venue request.")
    venues_wait_seconds: float = Field(
        120.0, gt=0, description="Longest wait for a free place in a venue's rate limit."
    )
    yahoo_enabled: bool = Field(False, description="Allow yfinance as the last source (personal use only).")

    history_days: int = Field(30, ge=1, description="History a newly tracked symbol is given by itself.")
    first_partition: str = Field("2017-01-01", description="First day that can be backfilled (UTC date).")
    min_coverage: float = Field(
        0.5, ge=0, le=1, description="Share of a venue's symbols that must succeed or the run fails."
    )
    automation: bool = Field(False, description="Start schedules and sensors switched on (demo and up do).")

    stream_shards: int = Field(
        1, ge=1, le=1000, description="Stream runs that share the symbols between them."
    )
    stream_snapshot_seconds: float = Field(
        1.0, ge=0, description="Time between stored states of a book; 0 stores every one."
    )
    stream_zones_seconds: float = Field(
        10.0, gt=0, description="Time between stored pictures of a symbol's liquidity zones."
    )
    stream_book_levels: int = Field(
        20, ge=1, le=1000, description="Levels of each side in a stored state of a book."
    )
    thresholds_file: Path | None = Field(
        None, description="TOML file of what is a whale or worth an alert, by venue, kind and symbol, in USD."
    )
    stream_indicators: bool = Field(
        True,
        description="Compute in the stream too what is computed from bars: indicators, regimes, volume,"
        " candlestick and chart patterns, confidence, signals and their alerts.",
    )
    verify_minutes: int = Field(
        3, ge=1, description="How often candles that streams brought are asked of the venues too."
    )
    repair_minutes: int = Field(
        15,
        ge=0,
        description="How long today's corrections wait for the batch where the stream computes too.",
    )
    alert_webhook_url: SecretStr | None = Field(
        None, description="Where alerts are posted; without it they are only stored."
    )
    alert_webhook_form: Literal["auto", "json", "slack", "discord"] = Field(
        "auto", description="What the webhook is sent: json, slack or discord; auto goes by its host."
    )
    alert_webhook_per_minute: int = Field(30, ge=1, description="Most alerts posted in a minute.")

    equity: float = Field(
        10_000.0, gt=0, description="Equity that signals' positions are sized for, in quote currency."
    )
    risk_fraction: float = Field(
        0.01, gt=0, le=1, description="Share of the equity that a position loses at its stop."
    )
    position_cap: float = Field(
        0.25, gt=0, le=1, description="Share of the equity that one position is worth at most."
    )
    pattern_configuration: int = Field(
        1, ge=1, description="Version of the pattern configuration; the three above are part of it."
    )

    web_host: str = Field("127.0.0.1", description="Address the web pages bind to.")
    web_port: int = Field(3000, description="Port of the Dagster web server.")
    web_names: str = Field(
        "", description="Further host names of the web pages, e.g. a proxy's, separated by commas."
    )


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
