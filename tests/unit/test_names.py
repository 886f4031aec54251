"""Names of venues and symbols: what is refused, what was meant, what a terminal gets to see."""

import pytest

from alphapulse_resources.names import (
    LONGEST,
    NameRefusedError,
    check_name,
    nearest,
    printable,
    symbol_name,
    venue_name,
)

VENUES = ["binance", "binanceusdm", "bybit", "coinbase", "kraken"]
SYMBOLS = ["BTC/USDT", "BTC/USDT:USDT", "ETH/USDT", "kPEPE/USDC"]
REFUSED = [
    "x'; drop table venues; --",
    'a"b',
    "a`b",
    "a\\b",
    "A\x1b[2J",
    "a\x00",
    "a\nb",
    "a\tb",
    "a b",
    "a\u00a0b",
    "a\u200bb",  # no width
    "a\u202eb",  # turns the text round
    "a\ufeff",
    "a\x85",
    "a\u00ad",
    "a" * (LONGEST + 1),
    "",
]


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_what_deceives_or_quotes_is_no_name(name: str) -> None:
    with pytest.raises(NameRefusedError) as refused:
        check_name("venue", name)
    assert printable(str(refused.value)) == str(refused.value)


@pytest.mark.parametrize(
    "name", ["binance", "龙/USDT", "1000SHIB/USDT:USDT-260327", "$MICHI/USDT", "A" * LONGEST]
)
def test_names_of_any_script_are_names(name: str) -> None:
    check_name("symbol", name)


@pytest.mark.parametrize("asked", ["binance", "Binance", " binance ", "BINANCE\n"])
def test_a_known_venue_is_found_in_any_case(asked: str) -> None:
    assert venue_name(asked, VENUES) == "binance"


@pytest.mark.parametrize(
    ("asked", "told"),
    [("binnance", "did you mean binance"), ("krakn", "kraken"), ("zzz", "--new-venue"), ("  ", "empty")],
)
def test_an_unknown_venue_is_told_with_the_nearest(asked: str, told: str) -> None:
    with pytest.raises(NameRefusedError, match=told):
        venue_name(asked, VENUES)


def test_a_new_venue_is_taken_as_it_is_written_if_it_may_be_one() -> None:
    assert venue_name(" MyDesk ", VENUES, new=True) == "MyDesk"
    with pytest.raises(NameRefusedError, match="blank"):
        venue_name("my session", VENUES, new=True)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("btc/usdt", "BTC/USDT"),
        (" BTC/usdt:usdt", "BTC/USDT:USDT"),
        ("sol/usdt", "SOL/USDT"),
        ("KPEPE/usdc", "kPEPE/USDC"),
    ],
)
def test_a_symbol_is_known_in_any_case_or_written_in_capitals(asked: str, meant: str) -> None:
    assert symbol_name(asked, SYMBOLS) == meant


@pytest.mark.parametrize("asked", ["BTCUSDT", "btc-usdt", "BTC_USDT"])
def test_another_form_is_refused_with_the_symbol_that_is_meant(asked: str) -> None:
    with pytest.raises(NameRefusedError, match="did you mean BTC/USDT"):
        symbol_name(asked, SYMBOLS)


def test_the_nearest_name_comes_first() -> None:
    assert nearest("BTC/UDST", SYMBOLS)[0] == "BTC/USDT"
    assert nearest("XMR/EUR", SYMBOLS) == []


def test_a_terminal_gets_codes_instead_of_what_it_obeys() -> None:
    assert printable("a\x1b[2J\x9b31m\u202eb\nc\td\r") == "a\\x1b[2J\\x9b31m\\u202eb\nc\td\\x0d"
    assert printable("ä龙 1") == "ä龙 1"
