"""Stories: who publishes what, when, about which coins, in which words. A pure function of seed and time.

`stories(seed, start_ms, end_ms)` gives all of a window, in the order of time; `Stories.newest(...)` the
latest of an outlet. No window depends on another, and nothing is stored.

What is planted (`story_plan.py`). Of the stories about a coin that follows its market, 65 in a hundred are
LEADING: the wish for their tone is tanh(1.5 z) plus chance (deviation 0.25), where z is the coin's return in
(t + 30 min, t + 90 min] in standard deviations; the event told is one of about that tone. The half hour is
what collecting takes: whoever knows a text some minutes later still knows it before. 15 are LAGGING: they
report the move of the hour before them, with its true figures. The rest are INDEPENDENT. Texts about the
whole market lead Bitcoin's return in the same way, without lagging ones.

The known answer, of stories that are no copies, in two days of a coin: the tone of a story and that return
correlate by 0.52 (0.37 to 0.62); means by the clock's hour and the return of the next hour by 0.6 (0.35 to
0.75), with the return of the same hour and of later ones by none. The hourly returns of this market are
themselves correlated by about -0.28 with the next hour's.

Controls: stories about the coins with relation CONTROL (LTC, DOT) and those that the outlet CONTROL_OUTLET
writes itself have tones without any relation to the market, and report no moves.

More is told when a coin's market is busy: the number of stories about a coin that follows it goes with the
activity of its market, which volatility goes with. Controls are told of at an even rate.

Copies: two stories in five are taken up by one to three other outlets, one in fifty by six or more, two
minutes to six hours later (an hour at most for those), with the words changed a little (`copy_of` names the
story). Six in a hundred get another title later.

The truth is at `/_sim/stories?start=&end=` (ISO times; outlet= and coin= leave out others), rows of `Story`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Final

from alphapulse_sim.instruments import Catalogue
from alphapulse_sim.intervals import DAY
from alphapulse_sim.market import Market
from alphapulse_sim.outlets import BY_DOMAIN, Outlet
from alphapulse_sim.story_plan import BLOCK, LAGGING, Plan, Planner
from alphapulse_sim.wording import Draw, Words, coin_words, foreign_words, market_words, report_words

LOOK_BACK: Final = 5 * DAY
"""How far back an outlet is asked for its newest stories."""
_SMALL: Final = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "over", "the", "to", "with")
)
_PREFIXES: Final = ("Report: ", "JUST IN: ", "Breaking: ", "")
_ALL_CAPS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Story:
    """One article, and what is true of it."""

    key: str
    at: int  # milliseconds since 1970
    outlet: str  # its domain
    coins: tuple[str, ...]  # tickers; the first is whom it is about, another is named; empty: about no coin
    tone: float  # -1 (bad) to 1 (good): what its words say
    title: str
    summary: str  # plain text
    language: str  # ISO 639-1
    url: str  # canonical
    copy_of: str | None  # the key of the story that it retells
    event: str
    relation: str  # leading, lagging, independent
    retitled_at: int | None  # when it gets its later title
    later_title: str | None

    def title_at(self, now_ms: int) -> str:
        """Its title at a time."""
        changed = self.retitled_at is not None and now_ms >= self.retitled_at
        return self.later_title if changed and self.later_title else self.title


class Stories:
    """The stories of one market."""

    def __init__(self, market: Market, catalogue: Catalogue) -> None:
        self._planner = Planner(market, catalogue)
        self._words = lru_cache(maxsize=32_768)(_words_of)
        self._told = lru_cache(maxsize=32_768)(self._tell)

    def between(self, start_ms: int, end_ms: int) -> list[Story]:
        """All stories of [start, end), in the order of time."""
        return [self._told(plan) for plan in self._plans(start_ms, end_ms)]

    def newest(self, domain: str, now_ms: int, count: int, coin: str | None = None) -> list[Story]:
        """The latest stories of an outlet that are out at `now_ms`, the newest first."""
        found = (
            self._told(plan)
            for plan in self._plans(now_ms - LOOK_BACK, now_ms + 1, newest_first=True)
            if plan.outlet.domain == domain
            and (coin is None or (plan.subject is not None and plan.subject.ticker == coin))
        )
        return list(islice(found, count))

    def walk(self, start_ms: int, end_ms: int, *, newest_first: bool = True) -> Iterator[Story]:
        """The stories of [start, end), one by one: who stops early pays for no more."""
        return (self._told(plan) for plan in self._plans(start_ms, end_ms, newest_first=newest_first))

    def _plans(self, start_ms: int, end_ms: int, *, newest_first: bool = False) -> Iterator[Plan]:
        step = -1 if newest_first else 1
        for block in range(start_ms // BLOCK, -(-end_ms // BLOCK))[::step]:
            for plan in self._planner.block(block)[::step]:
                if start_ms <= plan.at < end_ms:
                    yield plan

    def _tell(self, plan: Plan) -> Story:
        words = self._words(plan.copy_of or plan)
        draw = Draw(plan.number ^ 0x5DEECE66D)
        title, summary = words.title, words.summary
        if plan.copy_of is not None:
            title, summary = _retold(draw, words)
        later = _in_style(draw, words.other_title if words.other_title != words.title else title, plan.outlet)
        title = _in_style(draw, title, plan.outlet)
        retitled = plan.retitled_at if later != title else None
        return Story(
            key=plan.key,
            at=plan.at,
            outlet=plan.outlet.domain,
            coins=_coins(plan, words),
            tone=words.tone,
            title=title,
            summary=summary,
            language=plan.language,
            url=_url(plan, title),
            copy_of=plan.copy_of.key if plan.copy_of else None,
            event=words.event,
            relation=plan.relation,
            retitled_at=retitled,
            later_title=later if retitled is not None else None,
        )


@lru_cache(maxsize=8)
def _stories(seed: int) -> Stories:
    return Stories(Market(seed), Catalogue())


def stories(seed: int, start_ms: int, end_ms: int) -> list[Story]:
    """All stories of [start, end) in the market of a seed, in the order of time."""
    return _stories(seed).between(start_ms, end_ms)


def _coins(plan: Plan, words: Words) -> tuple[str, ...]:
    if plan.subject is None:
        return ()
    return (plan.subject.ticker, words.beside) if words.beside else (plan.subject.ticker,)


def _words_of(plan: Plan) -> Words:
    draw = Draw(plan.number)
    if plan.subject is None:
        return market_words(draw, plan.wish)
    if plan.language != "en":
        day = datetime.fromtimestamp(plan.at / 1000, UTC).strftime("%d.%m.%Y")
        return foreign_words(draw, plan.language, plan.subject, plan.wish, day)
    if plan.relation == LAGGING:
        return report_words(draw, plan.subject, plan.z, plan.change, plan.price)
    return coin_words(draw, plan.subject, plan.wish, of_developers=plan.outlet.of_developers)


def _retold(draw: Draw, words: Words) -> tuple[str, str]:
    """Title and summary as another outlet has them."""
    another = draw.chance(0.25)
    shortened = len(words.sentences) > 2 and draw.chance(0.4) and not another
    title = draw.one(_PREFIXES) + (words.other_title if another else words.title)
    return title, " ".join(words.sentences[:-1] if shortened else words.sentences)


def _in_style(draw: Draw, title: str, outlet: Outlet) -> str:
    """A headline as the outlet prints it."""
    if outlet.language == "en" and draw.chance(_ALL_CAPS):
        return title.upper()
    if not outlet.title_case:
        return title
    words = title.split(" ")
    return " ".join(
        word if place and word in _SMALL else word[:1].upper() + word[1:] for place, word in enumerate(words)
    )


def _url(plan: Plan, title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)[:12])
    moment = datetime.fromtimestamp(plan.at / 1000, UTC)
    return plan.outlet.address.format(
        slug=f"{slug}-{plan.key[:5]}".strip("-"),
        day=f"{moment:%Y/%m/%d}",
        number=plan.number % 900_000 + 100_000,
    )


def outlet_of(story: Story) -> Outlet:
    """Who published a story."""
    return BY_DOMAIN[story.outlet]
