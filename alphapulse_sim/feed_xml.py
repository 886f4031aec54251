"""Feeds as outlets print them: RSS 2.0 in four ways, and Atom. Pure.

Documented: rssboard.org/rss-specification, RFC 4287 (Atom), the module of media (rssboard.org/media-rss).
Habits are those of the real feeds: Cointelegraph links with utm parameters and an hour east of Greenwich, The
Block in New York's time with HTML escaped, WordPress with CDATA, an opaque guid and "appeared first on".
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from alphapulse_sim.news_coins import BY_TICKER
from alphapulse_sim.outlets import Outlet
from alphapulse_sim.stories import Story
from alphapulse_sim.wording import Draw, person_name

_LONDON: Final = timezone(timedelta(hours=1))
_NEW_YORK: Final = timezone(timedelta(hours=-4))
_NAMESPACES: Final = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
)
_TRACKED: Final = ("cryptopotato.com", "newsbtc.com")
"""WordPress sites whose feed puts parameters behind its links."""


def feed_text(outlet: Outlet, stories: Sequence[Story], now_ms: int, tag: str = "") -> str:
    """The feed of an outlet with these stories, the newest first; `tag` is that of a feed of one coin."""
    if outlet.style == "atom":
        return _atom(outlet, stories, now_ms)
    item = _ITEMS[outlet.style]
    built = format_datetime(_moment(changed_ms(stories, now_ms)))
    home = f"https://{(outlet.feed or outlet.domain).partition('/')[0]}"
    items = "".join(f"<item>{item(outlet, story, now_ms, tag)}</item>\n" for story in stories)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {_NAMESPACES}>\n<channel>\n'
        f"<title>{escape(outlet.name)}</title>\n<link>{home}</link>\n"
        f'<atom:link href="https://{escape(outlet.feed or "")}" rel="self" type="application/rss+xml"/>\n'
        f"<description>{escape(outlet.name)}: news of digital assets</description>\n"
        f"<language>{outlet.language}</language>\n<lastBuildDate>{built}</lastBuildDate>\n<ttl>5</ttl>\n"
        f"{items}</channel>\n</rss>\n"
    )


def changed_ms(stories: Sequence[Story], now_ms: int) -> int:
    """When a feed of these stories last changed: its newest story, or its newest change of a title."""
    titles = [at for story in stories if (at := story.retitled_at) is not None and at <= now_ms]
    return max([story.at for story in stories] + titles, default=0)


def author(story: Story) -> str:
    """Who wrote it."""
    return person_name(Draw(int(story.key, 16) ^ 0xA07))


def picture(story: Story) -> str:
    """The address of its picture."""
    return f"https://images.{story.outlet}/{story.key[:2]}/{story.key}.jpg"


def _moment(at_ms: int, zone: timezone = UTC) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, zone)


def _categories(story: Story) -> list[str]:
    return [
        "Markets" if story.relation == "lagging" else "News",
        *(BY_TICKER[coin].name for coin in story.coins),
    ]


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def _arc(outlet: Outlet, story: Story, now_ms: int, tag: str) -> str:
    """CoinDesk."""
    link = f"{story.url}?utm_medium=referral&utm_source=rss&utm_campaign=headlines"
    categories = "".join(f"<category>{_cdata(name)}</category>" for name in _categories(story))
    return (
        f"<title>{_cdata(story.title_at(now_ms))}</title><link>{escape(link)}</link>"
        f'<guid isPermaLink="false">{story.key}</guid><dc:creator>{_cdata(author(story))}</dc:creator>'
        f"<description>{_cdata(escape(story.summary))}</description>"
        f"<pubDate>{format_datetime(_moment(story.at))}</pubDate>{categories}"
        f'<media:content url={quoteattr(picture(story))} type="image/jpeg" medium="image" height="1080" '
        f'width="1920"><media:title type="plain">{escape(story.title)}</media:title></media:content>'
    )


def _cointelegraph(outlet: Outlet, story: Story, now_ms: int, tag: str) -> str:
    medium = f"rss_tag_{tag}" if tag else "rss"
    link = f"{story.url}?utm_source=rss_feed&utm_medium={medium}&utm_campaign=rss_partner_inbound"
    body = (
        f'<p style="float:right; margin:0 0 10px 15px; width:240px;"><img src="{picture(story)}"></p>'
        f"<p>{escape(story.summary)}</p>"
    )
    categories = "".join(f"<category>{_cdata(name)}</category>" for name in _categories(story))
    return (
        f"<title>{_cdata(story.title_at(now_ms))}</title><link>{_cdata(link)}</link>"
        f'<guid isPermaLink="true">{escape(story.url)}</guid>'
        f"<pubDate>{format_datetime(_moment(story.at, _LONDON))}</pubDate>"
        f"<dc:creator>{_cdata('Cointelegraph by ' + author(story))}</dc:creator>"
        f"{categories}<description>{_cdata(body)}</description>"
        f'<enclosure url={quoteattr(picture(story))} length="0" type="image/jpeg"/>'
        f'<media:content url={quoteattr(picture(story))} medium="image"/>'
    )


def _wordpress(outlet: Outlet, story: Story, now_ms: int, tag: str) -> str:
    home, number = f"https://{(outlet.feed or outlet.domain).partition('/')[0]}", int(story.key[:7], 16)
    title, link = story.title_at(now_ms), story.url
    if outlet.domain in _TRACKED:
        link += f"?utm_source=rss&utm_medium=rss&utm_campaign={story.key[:8]}"
    body = (
        f'<p>{escape(story.summary)}</p>\n<p>The post <a href="{escape(link)}">{escape(title)}</a> appeared '
        f'first on <a href="{home}">{escape(outlet.name)}</a>.</p>'
    )
    categories = "".join(f"<category>{_cdata(name)}</category>" for name in _categories(story))
    return (
        f"<title>{escape(title)}</title>\n<link>{escape(link)}</link>\n"
        f"<dc:creator>{_cdata(author(story))}</dc:creator>\n"
        f"<pubDate>{format_datetime(_moment(story.at))}</pubDate>\n{categories}\n"
        f'<guid isPermaLink="false">{home}/?p={number}</guid>\n<description>{_cdata(body)}</description>\n'
    )


def _drupal(outlet: Outlet, story: Story, now_ms: int, tag: str) -> str:
    """The Block."""
    link = f"{story.url}?utm_source=rss&utm_medium=rss"
    body = f"<p>{escape(story.summary)}</p>"
    return (
        f"<title>{escape(story.title_at(now_ms))}</title><link>{escape(link)}</link>"
        f'<guid isPermaLink="false">{int(story.key[:7], 16)}</guid>'
        f"<description>{escape(body)}</description>"
        f"<pubDate>{format_datetime(_moment(story.at, _NEW_YORK))}</pubDate>"
        f"<dc:creator>{escape(author(story))}</dc:creator>"
        f"<media:thumbnail url={quoteattr(picture(story))}/>"
    )


_Item = Callable[[Outlet, Story, int, str], str]
_ITEMS: Final[dict[str, _Item]] = {
    "arc": _arc, "cointelegraph": _cointelegraph, "wordpress": _wordpress, "drupal": _drupal,
}  # fmt: skip


def _atom(outlet: Outlet, stories: Sequence[Story], now_ms: int) -> str:
    host = (outlet.feed or outlet.domain).partition("/")[0]
    entries = "".join(f"<entry>{_entry(story, now_ms)}</entry>\n" for story in stories)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f'<generator uri="https://jekyllrb.com/" version="4.3.3">Jekyll</generator>\n'
        f'<link href="https://{outlet.feed}" rel="self" type="application/atom+xml"/>\n'
        f'<link href="https://{host}/" rel="alternate" type="text/html" hreflang="{outlet.language}"/>\n'
        f"<updated>{_moment(changed_ms(stories, now_ms)).isoformat()}</updated>\n"
        f'<id>https://{outlet.feed}</id>\n<title type="html">{escape(outlet.name)}</title>\n'
        f"{entries}</feed>\n"
    )


def _entry(story: Story, now_ms: int) -> str:
    changed = changed_ms([story], now_ms)
    categories = "".join(f"<category term={quoteattr(name)}/>" for name in _categories(story))
    return (
        f'<title type="html">{escape(escape(story.title_at(now_ms)))}</title>'
        f'<link href={quoteattr(story.url)} rel="alternate" type="text/html"/>'
        f"<published>{_moment(story.at).isoformat()}</published>"
        f"<updated>{_moment(changed).isoformat()}</updated><id>{escape(story.url)}</id>"
        f"<author><name>{escape(author(story))}</name></author>{categories}"
        f'<summary type="html">{_cdata(f"<p>{escape(story.summary)}</p>")}</summary>'
    )
