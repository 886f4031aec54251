"""The regime of the market with Bitcoin's dominance: as known at each close, whenever it is computed."""

from datetime import UTC, datetime, timedelta

from candle_frames import register

from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_assets.regime.dataset import write_overall
from alphapulse_assets.regime.rules import LOGIC_VERSION
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.database.upsert import Written

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOLD = (
    ("coinmarketcap", NOON + 10 * MINUTE, 57.0, 0),
    ("coingecko", NOON + 59 * MINUTE, 54.0, 0),
    ("coingecko", NOON + HOUR, 55.0, 0),  # known at the very close of 12:00
    ("coingecko", NOON + HOUR + MINUTE, 56.0, 0),
    ("coingecko", NOON + 2 * HOUR - MINUTE, 99.0, 2 * 24 * 60),  # of two days before: a day old at most
)


def told(database: Database, known: tuple[tuple[str, datetime, float, int], ...]) -> None:
    for provider, at, share, behind in known:
        database.execute(
            "INSERT INTO market_metrics (provider, ts, total_market_cap, btc_dominance, age_seconds,"
            " completeness, confidence, logic_version, known_at)"
            " VALUES (%(provider)s, %(ts)s, 3e12, %(share)s, 0, 1, 1, 1, %(at)s)",
            {"provider": provider, "ts": at - behind * MINUTE, "share": share, "at": at},
        )


def overall(database: Database) -> tuple[Written, dict[datetime, tuple[float | None, str | None]]]:
    derived = DerivationResult(LOGIC_VERSION)
    for timeframe in ("15m", "1h"):
        derived.add(timeframe, (NOON - HOUR, NOON + 3 * HOUR), Written())
    written = write_overall(DerivedStore(database), derived)
    rows = database.rows(
        "SELECT ts, btc_dominance, dominance_provider FROM market_regime WHERE timeframe = '1h'"
    )
    return written, {row["ts"]: (row["btc_dominance"], row["dominance_provider"]) for row in rows}


def test_a_bar_has_what_was_known_at_its_close_and_keeps_it(database: Database) -> None:
    (key,) = register(database, ["BTC/USDT"])
    database.execute(
        "INSERT INTO market_regimes (instrument_id, timeframe_id, ts, logic_version, known_at, trend,"
        " quote_volume_mean)"
        " SELECT %(key)s, length, ts, %(version)s, ts + length * INTERVAL '1 minute', 'up', 1e6"
        " FROM (VALUES (15), (60)) AS t (length),"
        " generate_series(%(start)s, %(end)s, length * INTERVAL '1 minute') AS ts",
        {"key": key, "version": LOGIC_VERSION, "start": NOON - HOUR, "end": NOON + 2 * HOUR},
    )
    told(database, TOLD[:3])
    _, found = overall(database)
    assert found[NOON - HOUR] == (None, None)
    assert found[NOON] == (55.0, "coingecko")
    told(database, TOLD[3:])
    _, after = overall(database)
    assert {ts: after[ts] for ts in (NOON - HOUR, NOON)} == {ts: found[ts] for ts in (NOON - HOUR, NOON)}
    assert after[NOON + HOUR] == (56.0, "coingecko")
    again, _ = overall(database)
    assert (again.inserted, again.changed) == (0, 0)
    quarters = database.rows(
        "SELECT ts, btc_dominance FROM market_regime WHERE timeframe = '15m' AND ts >= %(noon)s ORDER BY ts",
        {"noon": NOON},
    )
    assert [row["btc_dominance"] for row in quarters[:5]] == [57.0, 57.0, 57.0, 55.0, 56.0]
