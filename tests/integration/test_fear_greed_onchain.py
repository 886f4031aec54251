"""Fear and greed, and what chains tell: from simulated sockets to tables and views, as it was told when."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chain_support import COLLECTORS, DATASETS, DAY, HOUR, context, declare, look, sources_of, utc

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.news.fear_greed import collect as fear_greed
from alphapulse_assets.news.onchain import collect as onchain
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues import gateway
from alphapulse_sim.process import SimulatorProcess

NOON = utc("2024-06-05T12:00")
INDEX_HOST = "api.alternative.me"
CHARTS_HOST = "api.blockchain.info"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


@pytest.fixture(scope="module")
def other() -> Iterator[SimulatorProcess]:
    """Providers that tell the same days otherwise."""
    with SimulatorProcess(seed=8) as process:
        yield process


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    yield running
    running.clear()


@pytest.fixture
def sources(database: Database, sim: SimulatorProcess, monkeypatch: pytest.MonkeyPatch) -> Sources:
    monkeypatch.setattr(gateway, "FIRST_BACK_OFF", 0.001)
    monkeypatch.setattr(gateway, "LONGEST_BACK_OFF", 0.002)
    declare(database)
    return sources_of(database, sim.url)


def seen(known_at: datetime, asked_at: datetime) -> bool:
    """Whether a time is when an answer to a question had come, and not when it was asked."""
    return asked_at < known_at < asked_at + timedelta(minutes=1)


def newest_index(database: Database) -> dict[datetime, dict[str, Any]]:
    rows = database.rows("SELECT * FROM fear_greed ORDER BY ts")
    return {row["ts"]: row for row in rows}


def test_a_day_of_the_index_is_known_when_we_had_it_and_a_new_one_minutes_after_it_began(
    sources: Sources, sim: SimulatorProcess
) -> None:
    midnight = utc("2024-06-05")
    first = look(sources, sim, "alternative_me", midnight + timedelta(minutes=4))
    assert (first.error, first.new, dict(first.missing)) == (None, 9, {})
    days = newest_index(sources.database)
    assert max(days) == midnight - DAY
    assert all(seen(row["known_at"], midnight + timedelta(minutes=4)) for row in days.values())
    second = look(sources, sim, "alternative_me", midnight + timedelta(minutes=14))
    assert (second.error, second.new) == (None, 1)
    today = newest_index(sources.database)[midnight]
    assert seen(today["known_at"], midnight + timedelta(minutes=14))
    assert today["scheduled_at"] == midnight
    assert look(sources, sim, "alternative_me", midnight + timedelta(minutes=24)).new == 0


def test_a_value_that_is_told_otherwise_is_kept_beside_what_was_known(
    sources: Sources, sim: SimulatorProcess, other: SimulatorProcess
) -> None:
    database = sources.database
    look(sources, sim, "alternative_me", NOON)
    later = NOON + HOUR
    as_told = database.rows("SELECT * FROM fear_greed_as_of(%(at)s) ORDER BY ts", {"at": later})
    assert len(as_told) == 10
    done = look(sources_of(database, other.url), other, "alternative_me", later)
    assert done.new > 5
    days = newest_index(database)
    revised = [row for row in days.values() if row["revision"] == 1]
    assert len(revised) == done.new
    assert all(seen(row["known_at"], later) and seen(row["first_known_at"], NOON) for row in revised)
    assert database.rows("SELECT * FROM fear_greed_as_of(%(at)s) ORDER BY ts", {"at": later}) == as_told
    assert (
        database.rows("SELECT * FROM fear_greed_as_of(%(at)s)", {"at": NOON}) == []
    )  # the answer came later


def test_a_day_that_the_provider_never_told_of_is_missing_with_the_reason(
    sources: Sources, sim: SimulatorProcess
) -> None:
    done = look(sources, sim, "alternative_me", utc("2018-04-18T12:00"))
    assert done.error is None
    silent = ["2018-04-14", "2018-04-15", "2018-04-16"]
    why = "the provider tells of later days, and not of this one"
    assert dict(done.missing) == dict.fromkeys(silent, why)
    gaps = sources.database.rows("SELECT gap_start, gap_end, days FROM fear_greed_gaps")
    assert gaps == [{"gap_start": utc("2018-04-14"), "gap_end": utc("2018-04-17"), "days": 3}]


def test_history_is_filled_for_its_days_and_is_not_known_before_it_was_fetched(
    sources: Sources, sim: SimulatorProcess
) -> None:
    sim.set_clock("2024-06-12T12:00:00")
    database = sources.database
    asked = context(sources, utc("2018-01-30").date(), utc("2018-04-20").date())
    before = datetime.now(UTC)
    result = fear_greed.fill(asked)
    assert (result.failed, result.inserted) == (False, 76)  # of 79 days since the first
    assert result.missing.keys() == {"2018-04-14", "2018-04-15", "2018-04-16"}
    days = newest_index(database)
    assert min(days) == utc("2018-02-01")
    assert all(row["known_at"] >= before for row in days.values())
    assert fear_greed.fill(asked).inserted == 0
    ledger = database.rows(
        "SELECT day, rows, status FROM provider_ledger"
        " WHERE dataset = 'fear_greed' AND rows = 0 AND day > '2018-02-01'"
    )
    assert [row["day"].day for row in ledger] == [14, 15, 16]
    assert {row["status"] for row in ledger} == {"complete"}


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "status", "code": 500}, "venue_down"),
    ({"kind": "status", "code": 429, "headers": {"Retry-After": "60"}}, "banned"),
    ({"kind": "html"}, "bad_body"),
    ({"kind": "truncated"}, "bad_body"),
    (
        {"kind": "status", "code": 200, "body": {"name": "x", "data": [], "metadata": {"error": "down"}}},
        "venue_down",
    ),
]


def test_an_index_that_fails_says_how_and_answers_again(sources: Sources, sim: SimulatorProcess) -> None:
    database = sources.database
    for times, (fault, kind) in enumerate(FAULTS, start=1):
        given = dict(fault)
        sim.fault(given.pop("kind"), host=INDEX_HOST, **given)
        failed = look(sources_of(database, sim.url), sim, "alternative_me", NOON)
        assert failed.error is not None
        assert "alternative_me market" in failed.error
        (books,) = database.rows(
            "SELECT error_kind, failures FROM collectors WHERE source = 'alternative_me'"
        )
        assert books == {"error_kind": kind, "failures": times}, fault
        sim.clear()
    again = look(sources_of(database, sim.url), sim, "alternative_me", NOON + HOUR)
    assert (again.error, again.new) == (None, 10)


def figures(database: Database, provider: str) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in database.rows(
        "SELECT * FROM onchain_metrics WHERE provider = %(provider)s ORDER BY ts", {"provider": provider}
    ):
        found.setdefault((row["coin"], row["metric"], row["sampled"]), []).append(row)
    return found


def test_the_network_of_a_moment_is_a_row_a_figure_and_days_come_when_they_are_over(
    sources: Sources, sim: SimulatorProcess
) -> None:
    done = look(sources, sim, "mempool_space", NOON)
    assert (done.error, dict(done.missing)) == (None, {})
    told = figures(sources.database, "mempool_space")
    moments = {metric for _, metric, sampled in told if sampled == "moment"}
    assert moments == {
        "block_height", "difficulty", "fee_economy", "fee_fastest", "fee_half_hour", "fee_hour",
        "fee_minimum", "hash_rate", "mempool_fees", "mempool_transactions", "mempool_vsize",
        "retarget_change", "retarget_progress",
    }  # fmt: skip
    days = told["BTC", "hash_rate", "day"]
    assert [row["ts"] for row in days] == [utc(f"2024-06-0{day}") for day in (2, 3, 4)]
    assert all(row["scheduled_at"] == row["ts"] + DAY <= row["known_at"] for row in days)
    again = look(sources, sim, "mempool_space", NOON + timedelta(minutes=5))
    assert again.new == 13  # the moment, and no day again
    heights = figures(sources.database, "mempool_space")["BTC", "block_height", "moment"]
    assert heights[0]["value"] <= heights[1]["value"]


def test_one_question_that_fails_leaves_the_others_and_all_of_them_are_an_error(
    sources: Sources, sim: SimulatorProcess
) -> None:
    sim.fault("html", host="mempool.space", path="/api/mempool")
    done = look(sources, sim, "mempool_space", NOON)
    assert done.error is None
    assert done.missing.keys() == {"mempool"}
    assert "mempool_space mempool" in done.missing["mempool"]
    told = figures(sources.database, "mempool_space")
    assert ("BTC", "fee_fastest", "moment") in told
    assert ("BTC", "mempool_vsize", "moment") not in told
    sim.fault("status", host=CHARTS_HOST, path="hash-rate", code=404, body={"status": "not-found"})
    charts = look(sources, sim, "blockchain_info", NOON)
    assert charts.missing.keys() == {"hash-rate"}
    assert charts.new > 50
    sim.fault("status", host="mempool.space", code=500)
    assert look(sources, sim, "mempool_space", NOON + HOUR).error is not None


def test_a_chart_that_is_put_right_is_a_revision_and_the_unfinished_day_has_no_row(
    sources: Sources, sim: SimulatorProcess
) -> None:
    first = look(sources, sim, "blockchain_info", NOON)
    assert (first.error, dict(first.missing)) == (None, {})
    yesterday = utc("2024-06-04")
    told = figures(sources.database, "blockchain_info")
    assert {metric for _, metric, _ in told} == {
        "hash_rate", "difficulty", "transactions", "active_addresses", "fees_usd", "miners_revenue_usd",
        "mempool_bytes",
    }  # fmt: skip
    for (_, metric, sampled), rows in told.items():
        assert sampled == ("moment" if metric == "mempool_bytes" else "day")
        assert sampled == "moment" or (len(rows), rows[-1]["ts"]) == (14, yesterday)
    then = told["BTC", "hash_rate", "day"][-1]
    second = look(sources, sim, "blockchain_info", NOON + DAY)
    assert second.error is None
    now = figures(sources.database, "blockchain_info")["BTC", "hash_rate", "day"]
    (put_right,) = (row for row in now if row["ts"] == yesterday)
    assert put_right["revision"] == 1
    assert seen(put_right["known_at"], NOON + DAY)
    assert seen(put_right["first_known_at"], NOON)
    assert put_right["value"] != then["value"]
    assert put_right["value"] == pytest.approx(then["value"], rel=0.011)
    (as_of,) = sources.database.rows(
        "SELECT value, revision FROM onchain_as_of(%(at)s) WHERE metric = 'hash_rate' AND ts = %(ts)s",
        {"at": NOON + HOUR, "ts": yesterday},
    )
    assert as_of == {"value": then["value"], "revision": 0}


def test_coin_metrics_is_off_unless_asked_for_and_brings_several_coins_when_it_is(
    sources: Sources, sim: SimulatorProcess
) -> None:
    collector = COLLECTORS["coinmetrics"]
    off = collector.off_because(Settings(_env_file=None))
    assert off is not None
    assert "ALPHAPULSE_PROVIDERS__COINMETRICS_ENABLED=true" in off
    assert collector.off_because(sources.settings) is None
    done = look(sources, sim, "coinmetrics", NOON)
    assert done.error is None
    assert dict(done.missing) == {
        f"{coin} hash_rate": "nothing was told of it" for coin in ("ETH", "XRP", "ADA")
    }
    told = figures(sources.database, "coinmetrics")
    assert {coin for coin, _, _ in told} == {"BTC", "ETH", "LTC", "XRP", "DOGE", "ADA"}
    supply = [row["value"] for row in told["BTC", "supply", "day"]]
    assert len(supply) == 14
    assert supply == sorted(supply)
    forbidden = {"error": {"type": "forbidden", "message": "Requested metric 'TxCnt' is not available"}}
    for code in (403, 200):
        sim.clear()
        sim.fault("status", host="community-api.coinmetrics.io", code=code, body=forbidden)
        fresh = sources_of(sources.database, sim.url)
        error = look(fresh, sim, "coinmetrics", NOON + HOUR).error
        assert error is not None
        assert "does not tell this any more" in error


def test_history_of_chains_is_filled_by_provider_and_one_that_fails_leaves_the_others(
    sources: Sources, sim: SimulatorProcess
) -> None:
    sim.set_clock("2024-06-12T12:00:00")
    database = sources.database
    asked = context(sources, utc("2023-01-01").date(), utc("2023-01-10").date())
    result = onchain.fill(asked)
    assert (result.failed, dict(result.missing)) == (False, {})
    per_day = 6 + 1 + 6 * 5 + 3  # charts, mempool.space, metrics of six coins, hash rates of three
    assert result.inserted == 10 * per_day
    assert len(result.written) == 10
    assert onchain.fill(asked).inserted == 0
    own = sources_of(database, sim.url, coinmetrics=False)
    sim.fault("html", host=CHARTS_HOST, path="difficulty")
    more = onchain.fill(context(own, utc("2023-02-01").date(), utc("2023-02-02").date()))
    assert more.failed
    assert more.missing.keys() == {"coinmetrics", "blockchain_info difficulty"}
    assert more.inserted == 2 * 6
    assert database.rows("SELECT DISTINCT provider FROM onchain_metrics ORDER BY 1") == [
        {"provider": provider} for provider in ("blockchain_info", "coinmetrics", "mempool_space")
    ]


def test_the_newest_figures_say_how_they_changed_and_when_nothing_came_that_they_are_old(
    sources: Sources, sim: SimulatorProcess
) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for at in (now - 7 * DAY, now - DAY, now - 4 * HOUR):
        look(sources, sim, "mempool_space", at)
    rows = sources.database.rows("SELECT * FROM onchain_now WHERE metric = 'block_height'")
    assert [row["stale"] for row in rows] == [True]
    look(sources, sim, "mempool_space", now)
    (height,) = sources.database.rows("SELECT * FROM onchain_now WHERE metric = 'block_height'")
    assert not height["stale"]
    stored = {
        row["ts"]: row["value"]
        for row in sources.database.rows(
            "SELECT ts, value FROM onchain_metrics WHERE metric = 'block_height'"
        )
    }
    assert height["day_change"] == pytest.approx(height["value"] / stored[now - DAY] - 1)
    assert height["week_change"] == pytest.approx(height["value"] / stored[now - 7 * DAY] - 1)


def test_rows_that_break_a_rule_go_to_quarantine_and_the_others_are_kept(
    sources: Sources, sim: SimulatorProcess
) -> None:
    bad = {"value": "12", "value_classification": "Extreme Greed", "timestamp": "1717545600"}
    good = {"value": "40", "value_classification": "Fear", "timestamp": "1717459200"}
    twice = {**good, "value": "41"}
    old = {**good, "timestamp": "1717372800"}
    body = {"name": "Fear and Greed Index", "data": [bad, good, twice, old], "metadata": {"error": None}}
    sim.fault("status", host=INDEX_HOST, code=200, body=body)
    done = look(sources, sim, "alternative_me", NOON)
    assert (done.error, done.quarantined, done.new) == (None, 3, 1)
    reasons = sources.database.rows(
        "SELECT unnest(reasons) AS reason, count(*) FROM quarantine GROUP BY 1 ORDER BY 1"
    )
    assert {row["reason"]: row["count"] for row in reasons} == {
        "conflicting_duplicate": 2,
        "unreadable_value": 1,
    }


BROKEN: dict[str, set[str]] = {
    "null": {"unreadable_value"},
    "negative_volume": {"unreadable_value"},
    "conflicting_duplicate": {"conflicting_duplicate", "unreadable_value"},  # 46.46 is no index
    "future": set(),  # outside of what was asked for: nobody looks at it
    "duplicate": set(),
    "out_of_order": set(),
}


def test_broken_points_of_a_chart_and_of_the_index_cost_themselves_alone(
    sources: Sources, sim: SimulatorProcess
) -> None:
    database = sources.database
    for what, reasons in BROKEN.items():
        database.execute("TRUNCATE quarantine, onchain_vintages, fear_greed_vintages")
        for host, path in ((INDEX_HOST, ""), (CHARTS_HOST, "n-transactions")):
            sim.fault("mutate_rows", host=host, path=path, what=what, every=4)
        for source in ("alternative_me", "blockchain_info"):
            done = look(sources, sim, source, NOON)
            assert (done.error, done.new > 0) == (None, True), what
        sim.clear()
        rows = database.rows("SELECT DISTINCT dataset, unnest(reasons) AS reason FROM quarantine")
        assert {row["reason"] for row in rows} == reasons, what
        assert {row["dataset"] for row in rows} == ({"fear_greed", "onchain_metrics"} if reasons else set())
        (stored,) = database.rows(
            "SELECT count(*) AS rows, count(DISTINCT ts) AS days, min(value) AS lowest FROM onchain_metrics"
            " WHERE metric = 'transactions'"
        )
        assert stored["rows"] == stored["days"] >= 9, what
        assert stored["lowest"] > 100_000


def test_a_provider_that_comes_back_after_a_day_closes_its_gap_and_brings_the_days(
    sources: Sources, sim: SimulatorProcess
) -> None:
    database = sources.database
    look(sources, sim, "mempool_space", NOON)
    database.execute("UPDATE collectors SET answered_at = now() - INTERVAL '1 day'")
    sim.fault("status", host="mempool.space", code=503)
    assert look(sources, sim, "mempool_space", NOON + DAY).error is not None
    (gap,) = database.rows("SELECT collector, gap_end FROM collection_gaps")
    assert gap == {"collector": "onchain_metrics mempool_space", "gap_end": None}
    states = {row["source"]: row["state"] for row in database.rows("SELECT source, state FROM data_sources")}
    assert states["mempool_space"] == "fails"
    sim.clear()
    back = look(sources_of(database, sim.url), sim, "mempool_space", NOON + DAY + HOUR)
    assert back.error is None
    (gap,) = database.rows("SELECT gap_end FROM collection_gaps")
    assert gap["gap_end"] is not None
    days = figures(database, "mempool_space")["BTC", "hash_rate", "day"]
    assert [row["ts"].day for row in days] == [2, 3, 4, 5]


def test_the_collectors_have_names_of_their_own_and_cadences_within_their_budgets() -> None:
    requests = {"alternative_me": 1, "mempool_space": 5, "blockchain_info": 7, "coinmetrics": 1}
    budgets = {each.name: each.budgets[f"{each.name}-minute"] for each in PROVIDERS if each.name in requests}
    collectors = [collector for each in DATASETS for collector in each.collectors]
    assert len({each.name for each in collectors}) == len(collectors) == 4
    for each in collectors:
        seconds = each.every.total_seconds()
        assert requests[each.source] < budgets[each.source].rate * seconds / 2, each.name
