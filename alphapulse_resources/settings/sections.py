"""The sections of the settings, one class each: `ALPHAPULSE_STREAMS__SHARDS` is `shards` of `Streams`."""

from datetime import date
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

FIRST_PARTITION: Final = date(2017, 1, 1)
"""First day that can be backfilled unless the settings say otherwise: the oldest archives begin there."""


class Section(BaseModel):
    """What all sections have in common: fields that do not exist are refused, errors show no values."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class DatabaseServer(Section):
    """What the database's server is asked for."""

    timescaledb: Literal["auto", "off", "require"] = Field(
        "auto",
        description="Use TimescaleDB where the server has it (auto), never (off), or else refuse (require).",
    )
    dagster: str = Field("alphapulse_dagster", description="Database of Dagster's own storage.")
    postgres_bin: Path | None = Field(
        None, description="Directory of PostgreSQL binaries to use instead of the packaged ones."
    )


class Analysts(Section):
    """The role that may only read, and its limits."""

    password: SecretStr | None = Field(
        None, description="Password of alphapulse_analyst; without it `migrate` makes a log-in of its own."
    )
    timeout_seconds: int = Field(30, ge=1, description="Statement timeout of analysts' queries.")
    connections: int = Field(10, ge=1, description="Most sessions of an analyst at a time.")
    temp_megabytes: int = Field(
        2048, ge=1, description="Largest temporary files of an analyst's session, where we may set that."
    )


class Venues(Section):
    """How venues are asked."""

    http_timeout_seconds: float = Field(10.0, gt=0, description="Time limit of one venue request.")
    wait_seconds: float = Field(
        120.0, gt=0, description="Longest wait for a free place in a venue's rate limit."
    )
    yahoo_enabled: bool = Field(False, description="Allow yfinance as the last source (personal use only).")


class Providers(Section):
    """Keys of those who are no venues. All of them are asked without one where they answer without one."""

    coingecko_key: SecretStr | None = Field(
        None, description="Demo key of CoinGecko: more requests; without it the public quota."
    )
    coinmarketcap_key: SecretStr | None = Field(
        None, description="Key of CoinMarketCap: a second source of market metrics; without it none."
    )
    coinglass_key: SecretStr | None = Field(
        None, description="Key of Coinglass: flows of spot ETFs; without it none."
    )
    newsapi_key: SecretStr | None = Field(
        None, description="Key of NewsAPI: a further source of news; without it none."
    )


class Collecting(Section):
    """What is asked again and again: market metrics, futures, options, institutional flows, news."""

    enabled: bool = Field(True, description="Whether the poller runs, where automation does.")
    workers: int = Field(6, ge=1, le=64, description="Questions that are asked at the same time.")


class News(Section):
    """Whose news are collected."""

    feeds: str | None = Field(
        None, description="Further RSS or Atom feeds to collect: their addresses, with commas between them."
    )
    feeds_off: str | None = Field(
        None,
        description="Sources of news to leave out: domains such as decrypt.co, gdelt, newsapi, with commas.",
    )

    @field_validator("feeds")
    @classmethod
    def _addresses(cls, feeds: str | None) -> str | None:
        for each in filter(None, map(str.strip, (feeds or "").split(","))):
            parts = urlsplit(each)
            if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or parts.username:
                raise ValueError("an address of a feed begins with https:// and has a host, and no password")
        return feeds


class History(Section):
    """How far back data go, and how much of them has to be there."""

    days: int = Field(30, ge=1, description="History a newly tracked symbol is given by itself.")
    first_partition: date = Field(FIRST_PARTITION, description="First day that can be backfilled (UTC date).")
    min_coverage: float = Field(
        0.5, ge=0, le=1, description="Share of a venue's symbols that must succeed or the run fails."
    )


class Automation(Section):
    """What runs by itself."""

    enabled: bool = Field(False, description="Start schedules and sensors switched on (demo and up do).")
    verify_minutes: int = Field(
        3, ge=1, description="How often candles that streams brought are asked of the venues too."
    )
    repair_minutes: int = Field(
        15,
        ge=0,
        description="How long today's corrections wait for the batch where the stream computes too.",
    )


class Streams(Section):
    """What streams store and compute."""

    shards: int = Field(1, ge=1, le=1000, description="Stream runs that share the symbols between them.")
    snapshot_seconds: float = Field(
        1.0, ge=0, description="Time between stored states of a book; 0 stores every one."
    )
    zones_seconds: float = Field(
        10.0, gt=0, description="Time between stored pictures of a symbol's liquidity zones."
    )
    book_levels: int = Field(
        20, ge=1, le=1000, description="Levels of each side in a stored state of a book."
    )
    thresholds_file: Path | None = Field(
        None, description="TOML file of what is a whale or worth an alert, by venue, kind and symbol, in USD."
    )
    indicators: bool = Field(
        True,
        description="Compute in the stream too what is computed from bars: indicators, regimes, volume,"
        " candlestick and chart patterns, confidence, signals and their alerts.",
    )


class Alerts(Section):
    """Where alerts are sent to."""

    webhook_url: SecretStr | None = Field(
        None, description="Where alerts are posted; without it they are only stored."
    )
    webhook_form: Literal["auto", "json", "slack", "discord"] = Field(
        "auto", description="What the webhook is sent: json, slack or discord; auto goes by its host."
    )
    webhook_per_minute: int = Field(30, ge=1, description="Most alerts posted in a minute.")


class Patterns(Section):
    """What signals' positions are sized for."""

    equity: float = Field(
        10_000.0, gt=0, description="Equity that signals' positions are sized for, in quote currency."
    )
    risk_fraction: float = Field(
        0.01, gt=0, le=1, description="Share of the equity that a position loses at its stop."
    )
    position_cap: float = Field(
        0.25, gt=0, le=1, description="Share of the equity that one position is worth at most."
    )
    configuration: int = Field(
        1, ge=1, description="Version of the pattern configuration; the three above are part of it."
    )


class Accounts(Section):
    """Keys by which positions are read. They may only read: one that can trade is refused."""

    binanceusdm_key: SecretStr | None = Field(
        None, description="Read-only key of a Binance account: its USD-M positions are read."
    )
    binanceusdm_secret: SecretStr | None = Field(None, description="Secret of that key.")
    bybit_key: SecretStr | None = Field(
        None, description="Read-only key of a Bybit account: its positions are read."
    )
    bybit_secret: SecretStr | None = Field(None, description="Secret of that key.")


class Trading(Section):
    """Orders. Off unless switched on, to test networks unless live is said in so many words."""

    mode: Literal["off", "test", "live"] = Field(
        "off", description="Whether orders are sent: off, to venues' test networks, or live."
    )
    i_understand: str = Field(
        "", description="For mode live it has to say: orders are placed with real money."
    )
    max_order_value: float = Field(
        1000.0, gt=0, description="What one order may be worth at most, in quote currency."
    )
    recv_window_ms: int = Field(
        5000, ge=100, le=60_000, description="How late an order may reach the venue, which then refuses it."
    )
    binance_key: SecretStr | None = Field(None, description="Key for orders at Binance spot.")
    binance_secret: SecretStr | None = Field(None, description="Secret of the key for Binance spot.")
    binanceusdm_key: SecretStr | None = Field(None, description="Key for orders at Binance USD-M.")
    binanceusdm_secret: SecretStr | None = Field(None, description="Secret of the key for Binance USD-M.")
    bybit_key: SecretStr | None = Field(None, description="Key for orders at Bybit.")
    bybit_secret: SecretStr | None = Field(None, description="Secret of the key for Bybit.")


class Web(Section):
    """The web pages."""

    host: str = Field("127.0.0.1", description="Address the web pages bind to.")
    port: int = Field(3000, ge=0, le=65535, description="Port of the Dagster web server.")
    names: str = Field(
        "", description="Further host names of the web pages, e.g. a proxy's, separated by commas."
    )
