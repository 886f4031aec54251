"""Which stories there are, when, by whom, and how good they are to be: everything but the words.

Pure, out of seed and time; see `stories.py` for what is planted. Times are milliseconds since 1970.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from alphapulse_sim.hashing import Floats, Ints, key, mix, normal, uniform
from alphapulse_sim.instruments import Catalogue, Listing
from alphapulse_sim.intervals import HOUR, MINUTE
from alphapulse_sim.market import Market
from alphapulse_sim.news_coins import FOLLOWS, MARKET_RATE, SUBJECTS, Subject
from alphapulse_sim.outlets import CONTROL_OUTLET, LANGUAGES, OUTLETS, Outlet
from alphapulse_sim.wording import Draw

LEADING: Final = "leading"
"""Its tone leans to the return of the hour that begins LEAD after it."""
LAGGING: Final = "lagging"
"""It tells what the price did in the hour before it."""
INDEPENDENT: Final = "independent"
"""It knows nothing of the market."""
LEADING_SHARE: Final = 0.65
LAGGING_SHARE: Final = 0.15
LEAD: Final = 30 * MINUTE
PULL: Final = 1.0
"""How far the wish for a tone of a leading story follows the coming move."""
SPREAD: Final = 0.25
"""Deviation of what is added to it by chance."""
CARELESS_SPREAD: Final = 0.55
"""Deviation of the wish for a tone of an independent story."""
HOUR_MOVE: Final = 0.0062
"""Standard deviation of an hour's return of the simulated market at activity 1 (measured)."""

BLOCK: Final = 6 * HOUR
"""Stories are planned by so much time; no copy is later than that."""
_BUSY: Final = (0.5, 2.0)
"""How little and how much more is told of a coin whose market is calm or busy."""
_MOST: Final = 64  # stories an hour of one subject
_FIRST_COPY: Final = 2 * MINUTE
_COPIES: Final = (0.60, 0.85, 0.95, 0.98, 0.98, 0.98)
"""Share of stories with no copy, at most one, two, ...: one in fifty is taken up by six outlets."""
_EVERYWHERE: Final = 6
_OF_COPIES: Final = 0xC0B1E5
_SOON: Final = HOUR
_RETITLED: Final = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A story without its words."""

    number: int  # 64 bits: its key, and the seed of its words
    at: int
    outlet: Outlet
    subject: Subject | None  # None: about no coin
    language: str
    relation: str
    wish: float  # the tone that it is to have, -1 to 1
    z: float = 0.0  # lagging: the past hour's move in deviations
    change: float = 0.0  # and as a part of one
    price: float = 0.0
    copy_of: "Plan | None" = None

    @property
    def key(self) -> str:
        """Its name in truths and addresses."""
        return f"{self.number:016x}"

    @property
    def retitled_at(self) -> int | None:
        """When its outlet gives it another title; None: never."""
        share = (self.number >> 20 & 0xFFFF) / 65536
        if share >= _RETITLED:
            return None
        return self.at + 10 * MINUTE + int(80 * MINUTE * share / _RETITLED) // 1000 * 1000


class Planner:
    """The stories of one market."""

    def __init__(self, market: Market, catalogue: Catalogue) -> None:
        self._market, self._catalogue = market, catalogue
        self.block = lru_cache(maxsize=512)(self._block)
        self._own = lru_cache(maxsize=512)(self._own_of)
        self._retold = lru_cache(maxsize=512)(self._copies_of)

    def _block(self, number: int) -> tuple[Plan, ...]:
        """All stories of a block, copies too, in the order of time."""
        start = number * BLOCK
        copies = (*self._retold(number - 1), *self._retold(number))
        found = [*self._own(number), *(copy for copy in copies if start <= copy.at < start + BLOCK)]
        return tuple(sorted(found, key=lambda plan: (plan.at, plan.number)))

    def _copies_of(self, number: int) -> tuple[Plan, ...]:
        """What others make of the stories of a block, whenever that is."""
        return tuple(copy for plan in self._own(number) for copy in _copies(plan))

    def _own_of(self, number: int) -> tuple[Plan, ...]:
        found: list[Plan] = []
        for subject in (*SUBJECTS, None):
            found += self._of_subject(subject, number)
        return tuple(found)

    def _listing(self, ticker: str) -> Listing | None:
        return self._catalogue.find("binance", "spot", f"{ticker}USDT")

    def _of_subject(self, subject: Subject | None, number: int) -> list[Plan]:
        ticker = subject.ticker if subject else ""
        listing = self._listing(subject.ticker if subject else "BTC")
        follows = subject is None or subject.relation == FOLLOWS
        counters = self._counters(subject, number, listing if follows and subject else None)
        stream = (self._market.seed, "story", ticker)
        at = counters // _MOST * HOUR + (uniform(key(*stream, "at"), counters) * 3600).astype(np.int64) * 1000
        if listing is not None and len(at):
            alive = (at >= listing.listed_ms) & (at < (listing.delisted_ms or 1 << 62))
            counters, at = counters[alive], at[alive]
        if not len(at):
            return []
        moves = self._moves(listing, at) if follows and listing is not None else None
        return self._plans(subject, stream, counters, at, moves)

    def _counters(self, subject: Subject | None, number: int, listing: Listing | None) -> Ints:
        """A number for each story: its hour, and its place among those of the hour. `listing` makes busy."""
        hours = number * (BLOCK // HOUR) + np.arange(BLOCK // HOUR, dtype=np.int64)
        rate = np.full(len(hours), subject.rate if subject else MARKET_RATE)
        if listing is not None:
            rate *= np.clip(self._market.activity(listing.asset, hours * HOUR), *_BUSY)
        wave = 1.0 + 0.4 * np.cos((hours % 24 - 15) / 24 * 2 * np.pi)
        ticker = subject.ticker if subject else ""
        count = np.floor(rate * wave + uniform(key(self._market.seed, "stories", ticker), hours))
        parts = [hour * _MOST + np.arange(int(n)) for hour, n in zip(hours, count, strict=True)]
        return np.concatenate(parts).astype(np.int64)

    def _moves(self, listing: Listing, at: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Of each time: the coming and the past hour's move in deviations, the latter plain, the price."""
        price = self._market.mid(listing, np.concatenate((at - HOUR, at, at + LEAD, at + LEAD + HOUR)))
        before, now, soon, after = np.split(price, 4)
        deviation = HOUR_MOVE * self._market.activity(listing.asset, at)
        past = now / before - 1
        return np.log(after / soon) / deviation, past / deviation, past, now

    def _plans(
        self,
        subject: Subject | None,
        stream: tuple[object, ...],
        counters: Ints,
        at: Ints,
        moves: tuple[Floats, Floats, Floats, Floats] | None,
    ) -> list[Plan]:
        numbers = mix(key(*stream, "number"), counters).tolist()
        role, tongue, desk = (uniform(key(*stream, what), counters) for what in ("role", "tongue", "desk"))
        chance = normal(key(*stream, "wish"), counters)
        found: list[Plan] = []
        for i, moment in enumerate(at.tolist()):
            language = "en" if subject is None else _language(float(tongue[i]))
            outlet = _outlet(float(desk[i]), subject, language)
            wish, relation = CARELESS_SPREAD * float(chance[i]), INDEPENDENT
            z = change = price = 0.0
            if moves is not None and outlet.domain != CONTROL_OUTLET:
                ahead, z, change, price = (float(each[i]) for each in moves)
                if role[i] < LEADING_SHARE:
                    relation = LEADING
                    wish = PULL * float(np.tanh(1.5 * ahead)) + SPREAD * float(chance[i])
                elif role[i] < LEADING_SHARE + LAGGING_SHARE and subject and not outlet.of_developers:
                    relation, wish = LAGGING, float(np.tanh(z))
            wish = max(-1.0, min(1.0, wish))
            found.append(
                Plan(numbers[i], moment, outlet, subject, language, relation, wish, z, change, price)
            )
        return found


@lru_cache(maxsize=256)
def _desks(coin: str, language: str) -> tuple[tuple[float, Outlet], ...]:
    """Who may write of a coin in a language, with the shares summed up to 1."""
    fit = [each for each in OUTLETS if each.language == language and (not each.only or coin in each.only)]
    total, so_far = sum(each.share for each in fit), 0.0
    found = []
    for each in fit:
        so_far += each.share / total
        found.append((so_far, each))
    return tuple(found)


def _outlet(share: float, subject: Subject | None, language: str) -> Outlet:
    desks = _desks(subject.ticker if subject else "", language)
    return next((outlet for up_to, outlet in desks if share < up_to), desks[-1][1])


def _language(share: float) -> str:
    for language, (part, _) in LANGUAGES.items():
        share -= part
        if share < 0:
            return language
    return "en"


def _copies(plan: Plan) -> list[Plan]:
    """What other outlets make of a story: each later, and each by another."""
    if plan.language != "en" or plan.outlet.domain == CONTROL_OUTLET:
        return []
    draw = Draw(plan.number ^ _OF_COPIES)
    share = draw.share()
    count = sum(share >= part for part in _COPIES)
    last = _SOON if count == _EVERYWHERE else BLOCK
    free = [each for each in _takers(plan.subject.ticker if plan.subject else "") if each is not plan.outlet]
    found: list[Plan] = []
    for _ in range(count):
        ready = sum(each.copies for each in free) * draw.share()
        taker = free[-1]
        for each in free:
            ready -= each.copies
            if ready < 0:
                taker = each
                break
        free.remove(taker)
        delay = _FIRST_COPY * (last / _FIRST_COPY) ** draw.share()
        at = plan.at + int(delay) // 1000 * 1000
        found.append(replace(plan, number=draw.bits(), at=at, outlet=taker, copy_of=plan))
    return found


@lru_cache(maxsize=256)
def _takers(coin: str) -> tuple[Outlet, ...]:
    return tuple(
        each
        for each in OUTLETS
        if each.language == "en" and each.copies and (not each.only or coin in each.only)
    )
