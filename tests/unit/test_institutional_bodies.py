"""Bodies of the CFTC, DefiLlama and Coinglass as documented: how they are read; the simulator's too."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from alphapulse_resources.providers.cftc import reports
from alphapulse_resources.providers.cftc.model import CONTRACTS, GROUPS
from alphapulse_resources.providers.coinglass import CoinglassError, etf
from alphapulse_resources.providers.defillama import stablecoins
from alphapulse_sim.cftc import COLUMNS, MARKETS, Cftc
from alphapulse_sim.coinglass import Coinglass
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.defillama import COINS, DefiLlama
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.socrata import SoqlError, project, select

# a report of gpe5-46if as the CFTC's interface gives it (2025-08-05, Australian dollar); groups of fewer than
# four traders have no count
REPORT: dict[str, Any] = {
    "id": "250805232741F",
    "market_and_exchange_names": "AUSTRALIAN DOLLAR - CHICAGO MERCANTILE EXCHANGE",
    "report_date_as_yyyy_mm_dd": "2025-08-05T00:00:00.000",
    "yyyy_report_week_ww": "2025 Report Week 31", "contract_market_name": "AUSTRALIAN DOLLAR",
    "cftc_contract_market_code": "232741", "cftc_market_code": "CME ", "cftc_region_code": "CHI",
    "cftc_commodity_code": "232 ", "commodity_name": "AUSTRALIAN DOLLAR", "open_interest_all": "163900",
    "dealer_positions_long_all": "69127", "dealer_positions_short_all": "2137",
    "dealer_positions_spread_all": "166", "asset_mgr_positions_long": "40337",
    "asset_mgr_positions_short": "101819", "asset_mgr_positions_spread": "5242",
    "lev_money_positions_long": "19628", "lev_money_positions_short": "30092",
    "lev_money_positions_spread": "3056", "other_rept_positions_long": "4541",
    "other_rept_positions_short": "600", "other_rept_positions_spread": "42",
    "tot_rept_positions_long_all": "142139", "tot_rept_positions_short": "143154",
    "nonrept_positions_long_all": "21761", "nonrept_positions_short_all": "20746",
    "change_in_open_interest_all": "4220", "change_in_dealer_long_all": "12706",
    "change_in_dealer_short_all": "-690", "change_in_dealer_spread_all": "29",
    "change_in_asset_mgr_long": "-2021", "change_in_asset_mgr_short": "9980",
    "change_in_asset_mgr_spread": "-2148", "change_in_lev_money_long": "-3385",
    "change_in_lev_money_short": "-4307", "change_in_lev_money_spread": "191",
    "change_in_other_rept_long": "-280", "change_in_other_rept_short": "0",
    "change_in_other_rept_spread": "0", "change_in_tot_rept_long_all": "5092",
    "change_in_tot_rept_short": "3055", "change_in_nonrept_long_all": "-872",
    "change_in_nonrept_short_all": "1165", "pct_of_open_interest_all": "100.0",
    "pct_of_oi_dealer_long_all": "42.2", "pct_of_oi_dealer_short_all": "1.3",
    "pct_of_oi_dealer_spread_all": "0.1", "pct_of_oi_asset_mgr_long": "24.6",
    "pct_of_oi_asset_mgr_short": "62.1", "pct_of_oi_asset_mgr_spread": "3.2",
    "pct_of_oi_lev_money_long": "12.0", "pct_of_oi_lev_money_short": "18.4",
    "pct_of_oi_lev_money_spread": "1.9", "pct_of_oi_other_rept_long": "2.8",
    "pct_of_oi_other_rept_short": "0.4", "pct_of_oi_other_rept_spread": "0.0",
    "pct_of_oi_tot_rept_long_all": "86.7", "pct_of_oi_tot_rept_short": "87.3",
    "pct_of_oi_nonrept_long_all": "13.3", "pct_of_oi_nonrept_short_all": "12.7", "traders_tot_all": "91",
    "traders_dealer_long_all": "13", "traders_asset_mgr_long_all": "12", "traders_asset_mgr_short_all": "14",
    "traders_asset_mgr_spread": "8", "traders_lev_money_long_all": "20", "traders_lev_money_short_all": "22",
    "traders_lev_money_spread": "7", "traders_other_rept_long_all": "6", "traders_tot_rept_long_all": "61",
    "traders_tot_rept_short_all": "49", "conc_gross_le_4_tdr_long": "42.9",
    "conc_gross_le_4_tdr_short": "55.2", "conc_gross_le_8_tdr_long": "54.3",
    "conc_gross_le_8_tdr_short": "66.0", "conc_net_le_4_tdr_long_all": "42.9",
    "conc_net_le_4_tdr_short_all": "52.4", "conc_net_le_8_tdr_long_all": "53.7",
    "conc_net_le_8_tdr_short_all": "62.9", "contract_units": "(CONTRACTS OF AUD 100,000)",
    "cftc_subgroup_code": "F10", "commodity": "AUSTRALIAN DOLLAR", "commodity_subgroup_name": "CURRENCY",
    "commodity_group_name": "FINANCIAL INSTRUMENTS", "futonly_or_combined": "FutOnly",
}  # fmt: skip
# docs.coinglass.com/reference/ethereum-etf-flows-history
FLOWS: dict[str, Any] = {
    "code": "0",
    "data": [
        {
            "timestamp": 1721692800000,
            "flow_usd": 106600000,
            "price_usd": 3438.09,
            "etf_flows": [
                {"etf_ticker": "ETHA", "flow_usd": 266500000},
                {"etf_ticker": "FETH", "flow_usd": 71300000},
            ],
        }
    ],
}
# stablecoins.llama.fi/stablecoincharts/all, first day of USDC as the docs of a client show it
CHART: list[dict[str, Any]] = [
    {
        "date": "1609372800",
        "totalCirculating": {"peggedUSD": 3705248341.68},
        "totalUnreleased": {"peggedUSD": 0},
        "totalCirculatingUSD": {"peggedUSD": 3707668173.71},
        "totalMintedUSD": {"peggedUSD": 0},
        "totalBridgedToUSD": {"peggedUSD": 0},
    }
]
COIN_FIELDS = {
    "id", "name", "symbol", "gecko_id", "pegType", "priceSource", "pegMechanism", "circulating",
    "circulatingPrevDay", "circulatingPrevWeek", "circulatingPrevMonth",
    "chainCirculating", "chains", "price",
}  # fmt: skip
"""Of one of `peggedAssets` with includePrices=true (api-docs.defillama.com)."""
NOW = epoch_ms("2024-06-12T12:00")


@pytest.fixture(scope="module")
def sim() -> Simulator:
    return Simulator(SimConfig())


def cftc_rows(sim: Simulator, *, report: str = "FutOnly", **query: str) -> list[dict[str, str]]:
    cftc = Cftc(sim)
    page = select(cftc._index(report, NOW), COLUMNS, {f"${name}": value for name, value in query.items()})
    return [cftc._row(report, each) for each in page]


def test_a_report_is_five_rows_that_add_up_and_what_is_not_told_is_null() -> None:
    rows, rejects, count = reports.read([REPORT])
    assert (rows.height, rejects, count) == (5, [], 1)
    by_group = {row["trader_group"]: row for row in rows.iter_rows(named=True)}
    assert by_group["leveraged"] == {
        "contract": "232741", "trader_group": "leveraged", "ts": datetime(2025, 8, 5, tzinfo=UTC),
        "open_interest": 163_900, "long_contracts": 19_628, "short_contracts": 30_092,
        "spread_contracts": 3_056, "change_open_interest": 4_220, "change_long": -3_385,
        "change_short": -4_307, "change_spread": 191, "traders_long": 20, "traders_short": 22,
        "traders_spread": 7, "contract_units": "(CONTRACTS OF AUD 100,000)",
    }  # fmt: skip
    assert (by_group["dealer"]["traders_long"], by_group["dealer"]["traders_short"]) == (13, None)
    assert (by_group["small"]["spread_contracts"], by_group["small"]["traders_long"]) == (None, None)
    spreads = sum(row["spread_contracts"] or 0 for row in by_group.values())
    for side in ("long_contracts", "short_contracts"):
        assert sum(row[side] for row in by_group.values()) + spreads == 163_900


@pytest.mark.parametrize(
    "wrong",
    [{"open_interest_all": None}, {"lev_money_positions_long": "n/a"}, {"report_date_as_yyyy_mm_dd": "soon"}],
)
def test_a_report_that_cannot_be_read_is_kept_whole_for_the_quarantine(wrong: dict[str, Any]) -> None:
    rows, rejects, _ = reports.read([{**REPORT, **wrong}, REPORT, {**REPORT, "open_interest_all": "163000"}])
    assert rows.height == 5
    assert [each.reason for each in rejects] == ["unreadable_value", "does_not_add_up"]
    assert "are 163900, the open interest is 163000" in rejects[1].payload["error"]
    assert rejects[0].payload["report"]["id"] == REPORT["id"]
    with pytest.raises(TypeError, match="a list of reports"):
        reports.read({"code": "query.soql.no-such-column", "error": True})


def test_the_simulators_reports_have_the_fields_of_a_real_one_all_text(sim: Simulator) -> None:
    rows = cftc_rows(sim, limit="60", order="report_date_as_yyyy_mm_dd DESC")
    seen = {name for row in rows for name in row}
    counts = {column for group in GROUPS for column in group.traders or ()}
    assert seen - counts == REPORT.keys() - counts
    assert seen & counts >= REPORT.keys() & counts
    assert all(isinstance(value, str) for row in rows for value in row.values())
    assert any(counts - row.keys() for row in rows)  # some groups are of fewer than four
    assert {row["cftc_contract_market_code"] for row in rows} == {each.code for each in CONTRACTS}
    assert {code: market[0] for code, market in MARKETS.items()} == {
        each.code: each.name for each in CONTRACTS
    }


@pytest.mark.parametrize("report", ["FutOnly", "Combined"])
def test_the_simulators_reports_add_up_and_change_by_what_they_say(sim: Simulator, report: str) -> None:
    rows = cftc_rows(
        sim,
        report=report,
        where="cftc_contract_market_code = '133741'",
        limit="30",
        order="report_date_as_yyyy_mm_dd",
    )
    frame, rejects, _ = reports.read(rows)
    assert rejects == []
    spread = pl.col("spread_contracts").sum()
    sums = frame.group_by("ts").agg(
        pl.col("open_interest").first(),
        longs=pl.col("long_contracts").sum() + spread,
        shorts=pl.col("short_contracts").sum() + spread,
    )
    assert (sums["longs"] == sums["open_interest"]).all()
    assert (sums["shorts"] == sums["open_interest"]).all()
    leveraged = frame.filter(frame["trader_group"] == "leveraged").sort("ts")
    changed = leveraged["long_contracts"].diff().drop_nulls().to_list()
    assert leveraged["change_long"].drop_nulls().to_list() == changed
    assert leveraged["change_long"][0] is None  # the first report there is


def test_socrata_filters_orders_and_pages_as_documented(sim: Simulator) -> None:
    where = (
        "cftc_contract_market_code in ('133741', '146021')"
        " AND report_date_as_yyyy_mm_dd >= '2024-05-07T00:00:00.000'"
        " AND report_date_as_yyyy_mm_dd < '2024-06-04T00:00:00.000'"
    )
    order = "report_date_as_yyyy_mm_dd, cftc_contract_market_code"
    index = Cftc(sim)._index("FutOnly", NOW)
    whole = select(index, COLUMNS, {"$where": where, "$order": order})
    days = [row["report_date_as_yyyy_mm_dd"][:10] for row in whole]
    assert days == sorted(days)
    assert (days[0], days[-1], len(days)) == ("2024-05-07", "2024-05-28", 8)
    parts = [
        select(index, COLUMNS, {"$where": where, "$order": order, "$limit": "3", "$offset": str(start)})
        for start in (0, 3, 6, 9)
    ]
    assert [row for part in parts for row in part] == whole
    assert select(index, COLUMNS, {"$order": f"{order.split(',')[0]} DESC", "$limit": "1"})[0][
        "report_date_as_yyyy_mm_dd"
    ].startswith("2024-06-04")
    between = "report_date_as_yyyy_mm_dd between '2024-05-07' and '2024-05-14'"
    assert len(select(index, COLUMNS, {"$where": between, "cftc_contract_market_code": "133741"})) == 2
    assert project(whole[:1], {"$select": "id, futonly_or_combined"}) == [
        {"id": "240507133741F", "futonly_or_combined": "FutOnly"}
    ]
    assert len(select(index, COLUMNS, {})) == min(1000, len(index))
    for query in (
        {"$where": "nothing = 'x'"},
        {"$where": "length(id) > 3"},
        {"$limit": "many"},
        {"$top": "1"},
    ):
        with pytest.raises(SoqlError):
            select(index, COLUMNS, query)


def test_what_is_not_released_yet_is_not_there(sim: Simulator) -> None:
    cftc = Cftc(sim)
    before, at = (
        {row["report_date_as_yyyy_mm_dd"][:10] for row in cftc._index("FutOnly", epoch_ms(text))}
        for text in ("2024-06-07T19:29:59", "2024-06-07T19:30:00")
    )
    assert at - before == {"2024-06-04"}


def test_a_day_of_flows_is_a_row_a_fund_and_their_total_and_a_code_is_an_error() -> None:
    rows, rejects = etf.read(FLOWS, "ETH")
    assert rejects == []
    assert rows.rows() == [
        ("ETH", "ETHA", datetime(2024, 7, 23, tzinfo=UTC), 266_500_000.0, 3438.09),
        ("ETH", "FETH", datetime(2024, 7, 23, tzinfo=UTC), 71_300_000.0, 3438.09),
        ("ETH", "all", datetime(2024, 7, 23, tzinfo=UTC), 106_600_000.0, 3438.09),
    ]
    with pytest.raises(CoinglassError, match="code 401: Upgrade plan"):
        etf.read({"code": "401", "msg": "Upgrade plan"}, "ETH")
    _, bad = etf.read({"code": "0", "data": [{"timestamp": "?", "flow_usd": 1, "etf_flows": []}]}, "BTC")
    assert [each.reason for each in bad] == ["unreadable_value"]


def test_the_simulators_flows_are_shaped_like_that_and_add_up(sim: Simulator) -> None:
    days = Coinglass(sim).days("bitcoin", NOW)
    (documented,) = FLOWS["data"]
    assert {frozenset(day) for day in days} == {frozenset(documented)}
    assert all(set(each) <= {"etf_ticker", "flow_usd"} for day in days for each in day["etf_flows"])
    assert all(day["flow_usd"] == sum(each["flow_usd"] for each in day["etf_flows"]) for day in days)
    weekdays = {datetime.fromtimestamp(day["timestamp"] / 1000, UTC).weekday() for day in days}
    assert weekdays == {0, 1, 2, 3, 4}
    assert (
        datetime.fromtimestamp(days[-1]["timestamp"] / 1000, UTC).day == 11
    )  # told in the night to the twelfth


def test_a_day_of_supply_and_what_the_simulator_says_have_one_shape(sim: Simulator) -> None:
    rows, rejects = stablecoins.read_history(CHART, "2", "USDC")
    assert rejects == []
    (row,) = rows.rows(named=True)
    assert (row["ts"], row["circulating"]) == (datetime(2020, 12, 31, tzinfo=UTC), 3705248341.68)
    assert row["circulating_usd"] == 3707668173.71
    assert row["price"] == pytest.approx(1.000653, abs=1e-6)
    assert row["peg_deviation"] == pytest.approx(0.000653, abs=1e-6)
    llama = DefiLlama(sim)
    coins = [llama._coin(each, NOW, True) for each in COINS if epoch_ms(each.since) <= NOW]
    assert {frozenset(each) for each in coins} == {frozenset(COIN_FIELDS)}
    told, bad = stablecoins.read_now(
        {"peggedAssets": [*coins, {"symbol": "?"}]}, datetime(2024, 6, 12, tzinfo=UTC)
    )
    assert [each.reason for each in bad] == ["unreadable_value"]
    assert told.filter(told["stablecoin"] == "all").height == 1
    dear = {**coins[0], "price": 15.0}  # a dollar for 15 would be in the total too
    _, bad = stablecoins.read_now({"peggedAssets": [dear, coins[1]]}, datetime(2024, 6, 12, tzinfo=UTC))
    assert "costs 15.0 USD" in bad[0].payload["error"]
    with pytest.raises(ValueError, match="none of 1 stablecoins"):
        stablecoins.read_now({"peggedAssets": [{"id": "1"}]}, datetime(2024, 6, 12, tzinfo=UTC))
    with pytest.raises(TypeError, match="a list of days"):
        stablecoins.read_history({"message": "no"}, "1", "USDT")
