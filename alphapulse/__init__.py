"""AlphaPulse's data in Python: `import alphapulse as ap`, then `ap.candles("BTC/USDT", "1h")`.

Read-only. `connect` finds the home that runs (the demo's too), or takes a database or an API; the functions
of the module ask the home. docs/python.md is the guide.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alphapulse.backends.backend import Description as Description
    from alphapulse.book import Book as Book
    from alphapulse.client.client import Client as Client
    from alphapulse.connection import book as book
    from alphapulse.connection import calibration as calibration
    from alphapulse.connection import candles as candles
    from alphapulse.connection import chart as chart
    from alphapulse.connection import chart_patterns as chart_patterns
    from alphapulse.connection import connect as connect
    from alphapulse.connection import describe as describe
    from alphapulse.connection import draw as draw
    from alphapulse.connection import evidence as evidence
    from alphapulse.connection import features as features
    from alphapulse.connection import flags as flags
    from alphapulse.connection import freshness as freshness
    from alphapulse.connection import funding as funding
    from alphapulse.connection import gaps as gaps
    from alphapulse.connection import indicators as indicators
    from alphapulse.connection import liquidations as liquidations
    from alphapulse.connection import metrics as metrics
    from alphapulse.connection import models as models
    from alphapulse.connection import news as news
    from alphapulse.connection import open_interest as open_interest
    from alphapulse.connection import options as options
    from alphapulse.connection import outcomes as outcomes
    from alphapulse.connection import patterns as patterns
    from alphapulse.connection import performance as performance
    from alphapulse.connection import probabilities as probabilities
    from alphapulse.connection import quality as quality
    from alphapulse.connection import reading as reading
    from alphapulse.connection import readings as readings
    from alphapulse.connection import regimes as regimes
    from alphapulse.connection import relations as relations
    from alphapulse.connection import sentiment as sentiment
    from alphapulse.connection import signal_equity as signal_equity
    from alphapulse.connection import signal_grades as signal_grades
    from alphapulse.connection import signal_outcomes as signal_outcomes
    from alphapulse.connection import signal_performance as signal_performance
    from alphapulse.connection import signal_risk as signal_risk
    from alphapulse.connection import signals as signals
    from alphapulse.connection import similar as similar
    from alphapulse.connection import sql as sql
    from alphapulse.connection import stream as stream
    from alphapulse.connection import symbols as symbols
    from alphapulse.connection import trades as trades
    from alphapulse.connection import whales as whales
    from alphapulse.connection import zones as zones
    from alphapulse.errors import AccessError as AccessError
    from alphapulse.errors import AlphaPulseError as AlphaPulseError
    from alphapulse.errors import AnswerError as AnswerError
    from alphapulse.errors import ConnectError as ConnectError
    from alphapulse.errors import DemoDataWarning as DemoDataWarning
    from alphapulse.errors import MissingBarsWarning as MissingBarsWarning
    from alphapulse.errors import NotFoundError as NotFoundError
    from alphapulse.errors import ParameterError as ParameterError
    from alphapulse.errors import QueryError as QueryError
    from alphapulse.moments import Moment as Moment

_HOMES = {
    "alphapulse.connection": (
        "book",
        "calibration",
        "candles",
        "chart",
        "chart_patterns",
        "connect",
        "describe",
        "draw",
        "evidence",
        "features",
        "flags",
        "freshness",
        "funding",
        "gaps",
        "indicators",
        "liquidations",
        "metrics",
        "models",
        "news",
        "open_interest",
        "options",
        "outcomes",
        "patterns",
        "performance",
        "probabilities",
        "quality",
        "reading",
        "readings",
        "regimes",
        "relations",
        "sentiment",
        "signal_equity",
        "signal_grades",
        "signal_outcomes",
        "signal_performance",
        "signal_risk",
        "signals",
        "similar",
        "sql",
        "stream",
        "symbols",
        "trades",
        "whales",
        "zones",
    ),
    "alphapulse.book": ("Book",),
    "alphapulse.client.client": ("Client",),
    "alphapulse.backends.backend": ("Description",),
    "alphapulse.errors": (
        "AccessError",
        "AlphaPulseError",
        "AnswerError",
        "ConnectError",
        "DemoDataWarning",
        "MissingBarsWarning",
        "NotFoundError",
        "ParameterError",
        "QueryError",
    ),
    "alphapulse.moments": ("Moment",),
}
_FROM = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_FROM)


def __getattr__(name: str) -> Any:
    """What is asked for is imported then: the package itself costs next to nothing."""
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(_FROM[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_FROM})
