"""What refusals teach of how many streams a connection takes."""

import pytest

from alphapulse_resources.streams.connection_limits import ConnectionLimits, names_a_limit, names_our_pace
from alphapulse_resources.streams.protocols import Channel, Subscription

URL = "wss://venue/stream"
ONE, TWO = (Subscription(name, Channel.DEPTH) for name in ("ONE", "TWO"))


def test_one_that_passes_elsewhere_is_no_limit_and_two_are_the_larger_number() -> None:
    limits = ConnectionLimits()
    assert limits.witness(URL, ONE, 3) is None
    assert limits.witness(URL, ONE, 2) is None  # the same again
    assert limits.witness("wss://other", TWO, 9) is None  # of another address
    assert limits.witness(URL, TWO, 7) == 7


def test_who_is_gone_is_no_witness() -> None:
    limits = ConnectionLimits()
    limits.witness(URL, ONE, 3)
    limits.forget(ONE)
    assert limits.witness(URL, TWO, 7) is None


def test_a_limit_only_becomes_lower() -> None:
    limits = ConnectionLimits()
    assert limits.most(URL, Channel.DEPTH, 200) == 200
    assert [limits.learn(URL, Channel.DEPTH, most) for most in (50, 60, 50, 40)] == [True, False, False, True]
    assert (limits.most(URL, Channel.DEPTH, 200), limits.most(URL, Channel.TRADES, 200)) == (40, 200)


@pytest.mark.parametrize(
    ("why", "limit", "pace"),
    [
        ("too many subscriptions", True, False),
        ("maximum of 10 products exceeded", True, False),
        ("rate limit exceeded", False, True),
        ("unknown symbol", False, False),
    ],
)
def test_words_of_venues_are_told_apart(why: str, limit: bool, pace: bool) -> None:
    assert (names_a_limit(why), names_our_pace(why)) == (limit, pace)
