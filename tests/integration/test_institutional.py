"""Institutional flows from the simulated sockets to tables and views, and nothing known before its time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import requests
from institutional_support import COLLECTORS, FILLS, KEY, RULES, context, declare, look, sources_of, utc
from provider_support import soon

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.datasets.collector_run import run_collector
from alphapulse_assets.market_metrics.dataset import DATASETS as MARKET
from alphapulse_assets.market_metrics.institutional import positions
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.cftc.reports import CotReports
from alphapulse_resources.venues import gateway
from alphapulse_sim.process import SimulatorProcess

HOUR = timedelta(hours=1)
MARKET_COLLECTORS = [collector for each in MARKET for collector in each.collectors]
MARKET_RULES = {each.name: each.rules for each in MARKET}
TUESDAY = utc("2024-06-04")
RELEASE = utc("2024-06-07T19:30")  # Friday 15:30 in New York, summer time


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


@pytest.fixture(scope="module")
def other() -> Iterator[SimulatorProcess]:
    """A provider that tells the same weeks and days otherwise."""
    with SimulatorProcess(seed=8) as process:
        yield process


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    yield running
    running.clear()


@pytest.fixture
def sources(database: Database, sim: SimulatorProcess) -> Sources:
    declare(database)
    return sources_of(database, sim.url)


def weeks(database: Database, contract: str = "133741") -> dict[datetime, datetime]:
    """Since when each week of a contract is known."""
    rows = database.rows(
        "SELECT ts, min(known_at) AS known_at FROM institutional_positions"
        " WHERE contract = %(contract)s AND report = 'futures' AND revision = 0 GROUP BY ts ORDER BY ts",
        {"contract": contract},
    )
    return {row["ts"]: row["known_at"] for row in rows}


def test_a_report_is_not_there_before_its_release_and_known_since_we_saw_it_come(
    sources: Sources, sim: SimulatorProcess
) -> None:
    database = sources.database
    first = look(sources, sim, "cftc", RELEASE - HOUR)
    assert first.error is None
    known = weeks(database)
    assert max(known) == TUESDAY - timedelta(days=7)
    assert known[max(known)] == utc(
        "2024-05-31T19:30"
    )  # what was out before we looked has the schedule's time
    assert min(known) > RELEASE - timedelta(days=107)
    late = look(sources, sim, "cftc", RELEASE + HOUR / 2)
    assert (late.error, late.new) == (None, 4 * 2 * 5)
    assert weeks(database)[TUESDAY] == RELEASE  # we had not looked since it was due: the schedule holds
    again = look(sources, sim, "cftc", RELEASE + 2 * HOUR)
    assert (again.error, again.new) == (None, 0)


def test_a_late_report_is_known_when_it_was_seen_and_an_early_one_too(
    sources: Sources, sim: SimulatorProcess
) -> None:
    database = sources.database
    look(sources, sim, "cftc", RELEASE - HOUR)
    sim.fault("stale", host="publicreporting.cftc.gov", seconds=7200.0)
    nothing = look(sources, sim, "cftc", RELEASE + HOUR)
    assert (nothing.error, nothing.new) == (None, 0)
    assert nothing.missing["133741 2024-06-04"].startswith("not there since it was due, 2024-06-07 19:30 UTC")
    sim.clear()
    seen = RELEASE + 5 * HOUR
    look(sources, sim, "cftc", seen)
    assert soon(weeks(database)[TUESDAY], seen)

    # the simulator does not know the shutdown of 2019: here a report comes before the time the CFTC announced
    early = utc("2019-01-11T21:00")
    look(sources, sim, "cftc", early)
    assert soon(weeks(database)[utc("2019-01-08")], early)


def test_what_is_told_otherwise_later_is_a_revision_beside_what_was_known(
    sources: Sources, sim: SimulatorProcess, other: SimulatorProcess
) -> None:
    database = sources.database
    before, after = RELEASE + HOUR, RELEASE + 30 * HOUR
    look(sources, sim, "cftc", before)
    as_told = database.rows("SELECT * FROM cot_as_of(%(at)s) ORDER BY 1, 3, 4, 5", {"at": before})
    look(sources_of(database, other.url), other, "cftc", after)  # the same weeks, told otherwise
    (leveraged,) = database.rows(
        "SELECT long, revision, known_at, first_known_at FROM cot"
        " WHERE contract = '133741' AND report = 'futures' AND trader_group = 'leveraged' AND ts = %(ts)s",
        {"ts": TUESDAY},
    )
    (first,) = [
        row
        for row in as_told
        if (row["contract"], row["report"], row["trader_group"], row["ts"])
        == ("133741", "futures", "leveraged", TUESDAY)
    ]
    assert leveraged.pop("long") != first["long"]
    assert soon(leveraged.pop("known_at"), after)
    assert leveraged == {"revision": 1, "first_known_at": RELEASE}
    # what was known before is told as it was, to the last row
    assert database.rows("SELECT * FROM cot_as_of(%(at)s) ORDER BY 1, 3, 4, 5", {"at": before}) == as_told
    assert look(sources, sim, "cftc", after + HOUR).new > 0  # and back again is a revision too
    assert look(sources, sim, "cftc", after + 2 * HOUR).new == 0
    (again,) = database.rows(
        "SELECT revision, long FROM cot WHERE contract = '133741' AND report = 'futures'"
        " AND trader_group = 'leveraged' AND ts = %(ts)s",
        {"ts": TUESDAY},
    )
    assert again == {"revision": 2, "long": first["long"]}


def test_reports_that_cannot_be_read_or_cannot_be_true_go_to_quarantine_and_the_others_are_kept(
    sources: Sources, sim: SimulatorProcess
) -> None:
    sim.fault("mutate_rows", host="publicreporting.cftc.gov", path="gpe5", what="text_price", every=4)
    sim.fault("mutate_rows", host="publicreporting.cftc.gov", path="yw9f", what="zero_price", every=4)
    done = look(sources, sim, "cftc", RELEASE + HOUR)
    assert done.error is None
    assert done.quarantined > 0
    reasons = sources.database.rows("SELECT DISTINCT unnest(reasons) AS reason FROM quarantine ORDER BY 1")
    assert {row["reason"] for row in reasons} == {"unreadable_value", "does_not_add_up"}
    assert len(weeks(sources.database, "146022")) == 14
    count = "SELECT count(DISTINCT ts) AS n FROM institutional_positions WHERE contract = '133741'"
    assert sources.database.rows(count) == [
        {"n": 0}
    ]  # each fourth report is Bitcoin's: none of them was kept


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("status", {"code": 503}, "HTTP 503"),
        ("html", {}, "something else than data"),
        ("truncated", {"keep": 0.5}, "something else than data"),
        ("status", {"code": 400, "body": {"code": "query.soql.no-such-column", "error": True}}, "HTTP 400"),
    ],
)
def test_a_failing_source_leaves_rows_as_they_were_and_says_why(
    sources: Sources,
    sim: SimulatorProcess,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    given: dict[str, Any],
    words: str,
) -> None:
    monkeypatch.setattr(gateway, "FIRST_BACK_OFF", 0.01)
    look(sources, sim, "cftc", RELEASE - HOUR)
    known = weeks(sources.database)
    sim.fault(kind, host="publicreporting.cftc.gov", **given)
    done = look(sources, sim, "cftc", RELEASE + HOUR)
    assert done.error is not None
    assert words in done.error
    assert weeks(sources.database) == known


def test_history_has_the_releases_that_the_cftc_made_up_for_and_its_weeks_say_why(
    sources: Sources, sim: SimulatorProcess
) -> None:
    database = sources.database
    sim.set_clock("2025-12-11T00:00:00")
    first, last = date(2025, 9, 16), date(2025, 12, 10)
    given = context(sources, first, last, symbols=["133741", "146021"])
    FILLS["institutional_releases"](given)
    result = FILLS["institutional_positions"](given)
    assert (result.failed, dict(result.missing), result.quarantined) == (False, {}, 0)
    known = weeks(database)
    assert known == {
        utc("2025-09-16"): utc("2025-09-19T19:30"),
        utc("2025-09-23"): utc("2025-09-26T19:30"),
        utc("2025-09-30"): utc("2025-11-19T20:30"),  # winter time
        utc("2025-10-07"): utc("2025-11-21T20:30"),
        utc("2025-10-14"): utc("2025-11-25T20:30"),
        utc("2025-10-21"): utc("2025-12-02T20:30"),
        utc("2025-10-28"): utc("2025-12-05T20:30"),
        utc("2025-11-04"): utc("2025-12-09T20:30"),
        utc("2025-11-10"): utc("2025-12-10T20:30"),  # Monday: the Tuesday was a holiday
    }
    assert result.written == frozenset((None, ts.date()) for ts in known)
    states = database.rows(
        "SELECT ts, state, reason FROM cot_weeks WHERE contract = '133741' AND report = 'futures' ORDER BY ts"
    )
    told = {row["ts"]: (row["state"], row["reason"]) for row in states}
    assert told[utc("2025-09-23")] == ("told", None)
    assert told[utc("2025-10-07")][1].startswith("government shutdown of 2025-10-01")
    assert (
        told[utc("2025-11-18")][0] == "missing"
    )  # by the clock of today it is due, and the simulator's stands
    assert told[utc("2025-11-18")][1].startswith("government shutdown")
    ledger = database.rows(
        "SELECT count(*) FILTER (WHERE status <> 'complete') AS open, sum(rows) AS rows FROM provider_ledger"
        " WHERE dataset = 'institutional_positions' AND series = '133741 futures'"
    )
    assert ledger == [{"open": 0, "rows": 9 * 5}]

    again = FILLS["institutional_positions"](given)
    assert (again.inserted, again.changed) == (0, 0)
    assert weeks(database) == known


def test_history_that_is_cut_into_pages_is_the_same_and_cutting_the_past_changes_nothing(
    sources: Sources, sim: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sources.database
    sim.set_clock("2024-06-30T00:00:00")
    monkeypatch.setattr(positions, "CotReports", partial(CotReports, limit=3))
    short = context(sources, date(2024, 5, 1), date(2024, 5, 31), symbols=["133741"])
    FILLS["institutional_positions"](short)
    alone = database.rows("SELECT * FROM cot_as_of(%(at)s) ORDER BY 1, 3, 4, 5", {"at": utc("2024-06-01")})
    assert len({row["ts"] for row in alone}) == 4
    pages = [each for each in sim.log() if each["host"] == "publicreporting.cftc.gov"]
    assert {each["query"]["$limit"] for each in pages} == {"3"}
    assert len({each["query"]["$offset"] for each in pages}) == 2
    sim.set_clock("2024-12-31T00:00:00")
    FILLS["institutional_positions"](
        context(sources, date(2024, 4, 1), date(2024, 9, 30), symbols=["133741"])
    )
    later = database.rows("SELECT * FROM cot_as_of(%(at)s) ORDER BY 1, 3, 4, 5", {"at": utc("2024-06-01")})
    assert [row for row in later if row["ts"] >= utc("2024-05-01")] == alone
    assert max(row["ts"] for row in later) == utc("2024-05-28")


def test_stablecoins_are_known_when_the_answer_came_and_issuance_is_what_supply_grew_by(
    sources: Sources, sim: SimulatorProcess
) -> None:
    database = sources.database
    sim.set_clock("2024-03-20T06:00:00")
    result = FILLS["stablecoin_supply"](context(sources, date(2024, 3, 1), date(2024, 3, 19)))
    assert (result.failed, dict(result.missing)) == (False, {})
    truth = sim_units(sim)
    rows = database.rows(
        "SELECT * FROM stablecoin_supply WHERE stablecoin = '1' AND sampled = 'day' ORDER BY ts"
    )
    assert [row["ts"].date() for row in rows] == [date(2024, 3, day) for day in range(1, 20)]
    for row in rows:
        assert row["circulating"] == truth[row["ts"]]
        assert row["known_at"] == row["ts"] + timedelta(days=1)
        assert row["circulating_usd"] == pytest.approx(row["circulating"] * row["price"])
        assert row["peg_deviation"] == pytest.approx(row["price"] - 1)
    issued = database.rows("SELECT * FROM stablecoin_issuance WHERE symbol = 'USDT' ORDER BY day")
    assert len(issued) == 18
    for row in issued:
        assert row["net_issuance"] == truth[row["day_end"]] - truth[row["day"]]
        assert row["known_at"] == row["day_end"] + timedelta(days=1)
    assert issued[5]["net_issuance_week_usd"] is None
    assert issued[-1]["net_issuance_week_usd"] == pytest.approx(
        rows[-1]["circulating_usd"] - rows[-8]["circulating_usd"]
    )
    done = look(sources, sim, "defillama", utc("2024-03-20T07:00:20"))
    assert done.error is None
    live = database.rows("SELECT * FROM stablecoin_supply WHERE sampled = 'live'")
    named = {row["symbol"]: row for row in live}
    assert named.keys() == {
        "all",
        "USDT",
        "USDC",
        "DAI",
        "USDe",
        "EURC",
        "QUID",
    }  # TINY is in the total alone
    assert {row["ts"] for row in live} == {utc("2024-03-20T07:00")}
    assert all(soon(row["known_at"], utc("2024-03-20T07:00:20")) for row in live)
    assert named["EURC"]["peg_deviation"] is None
    assert named["EURC"]["peg"] == "EUR"
    assert named["EURC"]["circulating_usd"] == pytest.approx(
        named["EURC"]["circulating"] * named["EURC"]["price"]
    )
    assert (named["QUID"]["price"], named["QUID"]["peg_deviation"]) == (None, None)  # nobody quotes it
    assert named["QUID"]["circulating_usd"] == named["QUID"]["circulating"]
    parts = sum(row["circulating_usd"] for name, row in named.items() if name != "all")
    assert 0 < named["all"]["circulating_usd"] - parts < 10e6


def test_a_total_of_fewer_coins_is_no_loss_and_a_failing_source_changes_nothing(
    sources: Sources, sim: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "FIRST_BACK_OFF", 0.01)
    database = sources.database
    totals = "SELECT ts, coins FROM stablecoin_supply WHERE stablecoin = 'all' ORDER BY ts"
    look(sources, sim, "defillama", utc("2024-03-20T07:00"))
    assert database.rows(totals) == [{"ts": utc("2024-03-20T07:00"), "coins": 7}]
    # in 2020 there were three of them: for the platform that is an answer with four missing
    sim.set_clock("2020-06-01T07:00")
    short = run_collector(COLLECTORS["defillama"], sources, RULES, now=utc("2024-03-20T07:30"))
    assert short.missing["all"].startswith("the answer has 3 coins, the one before had 7")
    assert short.quarantined == 1
    assert len(database.rows(totals)) == 1
    for kind in ("html", "truncated"):
        sim.fault(kind, host="stablecoins.llama.fi")
        assert look(sources, sim, "defillama", utc("2024-03-20T08:00")).error is not None
        sim.clear()
    assert len(database.rows(totals)) == 1
    look(sources, sim, "defillama", utc("2024-03-20T08:30"))
    assert [row["coins"] for row in database.rows(totals)] == [7, 7]


def test_two_that_count_stablecoins_for_themselves_are_told_side_by_side(
    sources: Sources, sim: SimulatorProcess
) -> None:
    at = utc("2024-03-20T07:00")
    assert look(sources, sim, "defillama", at).error is None
    (coins,) = [each for each in MARKET_COLLECTORS if each.name == "coin_metrics coingecko"]
    assert run_collector(coins, sources, MARKET_RULES, now=at).error is None
    rows = sources.database.rows("SELECT * FROM stablecoins_compared ORDER BY symbol")
    assert {row["symbol"]: row["coingecko_id"] for row in rows} == {
        "DAI": "dai", "USDC": "usd-coin", "USDT": "tether", "USDe": "ethena-usde"
    }  # fmt: skip
    for row in rows:
        assert row["supply_gap"] == pytest.approx(row["defillama_supply"] / row["coingecko_supply"] - 1)
        assert 0 < abs(row["supply_gap"]) < 0.02
        assert abs(row["price_gap"]) < 0.01


def sim_units(sim: SimulatorProcess) -> dict[datetime, float]:
    """What the simulated Tether says of the start of each day."""
    body = requests.get(
        f"{sim.url}/stablecoins.llama.fi/stablecoincharts/all", params={"stablecoin": "1"}, timeout=20
    ).json()
    return {
        datetime.fromtimestamp(int(day["date"]), UTC): day["totalCirculating"]["peggedUSD"] for day in body
    }


def test_flows_of_etfs_want_a_key_grow_as_funds_report_and_are_known_the_next_day(
    database: Database, sim: SimulatorProcess
) -> None:
    declare(database)
    without = sources_of(database, sim.url)
    off = COLLECTORS["coinglass"].off_because(without.settings)
    assert off is not None
    assert "ALPHAPULSE_PROVIDERS__COINGLASS_KEY" in off
    told = FILLS["etf_flows"](context(without, date(2024, 6, 3), date(2024, 6, 4)))
    assert (told.inserted, told.failed) == (0, False)
    assert "COINGLASS_KEY" in told.missing["coinglass"]

    sources = sources_of(database, sim.url, KEY)
    sim.set_clock("2024-06-05T12:00:00")
    FILLS["etf_flows"](context(sources, date(2024, 6, 3), date(2024, 6, 4)))
    first = database.rows("SELECT * FROM etf_flows WHERE asset = 'BTC' ORDER BY ts, fund")
    assert {row["fund"] for row in first} == {"all", "ARKB", "BITB", "FBTC", "GBTC", "IBIT"}
    assert {row["ts"]: row["known_at"] for row in first} == {
        utc("2024-06-03"): utc("2024-06-04T13:30"),
        utc("2024-06-04"): utc("2024-06-05T13:30"),
    }
    # the evening of the fifth: half of the funds have reported, and that is what was known then
    evening, night = utc("2024-06-05T23:30"), utc("2024-06-06T03:30")
    look(sources, sim, "coinglass", evening)
    look(sources, sim, "coinglass", night)
    total = database.rows(
        "SELECT revision, flow_usd, known_at FROM etf_flows"
        " WHERE asset = 'BTC' AND fund = 'all' AND ts = '2024-06-05' ORDER BY revision"
    )
    assert [row["revision"] for row in total] == [0, 1]
    assert all(soon(row["known_at"], asked) for row, asked in zip(total, (evening, night), strict=True))
    assert total[0]["flow_usd"] != total[1]["flow_usd"]
    assert look(sources, sim, "coinglass", night + HOUR).new == 0
    assert database.rows("SELECT FROM etf_flows WHERE ts = '2024-06-08'") == []  # a Saturday
    kept = " ".join(
        str(database.rows(f"SELECT * FROM {table}"))  # type: ignore[arg-type]
        for table in ("fetch_log", "quarantine", "provider_ledger", "collectors")
    )
    assert KEY not in kept


@pytest.mark.parametrize("key", ["plan-without-etf", "gone"])
def test_a_refused_key_is_told_as_one_whatever_the_status(
    database: Database, sim: SimulatorProcess, key: str
) -> None:
    declare(database)
    if key == "gone":
        sim.fault("status", host="open-api-v4.coinglass.com", code=401, body={"code": "401", "msg": "no"})
    done = look(sources_of(database, sim.url, key), sim, "coinglass", RELEASE)
    assert done.error is not None
    assert "set ALPHAPULSE_PROVIDERS__COINGLASS_KEY to another" in done.error
    assert key not in done.error
    books = database.rows("SELECT error_kind FROM collectors WHERE source = 'coinglass'")
    assert books == [{"error_kind": "bad_key"}]


def test_a_day_shows_what_was_known_when_it_ended_and_goes_on_doing_so(
    database: Database, sim: SimulatorProcess, other: SimulatorProcess
) -> None:
    declare(database)
    sources = sources_of(database, sim.url, KEY)
    for at in ("2024-06-05T12:00", "2024-06-06T12:00", "2024-06-07T12:00"):
        for source in ("cftc", "defillama", "coinglass"):
            assert look(sources, sim, source, utc(at)).error is None
    wanted = (
        "SELECT * FROM institutional_flows WHERE day BETWEEN '2024-06-05' AND '2024-06-06' ORDER BY day, base"
    )
    before = database.rows(wanted)
    assert [row["positions_ts"] for row in before] == [utc("2024-05-28")] * 4
    thursday = before[2]
    assert (thursday["base"], thursday["day"]) == ("BTC", utc("2024-06-06"))
    assert thursday["etf_ts"] == utc("2024-06-05")
    assert thursday["stablecoin_ts"] == utc("2024-06-06T12:00")
    (grown,) = database.rows(
        "SELECT max(circulating_usd) FILTER (WHERE ts = '2024-06-06 12:00+00')"
        " - max(circulating_usd) FILTER (WHERE ts = '2024-06-05 12:00+00') AS usd"
        " FROM stablecoin_supply WHERE stablecoin = 'all'"
    )
    assert thursday["stablecoin_issuance_usd"] == grown["usd"]
    (net,) = database.rows(
        "SELECT sum(net) AS net FROM cot WHERE base = 'BTC' AND trader_group = 'leveraged'"
        " AND report = 'futures' AND ts = '2024-05-28'"
    )
    assert thursday["leveraged_net"] == pytest.approx(net["net"])

    otherwise = sources_of(database, other.url, KEY)
    for at in ("2024-06-08T12:00", "2024-06-09T12:00"):
        for source in ("cftc", "defillama", "coinglass"):
            look(otherwise, other, source, utc(at))
    revised = database.rows("SELECT count(*) AS n FROM institutional_positions WHERE revision = 1")
    assert revised[0]["n"] > 0
    assert database.rows(wanted) == before  # releases, revisions and newer days change nothing of it
    (saturday,) = database.rows("SELECT * FROM institutional_flows WHERE day = '2024-06-08' AND base = 'BTC'")
    assert saturday["positions_ts"] == TUESDAY
