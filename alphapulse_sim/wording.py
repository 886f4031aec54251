"""Words for a story: sentences out of events, with names, numbers and coins in the forms that texts use.

The same draw gives the same words, on any machine. Names of people and small firms are made up; exchanges,
banks and supervisors carry the names that readers know, and nothing that is told of them is true.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from alphapulse_sim import wording_languages as languages
from alphapulse_sim.news_coins import BY_TICKER, Subject
from alphapulse_sim.wording_events import GOOD, GREAT, PLAIN, Event
from alphapulse_sim.wording_market import BAD_WORDS, BESIDE, CONTEXT, GOOD_WORDS, MACRO, MOVES
from alphapulse_sim.wording_troubles import BAD, TERRIBLE

_T = TypeVar("_T")
_MASK: Final = (1 << 64) - 1
_LADDER: Final = (TERRIBLE, BAD, PLAIN, GOOD, GREAT)
_OF_DEVELOPERS: Final = tuple(
    tuple(event for event in events if event.name in names)
    for events, names in zip(
        _LADDER,
        (
            ("chain_halt", "key_bug"),
            ("upgrade_delayed", "congestion"),
            ("conference", "minor_release", "vote_opens"),
            ("network_growth", "audit_passed"),
            ("upgrade_success",),
        ),
        strict=True,
    )
)
"""What the makers of a chain write about."""
_STEPS: Final = (-0.6, -0.15, 0.15, 0.6)
"""Where a wish for a tone passes from one rung of the ladder to the next."""

_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "exchange": ("Binance", "Coinbase", "Kraken", "Bybit", "OKX", "KuCoin", "Bitstamp", "Gemini", "Upbit"),
    "regulator": ("SEC", "CFTC", "FCA", "BaFin", "ESMA", "MAS", "AMF", "ASIC"),
    "bank": ("JPMorgan", "Barclays", "BBVA", "Standard Chartered", "Santander", "DBS", "UBS", "Nubank"),
    "fund": ("BlackRock", "Fidelity", "Grayscale", "VanEck", "Bitwise", "Franklin Templeton", "21Shares"),
    "centralbank": ("Federal Reserve", "European Central Bank", "Bank of England", "Bank of Japan"),
    "data": ("Glassnode", "Kaiko", "CryptoQuant", "Nansen", "CoinShares", "Messari", "Dune", "Artemis"),
    "analyst": ("Bernstein", "Galaxy Research", "K33", "Amberdata", "QCP Capital", "10x Research",
                "TD Cowen"),
    "auditor": ("Trail of Bits", "CertiK", "PeckShield", "OpenZeppelin", "Halborn", "SlowMist"),
    "country": (
        "Brazil", "Japan", "Germany", "Nigeria", "India", "Turkey", "Argentina", "South Korea", "Switzerland",
        "Kenya", "Vietnam", "Canada", "France", "Mexico", "Thailand", "Poland",
    ),
    "city": (
        "Lisbon", "Singapore", "Zug", "Austin", "Dubai", "Berlin", "Nairobi", "Seoul", "Denver", "Prague",
        "Bogotá", "Toronto",
    ),
    "firm": (
        "Northgate", "Bluepeak", "Halden Labs", "Corvus", "Mintway", "Parabolt", "Riverstone", "Quantlane",
        "Oakfield", "Tesselo", "Vantor", "Lumenpay", "Kestrel", "Brightmoor", "Sablier Works",
        "Ostrava Digital", "Fernhill", "Pactum", "Zephyr Systems", "Graniteworks",
    ),
    "protocol": (
        "Kelpswap", "Meridian", "Orbitlend", "Tidepool", "Vaultic", "Lattice", "Hexabridge", "Silverfin",
        "Duneport", "Quillswap", "Harborfi", "Ironloop",
    ),
    "codename": ("Aurora", "Sequoia", "Kinsale", "Ember", "Tallinn", "Osprey", "Basalt", "Juniper", "Marlin"),
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "month": ("January", "March", "April", "June", "August", "September", "October", "December"),
    "first": (
        "Maria", "James", "Wei", "Aisha", "Lukas", "Priya", "Diego", "Hana", "Samuel", "Ingrid", "Omar",
        "Claire", "Tomas", "Yuki", "Grace", "Pavel",
    ),
    "last": (
        "Okafor", "Lindqvist", "Moreno", "Tanaka", "Becker", "Novak", "Patel", "Rossi", "Dubois", "Kim",
        "Haddad", "Walsh", "Silva", "Ivanov", "Nguyen", "Carter", "Mbeki", "Larsen",
    ),
}  # fmt: skip


_NAMES_ANOTHER: Final = 0.08
_OFTEN_NAMED: Final = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LTC", "NEAR", "ARB")


class Draw:
    """Random numbers in a row out of one 64-bit number (splitmix64)."""

    def __init__(self, state: int) -> None:
        self._state = state & _MASK

    def bits(self) -> int:
        """The next 64 bits."""
        self._state = z = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def below(self, limit: int) -> int:
        """A whole number in [0, limit)."""
        return (self.bits() >> 32) * limit >> 32

    def share(self) -> float:
        """A number in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.share() < probability

    def one(self, things: Sequence[_T]) -> _T:
        """One of them."""
        return things[self.below(len(things))]


def _money(draw: Draw) -> str:
    if draw.chance(0.15):
        return f"${1 + draw.below(9)}.{1 + draw.below(9)} billion"
    return f"${10 + draw.below(890)} million"


def person_name(draw: Draw) -> str:
    """Somebody."""
    return f"{draw.one(_WORDS['first'])} {draw.one(_WORDS['last'])}"


_NUMBERS: Final[dict[str, Callable[[Draw], str]]] = {
    "usd": _money,
    "pct": lambda draw: (
        f"{2 + draw.below(60)}.{draw.below(10)}" if draw.chance(0.5) else str(5 + draw.below(70))
    ),
    "low": lambda draw: f"{1 + draw.below(3)}.{draw.below(10)}",
    "count": lambda draw: f"{1 + draw.below(89)},{draw.below(1000):03d}",
    "pairs": lambda draw: str(3 + draw.below(45)),
    "months": lambda draw: str(3 + draw.below(20)),
    "days": lambda draw: str(3 + draw.below(27)),
    "hours": lambda draw: str(2 + draw.below(20)),
    "digit": lambda draw: str(2 + draw.below(8)),
    "two": lambda draw: str(10 + draw.below(18)),
    "number": lambda draw: str(100 + draw.below(900)),
    "block": lambda draw: f"{1 + draw.below(22)},{draw.below(1000):03d},{draw.below(1000):03d}",
    "person": person_name,
}


class _Slots(dict[str, str]):
    """What stands in the braces of a sentence: drawn when it is first needed, the same ever after."""

    def __init__(self, draw: Draw, given: dict[str, str]) -> None:
        super().__init__(given)
        self._draw = draw

    def __missing__(self, slot: str) -> str:
        kind = slot.rstrip("0123456789")
        number = _NUMBERS.get(kind)
        value = number(self._draw) if number else self._draw.one(_WORDS[kind])
        self[slot] = value
        return value


@dataclass(frozen=True, slots=True)
class Words:
    """What a story says."""

    event: str
    tone: float
    title: str
    sentences: tuple[str, ...]
    other_title: str  # of the same story; the same title where there is only one
    beside: str | None = None  # the ticker of a second coin that it names

    @property
    def summary(self) -> str:
        """All sentences."""
        return " ".join(self.sentences)


def name_form(draw: Draw, subject: Subject) -> str:
    """A coin as a headline calls it: Bitcoin, BTC, Solana (SOL), $SOL."""
    place = draw.below(100)
    if place < 55 or subject.name == subject.ticker:
        return subject.name if place < 94 else f"${subject.ticker}"
    if place < 75:
        return subject.ticker
    return f"{subject.name} ({subject.ticker})" if place < 94 else f"${subject.ticker}"


def price_text(price: float) -> str:
    """A price in dollars as texts print it."""
    if price >= 1000:
        return f"${price:,.0f}"
    return f"${price:,.2f}" if price >= 10 else f"${price:.4f}"


def rung(wish: float) -> int:
    """The place on the ladder of tones, 0 (terrible) to 4 (great), that a wish for a tone means."""
    return sum(wish >= step for step in _STEPS)


def report_of(z: float) -> Event:
    """What is reported of a move of so many standard deviations."""
    return MOVES[4 - sum(z >= step for step in (-1.2, -0.25, 0.25, 1.2))]


def coin_words(draw: Draw, subject: Subject, wish: float, *, of_developers: bool = False) -> Words:
    """A story about a coin whose tone is near the wish."""
    event = draw.one((_OF_DEVELOPERS if of_developers else _LADDER)[rung(wish)])
    return _tell(draw, event, _coin_slots(draw, subject))


def report_words(draw: Draw, subject: Subject, z: float, change: float, price: float) -> Words:
    """A report of a past move: `change` in parts of one, of `z` standard deviations, to `price`."""
    slots = _coin_slots(draw, subject)
    slots |= {"change": f"{abs(100 * change):.1f}", "price": price_text(price)}
    return _tell(draw, report_of(z), slots)


def market_words(draw: Draw, wish: float) -> Words:
    """A story about no coin."""
    return _tell(draw, MACRO[4 - rung(wish)], {"ticker": "crypto", "name": "The first network"})


def foreign_words(draw: Draw, language: str, subject: Subject, wish: float, day: str) -> Words:
    """A short story about a coin in another language."""
    place = rung(wish)
    slots = _Slots(draw, {**_coin_slots(draw, subject), "day": day})
    slots["usd"] = languages.MONEY[language].format(2 + draw.below(98))
    own_name = languages.COINS.get(language, {}).get(subject.ticker)
    if own_name and draw.chance(0.5):
        slots["coin"] = slots["name"] = own_name
    title = draw.one(languages.HEADLINES[language][place]).format_map(slots)
    summary = draw.one(languages.SENTENCES[language]).format_map(slots)
    return Words("foreign", languages.TONES[place], title, (summary,), title)


def _coin_slots(draw: Draw, subject: Subject) -> dict[str, str]:
    slots = {
        "coin": name_form(draw, subject),
        "name": subject.name,
        "ticker": subject.ticker,
        "network": subject.network,
    }
    other = BY_TICKER[draw.one(_OFTEN_NAMED)]
    if draw.chance(_NAMES_ANOTHER) and other is not subject:
        slots |= {"other": other.name, "other_ticker": other.ticker}
    return slots


def _tell(draw: Draw, event: Event, given: dict[str, str]) -> Words:
    slots = _Slots(draw, given)
    first = draw.below(len(event.titles))
    title, other = event.titles[first], event.titles[first - 1]
    sentences = [draw.one(event.leads), *_around(draw, event.tone)]
    beside = given.get("other_ticker")
    if beside is not None:
        sentences[1] = draw.one(BESIDE)
    told = tuple(sentence.format_map(slots) for sentence in sentences)
    return Words(event.name, event.tone, title.format_map(slots), told, other.format_map(slots), beside)


def _around(draw: Draw, tone: float) -> list[str]:
    """What follows the first sentence: facts, and often what somebody says of it."""
    first = draw.below(len(CONTEXT))
    found = [CONTEXT[first]]
    if tone and draw.chance(0.6):
        found.append(draw.one(GOOD_WORDS if tone > 0 else BAD_WORDS))
    else:
        found.append(CONTEXT[first - 1 - draw.below(len(CONTEXT) - 1)])
    return found
