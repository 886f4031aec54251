"""Rows of futures out of answers: contracts of all kinds, settlements and their hours, turns. Pure."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from alphapulse_assets.futures.batch import interest_rows, price_rows, ratio_rows, settled_rows
from alphapulse_assets.futures.checks import out_of_order
from alphapulse_assets.futures.contracts import NO_PRICE, NO_SIZE, QUANTO, convert
from alphapulse_assets.futures.past_periods import AT_ONCE, turn
from alphapulse_assets.futures.settlements import with_intervals
from alphapulse_resources.venues.futures_api import Interest, Ratio, Settled, State, Terms

AT = datetime(2024, 3, 20, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONTRACTS = pl.DataFrame(
    {
        "instrument_id": [1, 2, 3, 4],
        "symbol": ["BTC/USDT:USDT", "BTC/USD:BTC", "ETH/USD:BTC", "NEW/USDT:USDT"],
        "venue_symbol": ["BTCUSDT", "BTCUSD_PERP", "ETHUSD", "NEWUSDT"],
        "kind": ["perpetual"] * 4,
        "contract": ["linear", "inverse", "quanto", "linear"],
        "contract_kind": ["linear", "inverse", "quanto", None],
        "contract_size": [1.0, 100.0, 1e-6, None],
    },
    schema_overrides={"instrument_id": pl.Int32()},
)


def test_linear_inverse_and_quanto_contracts_are_each_in_their_own_units() -> None:
    told = [(Interest(name, AT, 1000.0), AT + HOUR) for name in CONTRACTS["venue_symbol"]]
    marks = {"BTCUSDT": 50_000.0, "BTCUSD_PERP": 50_000.0, "ETHUSD": 2_500.0, "NEWUSDT": 1.0}
    linear, inverse, quanto, unknown = interest_rows(CONTRACTS, told, marks).iter_rows(named=True)
    amounts = ("base_amount", "quote_value", "settle_value", "not_converted")
    assert [linear[name] for name in amounts] == [1000.0, 5e7, 5e7, None]
    # 1000 contracts of 100 USD: 100,000 USD, two bitcoins
    assert [inverse[name] for name in amounts] == [2.0, 100_000.0, 2.0, None]
    # 1000 x 0.000001 BTC for each dollar of price
    assert quanto["settle_value"] == pytest.approx(2.5)
    assert [quanto[name] for name in ("base_amount", "quote_value", "not_converted")] == [None, None, QUANTO]
    assert [unknown[name] for name in amounts] == [None, None, None, NO_SIZE]
    assert unknown["contracts"] == 1000.0  # what was told is not lost
    assert {row["source"] for row in (linear, inverse)} == {"rest"}


def test_without_a_price_what_needs_none_is_converted_all_the_same() -> None:
    told = [(Interest(name, AT, 10.0), AT) for name in ("BTCUSDT", "BTCUSD_PERP", "ETHUSD")]
    linear, inverse, quanto = interest_rows(CONTRACTS, told, {"BTCUSDT": 0.0}).iter_rows(named=True)
    assert (linear["base_amount"], linear["quote_value"]) == (10.0, None)
    assert (inverse["base_amount"], inverse["quote_value"]) == (None, 1000.0)
    assert {row["not_converted"] for row in (linear, inverse, quanto)} == {NO_PRICE}


def test_a_value_that_the_venue_told_goes_before_ours() -> None:
    frame = pl.DataFrame(
        {"contracts": [2.0], "price": [None], "contract_size": [1.0], "contract_kind": ["linear"],
         "told_value": [99.0]},
        schema_overrides={"price": pl.Float64()},
    )  # fmt: skip
    row = convert(frame).row(0, named=True)
    assert (row["quote_value"], row["settle_value"], row["not_converted"]) == (99.0, 99.0, None)


def test_the_usual_interval_is_of_those_that_the_list_of_adjusted_ones_leaves_out() -> None:
    due = AT + HOUR
    states = [
        (State("BTCUSDT", AT, 5.0, funding_rate=1e-4, next_funding_at=due), AT),
        (State("NEWUSDT", AT, 5.0, funding_rate=1e-4, next_funding_at=due), AT),
        (State("NOBODY", AT, 5.0, funding_rate=1e-4, next_funding_at=due), AT),
    ]
    known = {"NEWUSDT": Terms("NEWUSDT", 4.0, -0.075, 0.075)}
    usual, adjusted = price_rows(CONTRACTS, states, known).sort("instrument_id").iter_rows(named=True)
    assert (usual["interval_hours"], usual["funding_floor"], usual["funding_cap"]) == (8.0, -0.05, 0.05)
    assert (adjusted["interval_hours"], adjusted["funding_cap"]) == (4.0, 0.075)
    without = price_rows(CONTRACTS, states, None)
    assert without["interval_hours"].to_list() == [None, None]  # not known is not guessed


def test_nothing_is_known_before_it_was_so_though_clocks_differ() -> None:
    late = AT + timedelta(milliseconds=40)
    frame = price_rows(CONTRACTS, [(State("BTCUSDT", late, 5.0), AT)], None)
    assert frame["known_at"].item() == late


def due(settled_at: datetime | None = None, interval: float | None = 8.0) -> pl.DataFrame:
    return CONTRACTS.head(1).with_columns(
        settled_at=pl.lit(settled_at, pl.Datetime("us", "UTC")), interval_hours=pl.lit(interval, pl.Float64)
    )


def settlements(*hours: float, jitter_ms: int = 0) -> list[tuple[Settled, datetime]]:
    late = timedelta(milliseconds=jitter_ms)
    return [(Settled("BTCUSDT", AT + hour * HOUR + late, 1e-4), AT + 200 * HOUR) for hour in hours]


def test_jitter_is_rounded_away_and_the_original_kept() -> None:
    told = [*settlements(0, 8, jitter_ms=7), *settlements(16, jitter_ms=-3), *settlements(16, jitter_ms=12)]
    frame = settled_rows(due(), told)
    assert frame["ts"].to_list() == [AT, AT + 8 * HOUR, AT + 16 * HOUR]  # two of one settlement are one
    assert frame["settled_at_original"][2] == AT + 16 * HOUR - timedelta(milliseconds=3)


def test_an_interval_that_changes_in_mid_history_is_read_off_the_settlements() -> None:
    frame = settled_rows(due(interval=1.0), settlements(0, 8, 16, 20, 24, 25, 26))
    assert frame["interval_hours"].to_list() == [None, 8, 8, 4, 4, 1, 1]
    longer = settled_rows(due(interval=8.0), settlements(0, 4, 8, 16, 24))
    assert longer["interval_hours"].to_list() == [None, 4, 4, 8, 8]


def test_what_the_venue_says_now_is_of_the_newest_settlement_only() -> None:
    assert settled_rows(due(interval=4.0), settlements(0))["interval_hours"].to_list() == [4.0]
    hole = settled_rows(due(interval=4.0), settlements(0, 3 * 24))
    assert hole["interval_hours"].to_list() == [None, 4.0]  # three days are no interval but a hole
    assert settled_rows(due(interval=None), settlements(0))["interval_hours"].to_list() == [None]


def test_the_stored_settlement_shows_the_interval_of_the_next_and_is_not_told_again() -> None:
    frame = settled_rows(due(settled_at=AT, interval=1.0), settlements(0, 8))
    assert (frame["ts"].to_list(), frame["interval_hours"].to_list()) == ([AT + 8 * HOUR], [8.0])


def test_intervals_do_not_change_when_history_is_cut() -> None:
    frame = pl.DataFrame({"instrument_id": [1] * 6, "ts": [AT + h * HOUR for h in (0, 8, 16, 20, 24, 25)]})
    whole = with_intervals(frame)["interval_hours"].to_list()
    for length in range(1, 7):
        assert with_intervals(frame.head(length))["interval_hours"].to_list() == whole[:length]


def test_settlements_out_of_order_twice_or_far_off_are_seen() -> None:
    rows = {
        "fine": (AT, AT - 8 * HOUR, AT, AT - 8 * HOUR, 8.0),
        "twice": (AT, AT - HOUR / 4, AT, AT - HOUR / 4, None),
        "told_in_another_order": (AT, AT - HOUR, AT, AT + HOUR, None),
        "far_from_what_was_told": (AT, AT - HOUR, AT + HOUR / 30, AT - HOUR, 1.0),
        "interval_longer_than_since_the_one_before": (AT, AT - 4 * HOUR, AT, AT - 4 * HOUR, 8.0),
    }
    names = ["ts", "ts_before", "settled_at_original", "original_before", "interval_hours"]
    frame = pl.DataFrame(list(rows.values()), schema=names, orient="row")
    verdict = frame.select(rule.alias(name) for name, rule in out_of_order().items())
    found = [[name for name, broken in row.items() if broken] for row in verdict.iter_rows(named=True)]
    assert found == [[] if name == "fine" else [name] for name in rows]


@pytest.mark.parametrize("symbols", [0, 1, 40, 41, 300, 412])
def test_everyone_has_a_turn_and_is_asked_for_all_periods_since_the_last(symbols: int) -> None:
    many = pl.DataFrame({"symbol": [f"S{n:03d}" for n in range(symbols)], "kind": ["perpetual"] * symbols})
    seen: dict[str, list[int]] = {}
    for step in range(40):
        mine, periods = turn(many, AT + step * timedelta(minutes=5), 3)
        assert mine.height * 3 <= AT_ONCE
        for name in mine["symbol"]:
            seen.setdefault(name, []).append(step)
            assert periods >= 2 + (step - seen[name][-2] if len(seen[name]) > 1 else 0)
    assert len(seen) == symbols


def test_ratios_carry_their_kind_and_period() -> None:
    told = [("BTCUSDT", "top_positions", Ratio(AT, 0.6, 0.4, 1.5), AT + HOUR)]
    row = ratio_rows(CONTRACTS, told).row(0, named=True)
    assert (row["kind"], row["timeframe_id"], row["long_share"]) == ("top_positions", 5, 0.6)
    assert ratio_rows(CONTRACTS, []).is_empty()
