"""One address of an article, whoever links to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.news.texts.urls import canonical, outlet

ARTICLE = "https://coindesk.com/markets/2025/03/12/bitcoin-rises"


@pytest.mark.parametrize(
    "url",
    [
        ARTICLE,
        f"{ARTICLE}/",
        "http://www.coindesk.com/markets/2025/03/12/bitcoin-rises",
        "HTTPS://WWW.CoinDesk.com:443/markets/2025/03/12/bitcoin-rises/#comments",
        "http://m.coindesk.com:80//markets/2025/03/12/bitcoin-rises",
        f"{ARTICLE}?utm_source=rss&utm_medium=rss&fbclid=x&gclid=y&ref=z",
        f"{ARTICLE}/amp/?amp=1",
        "https://amp.coindesk.com/amp/markets/2025/03/12/bitcoin-rises",
        f"  {ARTICLE}?outputType=amp ",
        f"{ARTICLE}/index.html",
        "https://coindesk.com/markets/2025/03/12/%62itcoin-rises",
    ],
)
def test_all_ways_to_write_an_address_are_one(url: str) -> None:
    assert canonical(url) == ARTICLE


def test_what_may_name_an_article_stays_in_one_order() -> None:
    assert canonical("https://coinpost.jp/?p=123&utm_source=x") == "https://coinpost.jp/?p=123"
    assert (
        canonical("https://a.com/x?b=2&a=1")
        == canonical("https://a.com/x?a=1&b=2")
        == "https://a.com/x?a=1&b=2"
    )
    assert canonical("https://a.com/Case/Matters") == "https://a.com/Case/Matters"
    assert canonical("https://a.com:8443/x") == "https://a.com:8443/x"
    assert canonical("https://bücher.de/ä") == "https://xn--bcher-kva.de/%C3%A4"
    assert canonical("https://blog.ethereum.org/2025/a") == "https://blog.ethereum.org/2025/a"


@pytest.mark.parametrize(
    "url",
    [
        "", "not an address", "javascript:alert(1)", "data:text/html,x", "ftp://a.com/x", "//a.com/x", "/x",
        "https://a.com", "https://www.a.com/?utm_source=x", "https://user:password@a.com/x", "https:///x",
        "https://localhost/x", "https://a.com:port/x", "https://[::1/x", f"https://a.com/{'x' * 3000}",
    ],
)  # fmt: skip
def test_what_is_no_address_of_an_article_is_none(url: str) -> None:
    assert canonical(url) is None


@settings(deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"https?://[a-z.]{1,20}/[^\s]{0,40}", fullmatch=True))
def test_a_canonical_address_stays_as_it_is(url: str) -> None:
    found = canonical(url)
    if found is not None:
        assert canonical(found) == found
        assert outlet(found)
