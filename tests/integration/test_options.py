"""Options from Deribit's simulated socket to tables, views and summaries, and what goes wrong on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import ccxt
import polars as pl
import pytest
from option_support import NOW, ask, filling, options_market, sources_of

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.options.batch import summarise
from alphapulse_assets.options.checks import different
from alphapulse_assets.options.collectors import CHAIN, INDEX, SUMMARY
from alphapulse_assets.options.dataset import DATASETS, OPTIONS_CHAIN, OPTIONS_SUMMARY, VOLATILITY
from alphapulse_assets.options.fills import NOT_KEPT, fill_chain, fill_index, fill_summary, stored_chain
from alphapulse_assets.options.model import EXPIRIES, TOTALS
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.providers.deribit import DERIBIT
from alphapulse_resources.providers.deribit.source import DeribitSource
from alphapulse_resources.providers.model import Series
from alphapulse_sim.options import BOOKS
from alphapulse_sim.process import SimulatorProcess

DAY = timedelta(days=1)
HOST = "www.deribit.com"


@pytest.fixture(scope="module")
def running_simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: SimulatorProcess) -> SimulatorProcess:
    """The simulator at NOW, without faults."""
    running_simulator.clear()
    running_simulator.set_clock(NOW)
    return running_simulator


@pytest.fixture
def sources(database: Database, simulator: SimulatorProcess) -> Iterator[Sources]:
    with sources_of(database, simulator.url) as sources:
        yield sources


def test_a_snapshot_holds_every_listed_option_with_its_terms_prices_and_greeks(sources: Sources) -> None:
    done = ask(CHAIN, sources)
    assert (done.error, done.quarantined, dict(done.missing)) == (None, 0, {})
    market = options_market()
    now_ms = int(NOW.timestamp() * 1000)
    listed = [each for book in BOOKS for each in market.options.contracts(book, now_ms)]
    stored = sources.database.read("SELECT * FROM options_chain")
    assert sorted(stored["name"]) == sorted(each.name for each in listed)
    one = next(
        each for each in listed if each.book.prefix == "BTC" and each.call and each.term.period == "month"
    )
    row = stored.row(by_predicate=pl.col("name") == one.name, named=True)
    quote = market.options.quotes(one.book, [one], now_ms)
    assert (row["strike"], row["kind"], row["ts"]) == (one.strike, "call", NOW)
    assert row["expiry"].timestamp() * 1000 == one.term.expiry_ms
    assert row["mark_price"] == pytest.approx(quote.mark[0], abs=1e-8)
    assert row["mark_usd"] == pytest.approx(row["mark_price"] * quote.index, rel=1e-6)
    assert row["open_interest"] == pytest.approx(quote.open_interest[0])
    assert row["known_at"] > row["ts"]  # when the answer was here, by our clock
    assert 0 < row["delta"] < 1
    assert row["theta"] < 0 < row["vega"]
    dollars = stored.filter(pl.col("currency") == "SOL_USDC").select(
        pl.col("mark_usd") - pl.col("mark_price")
    )
    assert dollars.to_series().abs().max() == 0  # these have prices in dollars already


def test_greeks_are_those_that_the_ticker_tells(sources: Sources) -> None:
    ask(CHAIN, sources)
    stored = sources.database.read(
        "SELECT name, delta, gamma, vega, theta FROM options_chain WHERE abs(delta) BETWEEN 0.05 AND 0.95"
        " AND expiry - ts > INTERVAL '2 days' ORDER BY name"
    )
    source = DeribitSource(sources.provider(DERIBIT))
    for row in stored[:: stored.height // 8].iter_rows(named=True):
        told = source.greeks(row["name"], NOW).value
        # the volatility we reckon with has two decimals of a percent, and the ticker's greeks have five
        for name in ("delta", "gamma", "vega", "theta"):
            assert row[name] == pytest.approx(told[name], rel=2e-3, abs=1e-5), (row["name"], name)


def test_ccxt_reads_the_simulated_options(simulator: SimulatorProcess) -> None:
    def behind(url: Any) -> Any:  # ccxt's addresses, with the simulator before the host's name
        if isinstance(url, dict):
            return {name: behind(each) for name, each in url.items()}
        return url.replace("https://", f"{simulator.url}/")

    exchange = ccxt.deribit()
    exchange.urls["api"] = behind(exchange.urls["api"])
    exchange.load_markets()
    chain = exchange.fetch_option_chain("BTC")
    symbol, quote = max(chain.items(), key=lambda item: item[1]["openInterest"])
    market = exchange.market(symbol)
    assert (market["option"], market["inverse"], market["settle"]) == (True, True, "BTC")
    assert market["expiry"] % 86_400_000 == 8 * 3_600_000
    assert quote["markPrice"] > 0
    assert quote["underlyingPrice"] == pytest.approx(exchange.fetch_greeks(symbol)["underlyingPrice"])
    linear = next(each for each in exchange.markets.values() if each["id"].startswith("XRP_USDC"))
    assert (linear["linear"], linear["settle"]) == (True, "USDC")
    with pytest.raises(ccxt.ExchangeError):
        exchange.public_get_get_instruments({"currency": "XX"})


def test_a_second_round_of_the_same_moment_changes_nothing_and_a_later_one_adds(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    first = ask(CHAIN, sources).new
    again = ask(CHAIN, sources)
    keys = sources.database.rows("SELECT count(*) AS n, count(DISTINCT name) AS names FROM option_contracts")[
        0
    ]
    assert keys["n"] == keys["names"] == first == again.rows
    rows = sources.database.rows("SELECT count(*) AS n, count(DISTINCT ts) AS times FROM option_quotes")[0]
    assert rows == {"n": first, "times": 1}
    simulator.set_clock(NOW + timedelta(minutes=15))
    ask(CHAIN, sources, NOW + timedelta(minutes=15))
    rows = sources.database.rows("SELECT count(*) AS n, count(DISTINCT ts) AS times FROM option_quotes")[0]
    assert rows == {"n": 2 * first, "times": 2}


def test_expired_contracts_vanish_from_the_list_and_keep_their_terms(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    ask(CHAIN, sources)
    expiry = datetime(2024, 11, 21, 8, tzinfo=UTC)
    simulator.set_clock(expiry + timedelta(minutes=1))
    ask(CHAIN, sources, expiry + timedelta(minutes=1))
    states = sources.database.rows(
        "SELECT state, count(*) AS n, max(expiry) AS last FROM option_contracts_listed GROUP BY state"
    )
    by_state = {row["state"]: row for row in states}
    assert by_state.keys() == {"listed", "expired"}
    assert by_state["expired"]["last"] == expiry
    now = sources.database.rows("SELECT min(expiry) AS next, count(*) AS n FROM options_chain_now")[0]
    assert now["next"] > expiry
    assert now["n"] == by_state["listed"]["n"]


def test_a_quote_without_its_terms_is_kept_in_quarantine(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    simulator.fault("stale", host=HOST, path="get_instruments", symbol="BTC", seconds=3 * 86_400)
    done = ask(CHAIN, sources)
    assert done.error is None
    rows = sources.database.rows("SELECT reasons, provider, payload FROM quarantine")
    assert len(rows) == done.quarantined > 0
    assert {(*row["reasons"], row["provider"]) for row in rows} == {("unknown_contract", "deribit")}
    listed = {row["name"] for row in sources.database.rows("SELECT name FROM option_contracts")}
    assert all(row["payload"]["name"] not in listed for row in rows)
    assert ask(CHAIN, sources).quarantined == done.quarantined  # the same again: no more rows
    assert len(sources.database.rows("SELECT 1 AS n FROM quarantine")) == len(rows)


def test_one_currency_that_is_refused_stops_no_other_and_is_told(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    refusal = '{"error":{"code":-32602,"message":"Invalid params"}}'
    simulator.fault("status", host=HOST, symbol="ETH", code=400, body=refusal)
    done = ask(CHAIN, sources)
    assert done.error is None
    assert list(done.missing) == ["ETH"]
    assert "Invalid params" in done.missing["ETH"]
    found = sources.database.rows("SELECT DISTINCT currency FROM options_chain ORDER BY 1")
    assert "ETH" not in [row["currency"] for row in found]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (
            {
                "kind": "status",
                "code": 400,
                "body": '{"error":{"code":10041,"message":"settlement_in_progress"}}',
            },
            "venue_down",
        ),
        ({"kind": "status", "code": 451}, "geo_blocked"),
        (
            {"kind": "status", "code": 400, "body": '{"error":{"code":13009,"message":"unauthorized"}}'},
            "bad_key",
        ),
        ({"kind": "html"}, "bad_body"),
        ({"kind": "truncated"}, "bad_body"),
    ],
)
def test_what_deribit_refuses_is_an_error_with_its_kind_and_stores_nothing(
    sources: Sources,
    simulator: SimulatorProcess,
    fault: dict[str, object],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("alphapulse_resources.venues.gateway.FIRST_BACK_OFF", 0.01)
    monkeypatch.setattr("alphapulse_assets.options.collectors.CURRENCIES", ("BTC",))
    simulator.fault(host=HOST, **fault)
    sources.database.execute(
        "INSERT INTO collectors (collector, source, datasets, every, rank, declared_at)"
        " VALUES ('options_chain deribit', 'deribit', '{options_chain}', '15 minutes', 1, now())"
    )
    done = ask(CHAIN, sources)
    assert done.error is not None
    row = sources.database.rows("SELECT error_kind FROM collectors")[0]
    assert row["error_kind"] == kind
    assert sources.database.rows("SELECT count(*) AS n FROM option_quotes")[0]["n"] == 0
    logged = sources.database.rows("SELECT count(*) AS n FROM fetch_log WHERE venue = 'deribit'")[0]
    assert logged["n"] > 0


def test_summaries_follow_each_snapshot_and_recomputing_the_day_changes_nothing(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    for minutes in (0, 15):
        at = NOW + timedelta(minutes=minutes)
        simulator.set_clock(at)
        ask(CHAIN, sources, at)
        assert ask(SUMMARY, sources, at).error is None
    assert ask(SUMMARY, sources, at).rows == 0  # nothing is left to sum up
    totals = sources.database.rows(
        "SELECT currency, ts, known_at FROM option_summaries ORDER BY currency, ts"
    )
    assert [(row["currency"], row["ts"]) for row in totals] == [
        (currency, NOW + timedelta(minutes=minutes))
        for currency in ("BTC", "ETH", "SOL_USDC", "XRP_USDC")
        for minutes in (0, 15)
    ]
    result = fill_summary(filling(sources, [NOW]))
    assert (result.inserted, result.changed) == (0, 0)
    assert result.unchanged > 8
    assert result.written == {(None, NOW.date())}
    again = fill_chain(filling(sources, [NOW]))
    assert (again.inserted, again.changed) == (0, 0)
    assert dict(fill_summary(filling(sources, [NOW - 9 * DAY])).missing) == {
        f"{(NOW - 9 * DAY).date()}": NOT_KEPT
    }


def test_what_came_later_changes_no_earlier_summary(sources: Sources, simulator: SimulatorProcess) -> None:
    for minutes in (0, 15, 30):
        at = NOW + timedelta(minutes=minutes)
        simulator.set_clock(at)
        ask(CHAIN, sources, at)
    chain = stored_chain(sources, NOW - DAY, NOW + DAY)
    whole = summarise(chain)
    for minutes in (0, 15):
        until = pl.col("ts") <= NOW + timedelta(minutes=minutes)
        then = summarise(chain.filter(until))
        assert different(TOTALS, then.totals, whole.totals.filter(until)) == 0
        assert different(EXPIRIES, then.expiries, whole.expiries.filter(until)) == 0
    shuffled = summarise(chain.sample(fraction=1.0, shuffle=True, seed=3))
    assert shuffled.totals.equals(whole.totals)  # nor does the order in which rows are read
    assert shuffled.expiries.equals(whole.expiries)


def test_the_summary_view_shows_expiries_and_all_together_beside_the_index_that_was_known(
    sources: Sources,
) -> None:
    ask(CHAIN, sources)
    ask(SUMMARY, sources)
    ask(INDEX, sources)
    rows = sources.database.rows("SELECT * FROM options_summary_now WHERE currency = 'BTC' ORDER BY expiry")
    expiries, (total,) = rows[:-1], rows[-1:]
    assert total["expiry"] is None
    assert total["calls_open_interest"] == pytest.approx(sum(row["calls_open_interest"] for row in expiries))
    assert total["contracts"] == sum(row["contracts"] for row in expiries)
    levels = [row["atm_iv"] for row in expiries if row["atm_iv"] is not None]
    assert min(levels) <= total["atm_iv_30d"] <= max(levels)
    hours = sources.database.rows("SELECT ts, close FROM volatility_index WHERE currency = 'BTC' ORDER BY ts")
    assert hours[-1]["ts"] == NOW.replace(minute=0, second=0) - timedelta(hours=1)  # the last that is over
    assert {row["volatility_index"] for row in rows} == {hours[-1]["close"]}
    # the index of the simulator is its surface at the money for 30 days
    assert total["atm_iv_30d"] == pytest.approx(hours[-1]["close"], rel=0.1)


def test_the_index_has_all_its_history_page_by_page_and_none_of_before_it_began(sources: Sources) -> None:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    days = [first + n * DAY for n in range(60)]  # 1440 hours: more than an answer has
    result = fill_index(filling(sources, days, ["BTC"]))
    assert (result.inserted, result.failed, dict(result.missing)) == (1440, False, {})
    assert len(result.written) == 60
    rows = sources.database.read("SELECT ts, known_at, high, low FROM volatility_index ORDER BY ts")
    assert rows["ts"].to_list() == [first + n * timedelta(hours=1) for n in range(1440)]
    assert (rows["known_at"] - rows["ts"]).unique().to_list() == [timedelta(hours=1)]
    assert (rows["low"] <= rows["high"]).all()
    assert fill_index(filling(sources, days, ["BTC"])).inserted == 0
    before = fill_index(filling(sources, [datetime(2020, 5, 1, tzinfo=UTC)], ["ETH"]))
    assert (before.inserted, list(before.missing)) == (0, ["deribit ETH"])


def test_a_page_of_the_index_that_was_cut_is_gone_on_with(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    pages = DeribitSource(sources.provider(DERIBIT)).pages(
        Series("deribit", "BTC"), NOW - 100 * DAY, NOW, NOW
    )
    found = pl.concat([page.rows for page in pages])
    assert found["ts"].is_unique().all()
    assert (found["ts"].diff().drop_nulls() == timedelta(hours=1)).all()
    assert found.height == 100 * 24 - 1  # from the first whole hour on, without the one that is not over


def test_broken_rows_go_to_quarantine_and_the_others_are_stored(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    simulator.fault("mutate_rows", host=HOST, path="volatility_index", what="high_below_low", every=3)
    done = ask(INDEX, sources)
    assert done.error is None
    assert done.quarantined > 0
    assert done.rows + done.quarantined == 2 * 12  # the hours of the day so far, of two series
    reasons = sources.database.rows("SELECT DISTINCT unnest(reasons) AS reason FROM quarantine")
    assert any("above_high" in row["reason"] for row in reasons)


@pytest.mark.parametrize("lightweight", [True, False])
def test_the_checks_hold_and_fail_where_something_is_wrong(
    sources: Sources, simulator: SimulatorProcess, lightweight: bool
) -> None:
    for collector in (CHAIN, SUMMARY):
        ask(collector, sources)
    simulator.set_clock(NOW + DAY)
    assert fill_index(filling(sources, [NOW])).inserted == 48
    scope = CheckScope(DerivedStore(sources.database), [f"{NOW.date()}"], lightweight=lightweight)

    def verdicts() -> dict[str, bool]:
        return {
            f"{dataset.name} {check.name}": bool(check.run(scope, dataset).passed)
            for dataset in DATASETS
            for check in dataset.checks
        }

    assert set(verdicts().values()) == {True}
    sources.database.execute("UPDATE option_quotes SET mark_price = mark_price * 1.5")
    sources.database.execute(
        "UPDATE option_contracts SET expiry = '2024-11-20 08:00+00' WHERE expiry = '2024-11-21 08:00+00'"
    )
    sources.database.execute("UPDATE option_summaries SET puts_open_interest = -1")
    sources.database.execute("UPDATE volatility_index_candles SET high = low - 1")
    sources.database.execute("DELETE FROM volatility_index_candles WHERE ts = '2024-11-20 03:00+00'")
    broken = {name for name, passed in verdicts().items() if not passed}
    assert broken == {
        *("options_chain put_call_parity", "options_chain gone_at_expiry"),
        *("options_summary rules", "options_summary no_look_ahead"),
        *("volatility_index rules", "volatility_index complete"),
    }


def test_every_materialization_has_a_picture(sources: Sources) -> None:
    for collector in (CHAIN, SUMMARY, INDEX):
        ask(collector, sources)
    for dataset, name in (
        (OPTIONS_CHAIN, "surface"),
        (OPTIONS_SUMMARY, "open_interest"),
        (VOLATILITY, "index"),
    ):
        assert dataset.show_collected is not None
        shown = dataset.show_collected(sources, [NOW.date()])
        assert shown[name].value.startswith("![")
        assert dataset.show_collected(sources, [(NOW - 40 * DAY).date()]) == {}
