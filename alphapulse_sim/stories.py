"""Stories: who publishes what, when, about which coins, in which words. A pure function of seed and time.

`stories(seed, start_ms, end_ms)` gives all of a window, in the order of time; `Stories.newest(...)` the
latest of an outlet. No window depends on another, and nothing is stored.

What is planted (`story_plan.py`). Of the stories about a coin that follows its market, half are LEADING: the
wish for their tone is 0.85 tanh(1.2 z) plus chance (deviation 0.35), where z is the coin's return in
(t, t + 1 h] in standard deviations; the event told is then the one of that tone. A fifth are LAGGING: they
report the move of the hour before them, with its true figures. The rest are INDEPENDENT. Texts about the
whole market lead Bitcoin's return in the same way, without lagging ones. So the known answer is: a positive
correlation of tone with the return of the hour after it, none of INDEPENDENT stories; sizes are in
`tests/unit/test_sim_stories_market.py`. The hourly returns of this market are themselves correlated by about
-0.28 with the next hour's, which the lagging stories inherit.

Controls: stories about the coins with relation CONTROL (LTC, DOT) and those that the outlet CONTROL_OUTLET
writes itself have tones without any relation to the market, and report no moves.

Copies: two stories in five are taken up by one to three other outlets, two minutes to six hours later, with
the words changed a little (`copy_of` names the story). Six in a hundred get another title later.

The truth is at `/_sim/stories?start=&end=` (ISO times), as rows of `Story`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
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
    coins: tuple[str, ...]  # tickers; empty: about no coin
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
        found: list[Story] = []
        for block in range(now_ms // BLOCK, (now_ms - LOOK_BACK) // BLOCK, -1):
            for plan in reversed(self._planner.block(block)):
                about = coin is None or (plan.subject is not None and plan.subject.ticker == coin)
                if about and plan.at <= now_ms and plan.outlet.domain == domain:
                    found.append(self._told(plan))
                    if len(found) == count:
                        return found
        return found

    def _plans(self, start_ms: int, end_ms: int) -> list[Plan]:
        return [
            plan
            for block in range(start_ms // BLOCK, -(-end_ms // BLOCK))
            for plan in self._planner.block(block)
            if start_ms <= plan.at < end_ms
        ]

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
            coins=(plan.subject.ticker,) if plan.subject else (),
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


def _words_of(plan: Plan) -> Words:
    draw = Draw(plan.number)
    if plan.subject is None:
        return market_words(draw, plan.wish)
    if plan.language != "en":
        day = datetime.fromtimestamp(plan.at / 1000, UTC).strftime("%d.%m.%Y")
        return foreign_words(draw, plan.language, plan.subject, plan.wish, day)
    if plan.relation == LAGGING:
        return report_words(draw, plan.subject, plan.z, plan.change, plan.price)
    return coin_words(draw, plan.subject, plan.wish)


def _retold(draw: Draw, words: Words) -> tuple[str, str]:
    """Title and summary as another outlet has them."""
    title = words.other_title if draw.chance(0.25) else words.title
    title = draw.one(_PREFIXES) + title
    shortened = len(words.sentences) > 2 and draw.chance(0.4)
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
