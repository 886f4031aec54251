"""Who publishes: outlets with their domains, languages, feeds and the forms of their addresses.

Feeds are at the addresses at which the real ones are: www.coindesk.com/arc/outboundfeeds/rss/,
cointelegraph.com/rss, decrypt.co/feed, www.theblock.co/rss.xml, bitcoinmagazine.com/feed, and so on. Shares
of what each writes are ours.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Outlet:
    """One publisher."""

    domain: str  # as GDELT and NewsAPI name it, without www
    name: str
    share: float  # of the texts of its language
    address: str  # of an article: {slug}, {day} as 2024/01/31, {number}
    language: str = "en"
    country: str = "United States"
    feed: str | None = None  # host and path; None: it has none here
    style: str = "wordpress"  # how its feed is written: arc, cointelegraph, wordpress, drupal, atom
    items: int = 25  # in its feed
    title_case: bool = True
    only: tuple[str, ...] = ()  # coins that it writes about; empty: all
    copies: float = 1.0  # how readily it takes up others' texts
    of_developers: bool = False  # it tells of code and networks only


CONTROL_OUTLET: Final = "cryptopotato.com"
"""What this outlet writes itself knows nothing of the market, whichever coin it is about."""

OUTLETS: Final = (
    Outlet("coindesk.com", "CoinDesk", 0.20, "https://www.coindesk.com/markets/{day}/{slug}",
           feed="www.coindesk.com/arc/outboundfeeds/rss/", style="arc", copies=0.3),
    Outlet("cointelegraph.com", "Cointelegraph", 0.20, "https://cointelegraph.com/news/{slug}",
           feed="cointelegraph.com/rss", style="cointelegraph", items=30, title_case=False, copies=0.6),
    Outlet("decrypt.co", "Decrypt", 0.12, "https://decrypt.co/{number}/{slug}",
           feed="decrypt.co/feed", items=40, copies=0.6),
    Outlet("theblock.co", "The Block", 0.12, "https://www.theblock.co/post/{number}/{slug}",
           feed="www.theblock.co/rss.xml", style="drupal", items=20, title_case=False, copies=0.4),
    Outlet("bitcoinmagazine.com", "Bitcoin Magazine", 0.06, "https://bitcoinmagazine.com/news/{slug}",
           feed="bitcoinmagazine.com/feed", items=10, only=("BTC",), copies=0.3),
    Outlet(CONTROL_OUTLET, "CryptoPotato", 0.10, "https://cryptopotato.com/{slug}/",
           feed="cryptopotato.com/feed/", country="Bulgaria", items=20, copies=0.0),
    Outlet("cryptoslate.com", "CryptoSlate", 0.07, "https://cryptoslate.com/{slug}/",
           feed="cryptoslate.com/feed/", country="United Kingdom", items=10, title_case=False),
    Outlet("newsbtc.com", "NewsBTC", 0.07, "https://www.newsbtc.com/news/{slug}/",
           feed="www.newsbtc.com/feed/", country="India", items=10, copies=2.0),
    Outlet("bitcoinops.org", "Bitcoin Optech", 0.05, "https://bitcoinops.org/en/newsletters/{day}/{slug}/",
           feed="bitcoinops.org/feed.xml", style="atom", items=10, only=("BTC",), copies=0.0,
           of_developers=True),
    Outlet("blog.ethereum.org", "Ethereum Foundation Blog", 0.05, "https://blog.ethereum.org/{day}/{slug}",
           feed="blog.ethereum.org/en/feed.xml", items=10, only=("ETH",), copies=0.0, of_developers=True),
    Outlet("yahoo.com", "Yahoo Entertainment", 0.02, "https://finance.yahoo.com/news/{slug}.html",
           copies=4.0),
    Outlet("bitcoinist.com", "Bitcoinist", 0.05, "https://bitcoinist.com/{slug}/", country="India",
           copies=2.0),
    Outlet("criptonoticias.com", "CriptoNoticias", 1.0, "https://www.criptonoticias.com/mercados/{slug}/",
           "es", "Venezuela", "www.criptonoticias.com/feed/", items=20, title_case=False),
    Outlet("btc-echo.de", "BTC-ECHO", 1.0, "https://www.btc-echo.de/news/{slug}/",
           "de", "Germany", "www.btc-echo.de/feed/", items=20, title_case=False),
    Outlet("portaldobitcoin.uol.com.br", "Portal do Bitcoin", 1.0,
           "https://portaldobitcoin.uol.com.br/{slug}/",
           "pt", "Brazil", "portaldobitcoin.uol.com.br/feed/", items=20, title_case=False),
    Outlet("forklog.com", "ForkLog", 1.0, "https://forklog.com/news/{slug}",
           "ru", "Ukraine", "forklog.com/feed", items=20, title_case=False),
    Outlet("blockcast.it", "BlockCast", 1.0, "https://blockcast.it/{day}/{slug}/",
           "zh", "Taiwan", "blockcast.it/feed/", items=10, title_case=False),
    Outlet("coinpost.jp", "CoinPost", 1.0, "https://coinpost.jp/?p={number}",
           "ja", "Japan", "coinpost.jp/?feed=rss2", items=10, title_case=False),
    Outlet("journalducoin.com", "Journal du Coin", 1.0, "https://journalducoin.com/actualites/{slug}/",
           "fr", "France", "journalducoin.com/feed/", items=20, title_case=False),
)  # fmt: skip
BY_DOMAIN: Final = {outlet.domain: outlet for outlet in OUTLETS}
LANGUAGES: Final = {
    "en": (0.86, "English"), "es": (0.03, "Spanish"), "de": (0.025, "German"), "pt": (0.02, "Portuguese"),
    "ru": (0.02, "Russian"), "zh": (0.015, "Chinese"), "ja": (0.015, "Japanese"), "fr": (0.015, "French"),
}  # fmt: skip
"""Share of the texts, and what GDELT calls the language."""
