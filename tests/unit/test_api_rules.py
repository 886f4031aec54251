"""What the API decides without asking anybody: formats, origins, cursors, names, SQL of a question."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse.readings.asking import Asked, statement_of, within_span
from alphapulse.readings.catalogue import BY_NAME
from alphapulse.readings.naming import Instruments
from alphapulse.readings.reading import RefusedError
from alphapulse_api.cursors import read_cursor, write_cursor
from alphapulse_api.negotiation import accepted, compressed, matches
from alphapulse_api.origin import Caller, is_loopback, other_page, wrong_host
from alphapulse_api.parameters import single, wanted_of
from alphapulse_api.problems import ProblemError

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
KNOWN = Instruments([(1, "binance", "BTC/USDT"), (2, "bybit", "BTC/USDT"), (3, "bybit", "ETH/USDT")])


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("text/*;q=0.5, application/json;q=0.4", "csv"),
        ("application/vnd.apache.arrow.stream, */*;q=0.1", "arrow"),
        ("text/html, application/*;q=0.9", "json"),
    ],
)
def test_the_format_is_the_one_with_the_most_weight(header: str | None, kind: str) -> None:
    assert accepted(header) == kind


@pytest.mark.parametrize("header", ["text/html", "application/json;q=0", "image/*, text/csv;q=x"])
def test_what_nobody_can_make_is_refused(header: str) -> None:
    with pytest.raises(ProblemError) as refused:
        accepted(header)
    assert refused.value.status == 406


def test_short_answers_and_those_to_clients_that_take_none_are_not_compressed() -> None:
    body = b"x" * 10_000
    assert compressed(body, None) == (body, None)
    assert compressed(body, "gzip;q=0, identity") == (body, None)
    assert compressed(b"short", "gzip, zstd") == (b"short", None)
    assert compressed(body, "gzip, deflate, br")[1] == "gzip"
    assert compressed(body, "gzip, zstd")[1] == "zstd"


def test_a_tag_is_found_among_several_weak_or_not() -> None:
    assert matches('W/"a", "b"', '"a"')
    assert matches("*", '"a"')
    assert not matches('"b"', '"a"')
    assert not matches(None, '"a"')


@pytest.mark.parametrize(
    ("address", "host", "own"),
    [
        ("127.0.0.1", "localhost:3160", True),
        ("::1", "[::1]:3160", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "", False),
        ("192.0.2.1", "localhost", False),
        (None, "localhost", False),
    ],
)
def test_this_machine_is_an_address_and_a_name(address: str | None, host: str, own: bool) -> None:
    assert is_loopback(Caller(address, {"host": host})) is own
    assert not is_loopback(Caller(address, {"host": host, "x-forwarded-for": "127.0.0.1"}))


def test_names_that_can_be_bent_are_refused_and_numbers_are_not() -> None:
    assert wrong_host(Caller(None, {"host": "192.0.2.1:3160"}), ()) is None
    assert wrong_host(Caller(None, {"host": "desk.example"}), {"desk.example"}) is None
    assert "ALPHAPULSE_API__NAMES" in (wrong_host(Caller(None, {"host": "desk.example"}), ()) or "")


def test_a_link_of_another_site_may_open_the_page_but_no_frame_and_no_socket_may() -> None:
    link = {"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert other_page(Caller(None, {**link, "sec-fetch-dest": "document"}), "GET", (), ()) is None
    assert other_page(Caller(None, {**link, "sec-fetch-dest": "iframe"}), "GET", (), ())
    assert other_page(Caller(None, {**link, "sec-fetch-dest": "document"}), "POST", (), ())
    assert other_page(Caller(None, {**link, "sec-fetch-dest": "document"}), "GET", (), (), socket=True)


@given(st.text(max_size=60))
def test_no_text_is_a_cursor_by_chance(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_cursor(text, "question", BY_NAME["candles"])
    assert refused.value.parameter == "cursor"


def test_a_cursor_brings_back_its_place() -> None:
    reading = BY_NAME["candles"]
    values = [NOW, "binance", "BTC/USDT", "1h"]
    place = read_cursor(write_cursor("question", values, NOW), "question", reading)
    assert (list(place.after), place.start) == (values, NOW)
    with pytest.raises(RefusedError):
        read_cursor(write_cursor("other", values, NOW), "question", reading)


def test_names_are_found_in_any_spelling_and_what_was_meant_is_told() -> None:
    assert KNOWN.symbol(" btc-usdt ") == "BTC/USDT"
    assert KNOWN.ids(["BTC/USDT"], None) == [1, 2]
    assert KNOWN.ids(["BTC/USDT", "ETH/USDT"], ["bybit"]) == [2, 3]
    with pytest.raises(RefusedError, match="did you mean bybit"):
        KNOWN.venue("bibit")


def test_a_span_bounds_what_has_neither_symbol_nor_start() -> None:
    reading = BY_NAME["open_interest"]
    assert within_span(reading, Asked(), NOW).start == NOW - timedelta(days=1)
    assert within_span(reading, Asked(end=NOW - timedelta(days=9)), NOW).start == NOW - timedelta(days=10)
    for asked in (Asked(start=NOW), Asked(instruments=[1]), Asked(filters={"symbol": ["x"]})):
        assert within_span(reading, asked, NOW) == asked


def test_each_instrument_is_asked_by_its_index_and_values_never_are_in_the_text() -> None:
    columns = {
        "instrument_id": "integer",
        "venue": "text",
        "symbol": "text",
        "ts": "timestamptz",
        "price": "",
    }
    reading = BY_NAME["open_interest"]
    query = statement_of(reading, Asked(instruments=[7, 8], start=NOW, limit=5), columns)
    assert query.text.count("ORDER BY ts DESC, venue DESC, symbol DESC LIMIT 6") == 2
    assert query.text.count("UNION ALL") == 1
    assert query.arguments == (NOW,)
    attack = "x'; DROP TABLE instruments; --"
    query = statement_of(reading, Asked(filters={"symbol": [attack]}), columns)
    assert attack not in query.text
    with pytest.raises(RefusedError, match="has no field"):
        statement_of(reading, Asked(fields=[attack]), columns)


@given(st.dictionaries(st.sampled_from(["start", "end", "limit", "symbol", "fields", "x"]), st.text()))
def test_any_words_are_understood_or_refused_by_name(words: dict[str, str]) -> None:
    parameter = "none"
    try:
        wanted_of(BY_NAME["candles"], single(words.items()))
    except RefusedError as refused:
        parameter = refused.parameter
    assert parameter == "none" or parameter in words
