"""What the futures tests share: sources on the simulator, tracked contracts, a round of a collector."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from alphapulse_assets.datasets.collecting import Collector, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.futures.dataset import DATASETS
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter

COLLECTORS = {each.name: each for dataset in DATASETS for each in dataset.collectors}
RULES = {dataset.name: dataset.rules for dataset in DATASETS}


@contextmanager
def sources_on(database: Database, venue_url: str, home: Path, *, wait: float = 20.0) -> Iterator[Sources]:
    """What collectors use, with the simulator in place of the venues."""
    given = {"venue_url": venue_url, "home": home, "venues": {"http_timeout_seconds": 5.0}}
    limiter = DatabaseRateLimiter(database.dsn, max_wait=wait)
    yield Sources(database, Settings.model_validate(given), Gateway(limiter))
    limiter.close()


def track_contracts(
    database: Database,
    venue: str,
    bases: Sequence[str],
    *,
    quote: str = "USDT",
    settle: str | None = None,
    names: Sequence[str] | None = None,
    size: float | None = 1.0,
) -> dict[str, int]:
    """Perpetuals as tracked and resolved instruments; their ids by base."""
    paid = settle or quote
    kind = "linear" if paid == quote else "inverse"
    ids: dict[str, int] = {}
    for base, name in zip(bases, names or [f"{base}{quote}" for base in bases], strict=True):
        symbol = f"{base}/{quote}:{paid if kind == 'linear' else base}"
        (row,) = database.rows(
            "SELECT track_symbol(%(venue)s, %(symbol)s) AS id", {"venue": venue, "symbol": symbol}
        )
        database.execute(
            "UPDATE instruments SET venue_symbol = %(name)s, contract_kind = %(kind)s,"
            " contract_size = %(size)s, active = true, resolved_at = now() WHERE instrument_id = %(id)s",
            {"name": name, "kind": kind, "size": size, "id": row["id"]},
        )
        ids[base] = row["id"]
    return ids


def ask(sources: Sources, name: str, now: datetime) -> Round:
    """A round of a collector, asked at `now`."""
    collector: Collector = COLLECTORS[name]
    return run_collector(collector, sources, RULES, now=now)
