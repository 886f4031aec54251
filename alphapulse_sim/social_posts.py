"""What people write on Reddit and X: a pure function of (seed, time), in step with the simulated market.

Most posts are about one coin. Where a story (`stories.py`) about it came out within the last half hour, a
post takes it up: it has the story's tone in the words of such places, or its headline as it is; so posts lean
to what comes as stories do, and those about control coins to nothing. Without a story a post says what the
price has just done. Some are the same text again from other accounts. Some are deleted later, by their
authors or by moderators, and some accounts are closed: `truth` tells of each post what it is made of, and
when.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from alphapulse_sim.hashing import below, key, uniform
from alphapulse_sim.instruments import Catalogue
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.market import Market
from alphapulse_sim.news_coins import BY_TICKER, CONTROL
from alphapulse_sim.social_words import words
from alphapulse_sim.stories import Stories, Story

SUBREDDITS: Final = ("CryptoCurrency", "Bitcoin", "ethereum", "CryptoMarkets", "solana", "bitcoinmarkets")
ABOUT: Final = {"Bitcoin": "BTC", "bitcoinmarkets": "BTC", "ethereum": "ETH", "solana": "SOL"}
COINS: Final = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LTC", "LINK", "AVAX", "DOT")
X: Final = "x"
SLOT: Final = {X: MINUTE} | dict.fromkeys(SUBREDDITS, 5 * MINUTE)
MOST: Final = 4
"""Posts of a place in a slot, at most."""
QUARTER: Final = 15 * MINUTE
PLAIN: Final = 0.2
"""Tones of stories between this and its negative are told without joy or grief."""
AUTHORS: Final = 600
DRAWS: Final = 24
"""Random numbers of a post, at most."""
SPAM: Final = 0.06
CROSSPOSTS: Final = 0.05
LINKS: Final = 0.15
DELETED, REMOVED, CLOSED, EDITED, ADULT = 0.08, 0.04, 0.02, 0.03, 0.01


@dataclass(frozen=True, slots=True)
class SimPost:
    """One post and its fate. Times are milliseconds since 1970."""

    number: int  # rises with time within a place
    place: str
    at: int
    author: str
    author_number: int
    coin: str
    mood: str  # up, down, flat, spam
    story: str | None  # key of the story that it takes up
    tone: float | None  # of that story
    title: str
    text: str
    form: str  # self, link, crosspost
    deleted_at: int | None  # by its author
    removed_at: int | None  # by moderators
    closed_at: int | None  # its author's account
    edited_at: int | None
    adult: bool

    def truth(self) -> dict[str, Any]:
        """Everything about it."""
        return asdict(self)


class SocialPosts:
    """The posts of one simulator."""

    def __init__(self, market: Market, catalogue: Catalogue) -> None:
        self._market, self._catalogue = market, catalogue
        self._stories = Stories(market, catalogue)
        self._hour = lru_cache(maxsize=512)(self._of_hour)
        self._slot = lru_cache(maxsize=20_000)(self._made)
        self._lean = lru_cache(maxsize=20_000)(self._leaning)

    def between(self, place: str, start_ms: int, end_ms: int) -> list[SimPost]:
        """Posts of a place that were written in [start, end), the oldest first."""
        first, last = start_ms // SLOT[place], -(-end_ms // SLOT[place])
        found = [post for slot in range(first, last) for post in self._slot(place, slot)]
        return [post for post in found if start_ms <= post.at < end_ms]

    def newest(self, place: str, start_ms: int, end_ms: int) -> Iterator[SimPost]:
        """Posts of a place that were written in [start, end), the newest first; made when asked for."""
        for slot in range(-(-end_ms // SLOT[place]) - 1, start_ms // SLOT[place] - 1, -1):
            yield from (post for post in reversed(self._slot(place, slot)) if start_ms <= post.at < end_ms)

    def of_number(self, place: str, number: int) -> SimPost | None:
        """The post of a number; None where there is none."""
        return next((post for post in self._slot(place, number // MOST) if post.number == number), None)

    def _made(self, place: str, slot: int) -> list[SimPost]:
        stream, at = key(self._market.seed, "posts", place), np.array([slot], dtype=np.int64)
        how_many = int(below(stream, at, MOST + 1)[0])
        times = sorted(int(below(stream + 1 + n, at, SLOT[place])[0]) for n in range(how_many))
        return [self._post(place, slot, n, slot * SLOT[place] + when) for n, when in enumerate(times)]

    def _post(self, place: str, slot: int, n: int, at: int) -> SimPost:
        number = slot * MOST + n
        draw = _Draws(key(self._market.seed, "post", place), number)
        coin = ABOUT.get(place) or _pick(COINS, draw.next() ** 1.5)
        is_spam, mood_draw = draw.next() < SPAM, draw.next()
        story = None if is_spam else self._story(coin, at)
        mood = "spam" if is_spam else self._mood(coin, at, mood_draw, story)
        # few write most: the square of a uniform number has its mass at the first
        author = int(AUTHORS * draw.next() ** 2)
        form_draw = draw.next()
        form = "crosspost" if form_draw < CROSSPOSTS else "link" if form_draw < CROSSPOSTS + LINKS else "self"
        if story is not None and story.language != "en":
            form = "link"
        title, text = words(coin, mood, draw.next, AUTHORS, at // DAY)
        if place == X:
            title, text = "", title if is_spam else f"{title} {text}" if draw.next() < 0.5 else text
        if story is not None and form != "self":
            title, text = ("", story.title_at(at)) if place == X else (story.title_at(at), "")
        later = [int(at + 5 * MINUTE + draw.next() * 2 * DAY) for _ in range(4)]
        fates = [draw.next() < share for share in (DELETED, REMOVED, CLOSED, EDITED, ADULT)]
        kind = _pick(("moon", "hodl", "degen"), author / AUTHORS)
        return SimPost(
            number=number, place=place, at=at, author=f"{kind}_{author}",
            author_number=10_000_000 + author * 7919, coin=coin, mood=mood,
            story=story.key if story else None, tone=story.tone if story else None, title=title,
            text=text if form == "self" or place == X else "", form=form,
            deleted_at=later[0] if fates[0] else None, removed_at=later[1] if fates[1] else None,
            closed_at=later[2] if fates[2] else None, edited_at=later[3] if fates[3] else None,
            adult=fates[4],
        )  # fmt: skip

    def _story(self, coin: str, at: int) -> Story | None:
        """The newest story about a coin of the last half hour."""
        told = [*self._hour(at // HOUR - 1).get(coin, ()), *self._hour(at // HOUR).get(coin, ())]
        return next((story for story in reversed(told) if at - HOUR // 2 <= story.at <= at), None)

    def _of_hour(self, hour: int) -> dict[str, list[Story]]:
        found: dict[str, list[Story]] = {}
        for story in self._stories.between(hour * HOUR, (hour + 1) * HOUR):
            for coin in story.coins:
                found.setdefault(coin, []).append(story)
        return found

    def _mood(self, coin: str, at: int, draw: float, story: Story | None) -> str:
        """What is said of a coin: the tone of a story, or mostly what its price did in the hour before."""
        if story is not None:
            return "up" if story.tone > PLAIN else "down" if story.tone < -PLAIN else "flat"
        lean = 0.0 if BY_TICKER[coin].relation == CONTROL else self._lean(coin, at // QUARTER)
        up, down = 0.35 + 0.3 * lean, 0.35 - 0.3 * lean
        return "up" if draw < up else "down" if draw < up + down else "flat"

    def _leaning(self, coin: str, quarter: int) -> float:
        """How much a coin has risen in the hour before a quarter of an hour: -1 to 1."""
        listing = self._catalogue.find("binance", "spot", f"{coin}USDT")
        if listing is None:
            return 0.0
        at = np.array([quarter * QUARTER - HOUR, quarter * QUARTER], dtype=np.int64)
        before, now = self._market.mid(listing, at)
        return float(np.tanh(np.log(now / before) / 0.004))


@lru_cache(maxsize=4)
def social_posts(seed: int, extra: int) -> SocialPosts:
    """The posts of a simulator, which all that tell of them share."""
    return SocialPosts(Market(seed), Catalogue(extra))


class _Draws:
    """Numbers in [0, 1), one after the other, of one post."""

    def __init__(self, stream: int, number: int) -> None:
        self._left = iter(uniform(stream, number * DRAWS + np.arange(DRAWS, dtype=np.int64)).tolist())

    def next(self) -> float:
        return float(next(self._left))


def _pick(choices: Sequence[str], draw: float) -> str:
    return choices[int(draw * len(choices))]
