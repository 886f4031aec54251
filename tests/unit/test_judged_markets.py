"""Which instruments count: tracked or imported, and no market twice."""

from datetime import UTC, datetime, timedelta

from alphapulse_assets.patterns.evaluation.markets import Outcomes, judged

OURS = ("binance", "kraken")
START = datetime(2023, 1, 1, tzinfo=UTC)


def outcomes(key: int, venue: str, *, first: int = 0, days: int = 10, timeframe: str = "1h") -> Outcomes:
    since = START + timedelta(days=first)
    return Outcomes(key, venue, "BTC/USD", timeframe, since, since + timedelta(days=days))


def test_imports_of_any_venue_name_count() -> None:
    assert judged([outcomes(1, "ftx"), outcomes(2, "ftx", timeframe="4h")], OURS) == {"1h": [1], "4h": [2]}


def test_the_same_market_under_two_names_counts_once_the_first_known_wins() -> None:
    assert judged([outcomes(3, "copy"), outcomes(2, "ftx")], OURS) == {"1h": [2]}


def test_a_venue_of_ours_comes_before_a_file_that_was_known_first() -> None:
    assert judged([outcomes(1, "ftx"), outcomes(2, "kraken")], OURS) == {"1h": [2]}


def test_two_venues_of_ours_are_two_markets() -> None:
    assert judged([outcomes(1, "binance"), outcomes(2, "kraken")], OURS) == {"1h": [1, 2]}


def test_other_times_and_other_symbols_are_no_copies() -> None:
    later = outcomes(2, "ftx", first=10)
    other = outcomes(3, "ftx")._replace(symbol="ETH/USD")
    assert judged([outcomes(1, "kraken"), later, other], OURS) == {"1h": [1, 2, 3]}
