"""The units of volumes: the one place that knows what each format counts in, and the rule that tests it.

Volume is kept in base units. What was traded in quote currency, divided by the volume, is a price of the bar:
it lies between low and high. Where it does not, the rows tell what the columns are (base and quote in each
other's place, contracts of so many coins, contracts of so many dollars), or the file is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import TAKER_QUOTE_VOLUME, Columns, plain
from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.numbers import Numbers, read_numbers
from alphapulse_resources.candle_files.spellings import Said
from alphapulse_resources.candle_files.volumes import CONTRACTS, volume_like

JUDGED_ROWS: Final = 5000
"""Rows, evenly over the file, that show the units: they are one file's throughout (ours)."""
MIN_ROWS: Final = 3
"""From so many traded rows on, volumes that fit no unit are an error (ours)."""
SLACK: Final = 0.01
"""How far a rounded volume may put the price beyond low and high (ours)."""
AGREES: Final = 0.9
"""The share of rows that has to fit (ours): bad rows are judged one by one, later."""
DOLLAR_FORMATS: Final = {
    "yfinance": "Yahoo gives crypto volume in the quote currency",
    "coinmarketcap": "CoinMarketCap gives volume in the quote currency",
}
"""Formats whose only volume counts the quote currency."""
TAKERS_LARGER: Final = 0.5
"""From that share of rows on, takers who bought more than was traded are counted in another unit (ours)."""
MOST_COLUMNS: Final = 8
"""So many columns are tried in pairs for base and quote volume (ours)."""

SPOT: Final = ("swapped", "contracts", "inverse")
LINEAR: Final = ("contracts", "swapped", "inverse")
INVERSE: Final = ("inverse", "swapped", "contracts")
"""What the volumes of a kind of instrument can be, the likeliest first."""

Parts = dict[str, Numbers]


@dataclass(frozen=True, slots=True)
class Bars:
    """The traded rows by which units are judged."""

    low: pl.Series
    high: pl.Series
    close: pl.Series
    places: pl.Series

    def pick(self, numbers: Numbers) -> pl.Series:
        """The judged rows of a column."""
        return numbers.values.gather(self.places)


@dataclass(frozen=True, slots=True)
class Unit:
    """What two volumes are to each other: how well they fit, and the size of a contract."""

    kind: str  # agrees, swapped, contracts (of size coins), inverse (contracts of size in quote currency)
    size: float = 1.0


@dataclass(slots=True)
class Case:
    """The table whose units are in question, what is known of it, and what comes to be known."""

    table: RawTable
    columns: Columns
    kind: str
    asked: Said | None
    mapped: Mapping[str, str]
    notes: list[str]
    used: set[str | None]  # columns that gave something

    @property
    def likeliest(self) -> Sequence[str]:
        """What volumes that do not agree are likeliest to be."""
        derived = self.asked is not None and self.asked.kind in ("perpetual", "future")
        return INVERSE if self.inverse else LINEAR if derived else SPOT

    @property
    def inverse(self) -> bool:
        """Whether it is a contract that is settled in its coin, and counted in dollars."""
        asked = self.asked
        return asked is not None and asked.settle is not None and asked.settle == asked.base


def settle_units(case: Case, parts: Parts) -> Parts:
    """The numbers of a table with volume in base units and quote volume in quote units; notes say how."""
    if parts["volume"].values.is_null().all():
        return parts
    bars = _bars(parts)
    if case.kind in DOLLAR_FORMATS and "quote_volume" not in parts and "volume" not in case.mapped:
        case.notes.append(f"{DOLLAR_FORMATS[case.kind]}: divided by the close")
        return _from_quote(parts)
    parts = _ticks_for_nothing(case, parts)
    quote = parts.get("quote_volume")
    unit = _judge(bars, parts["volume"], quote, case.likeliest) if quote else None
    if unit == "few":
        return parts
    agrees = isinstance(unit, Unit) and unit.kind == "agrees"
    found = None if agrees or "volume" in case.mapped else _search(case, bars)
    if found is not None:
        return _checked_taker(case, _found(case, parts, found), bars)
    if isinstance(unit, Unit):
        return _checked_taker(case, _convert(case, parts, unit), bars)
    if "quote_volume" in parts:
        return _unexplained(case, parts, bars)
    return _checked_taker(case, _without_contracts(case, parts), bars)


def _found(case: Case, parts: Parts, pair: tuple[str, str]) -> Parts:
    """The parts with the two columns that fit the prices."""
    base, quote = pair
    case.notes.append(f"volume taken from {base!r}, quote volume from {quote!r}: so they fit the prices")
    case.used |= {base, quote}
    parts = {**parts, "volume": _scaled(case.table, base), "quote_volume": _scaled(case.table, quote)}
    return parts if case.columns.volume == base else _without_taker(case, parts)


def _bars(parts: Parts) -> Bars:
    low, high, close = (parts[name].values for name in ("low", "high", "close"))
    good = (low > 0) & (high >= low)
    places = good.fill_null(False).arg_true()
    if places.len() > JUDGED_ROWS:
        places = places.gather_every(places.len() // JUDGED_ROWS + 1)
    return Bars(low.gather(places), high.gather(places), close.gather(places), places)


def _judge(bars: Bars, volume: Numbers, quote: Numbers, order: Sequence[str] = SPOT) -> Unit | str | None:
    """What a volume and a quote volume are to each other; "few" where too few rows were traded to tell.

    At a price that hardly moves several can fit: `order` says what is likeliest.
    """
    base, turnover = bars.pick(volume), bars.pick(quote)
    traded = ((base > 0) & (turnover > 0)).fill_null(False)
    if not traded.any():
        return "few"
    b, q, low, high = (s.filter(traded) for s in (base, turnover, bars.low, bars.high))
    found: dict[str, Unit] = {}
    if _inside(q, b, low, high):
        return Unit("agrees")
    if _inside(b, q, low, high):
        found["swapped"] = Unit("swapped")
    if b.len() < MIN_ROWS:
        return found.get("swapped", "few")
    middle = (low + high) / 2
    size = _round_size((q / (b * middle)).median())
    if size is not None and _inside(q, b * size, low, high):
        found["contracts"] = Unit("contracts", size)
    size = _round_size((q * middle / b).median())
    if size is not None and _inside(b * size, q, low, high):
        found["inverse"] = Unit("inverse", size)
    return next((found[kind] for kind in order if kind in found), None)


def _inside(turnover: pl.Series, base: pl.Series, low: pl.Series, high: pl.Series) -> bool:
    """Whether turnover over base lies between low and high nearly everywhere."""
    price = turnover / base
    fits = (price >= low * (1 - SLACK)) & (price <= high * (1 + SLACK))
    return int(fits.sum()) >= AGREES * fits.len()


def _round_size(ratio: object) -> float | None:
    """The contract size near a ratio: 1, 2 or 5 times a power of ten, as exchanges choose them."""
    if not isinstance(ratio, float) or not 1e-9 < ratio < 1e9:
        return None
    sizes = [digit * 10.0**power for power in range(-9, 10) for digit in (1, 2, 5)]
    nearest = min(sizes, key=lambda size: abs(size / ratio - 1))
    return float(f"{nearest:.0e}") if abs(nearest / ratio - 1) < 0.05 else None


def _search(case: Case, bars: Bars) -> tuple[str, str] | None:
    """Two columns that are base and quote volume by the prices, those named so first."""
    columns = case.columns
    names = volume_like(case.table.frame.columns)[:MOST_COLUMNS]
    head = bars.places
    read = {
        name: Numbers(n.values, n.unreadable) for name in names if (n := _sampled(case.table, name, head))
    }
    places = Bars(bars.low, bars.high, bars.close, pl.int_range(head.len(), eager=True))
    pairs = sorted(
        permutations(names, 2), key=lambda pair: (pair[0] != columns.volume, pair[1] != columns.quote_volume)
    )
    for base, quote in pairs:
        if (quote, base) == (columns.volume, columns.quote_volume):
            continue  # in each other's place: that is judged with what else they could be
        unit = _judge(places, read[base], read[quote])
        if isinstance(unit, Unit) and unit.kind == "agrees":
            traded = (read[base].values > 0) & (read[quote].values > 0)
            if int(traded.sum()) >= MIN_ROWS:
                return base, quote
    return None


def _sampled(table: RawTable, name: str, places: pl.Series) -> Numbers:
    return read_numbers(table.frame[name].gather(places), scaled=True)


def _scaled(table: RawTable, name: str) -> Numbers:
    return read_numbers(table.frame[name], scaled=True)


def _convert(case: Case, parts: Parts, unit: Unit) -> Parts:
    """Volume in base units from what the two columns are."""
    if unit.kind == "agrees":
        return parts
    volume, quote = parts["volume"], parts["quote_volume"]
    if unit.kind == "swapped":
        case.notes.append("volume and quote volume stand in each other's place, by the prices: exchanged")
        return _without_taker(case, {**parts, "volume": quote, "quote_volume": volume})
    if unit.kind == "contracts":
        case.notes.append(f"volume is in contracts of {unit.size:g} coins, by the prices: converted")
        taker = parts.get("taker_buy_volume")
        scaled = {"taker_buy_volume": _times(taker, unit.size)} if taker else {}
        return {**parts, "volume": _times(volume, unit.size), **scaled}
    case.notes.append(
        f"volume is in contracts of {unit.size:g} of the quote currency and the other column in coins, by "
        "the prices: the coins are the volume"
    )
    return _without_taker(case, {**parts, "volume": quote, "quote_volume": _times(volume, unit.size)})


def _times(numbers: Numbers, factor: float) -> Numbers:
    return replace(numbers, values=numbers.values * factor)


def _from_quote(parts: Parts) -> Parts:
    """Volume and quote volume from a volume that counts the quote currency."""
    dollars, close = parts["volume"], parts["close"].values
    coins = pl.DataFrame({"q": dollars.values, "c": close}).select(
        pl.when(pl.col("c") > 0).then(pl.col("q") / pl.col("c"))
    )["q"]
    return {**parts, "volume": Numbers(coins, dollars.unreadable), "quote_volume": dollars}


def _without_taker(case: Case, parts: Parts) -> Parts:
    """The parts with the takers' coins, or without a takers' volume that no longer fits the volume."""
    if "taker_buy_volume" not in parts:
        return parts
    coins = [name for name in case.table.frame.columns if plain(name) in TAKER_QUOTE_VOLUME]
    rest = {part: numbers for part, numbers in parts.items() if part != "taker_buy_volume"}
    if not coins:
        case.notes.append("the takers' volume is in another unit: not used")
        return rest
    case.notes.append(f"the takers' volume taken from {coins[0]!r}")
    case.used.add(coins[0])
    return {**rest, "taker_buy_volume": read_numbers(case.table.frame[coins[0]])}


def _checked_taker(case: Case, parts: Parts, bars: Bars) -> Parts:
    """The parts without a taker volume that is larger than the volume nearly everywhere."""
    if "taker_buy_volume" not in parts:
        return parts
    taker, volume = bars.pick(parts["taker_buy_volume"]), bars.pick(parts["volume"])
    known = ((taker > 0) & (volume > 0)).fill_null(False)
    larger = (taker > volume * (1 + SLACK)) & known
    if int(known.sum()) < MIN_ROWS or int(larger.sum()) < TAKERS_LARGER * int(known.sum()):
        return parts
    case.notes.append("the takers' volume is larger than the volume: in another unit, not used")
    return {part: numbers for part, numbers in parts.items() if part != "taker_buy_volume"}


def _ticks_for_nothing(case: Case, parts: Parts) -> Parts:
    """Another volume where the one found is zero throughout: MetaTrader's <VOL> beside <TICKVOL>."""
    if "volume" in case.mapped or (parts["volume"].values.fill_null(0.0) != 0.0).any():
        return parts
    taken = (case.columns.volume, case.columns.quote_volume)
    for name in volume_like(case.table.frame.columns):
        if name in taken or plain(name) in CONTRACTS:
            continue
        numbers = _scaled(case.table, name)
        if (numbers.values.fill_null(0.0) > 0.0).any():
            case.notes.append(f"{case.columns.volume!r} is zero throughout: volume taken from {name!r}")
            return {**parts, "volume": numbers}
    return parts


def _unexplained(case: Case, parts: Parts, bars: Bars) -> Parts:
    """What becomes of a quote volume that fits no unit: an error, unless the volume was named."""
    if "volume" in case.mapped and "quote_volume" not in case.mapped:
        case.notes.append(f"{case.columns.quote_volume!r} does not fit volume and prices: not used")
        return {part: numbers for part, numbers in parts.items() if part != "quote_volume"}
    volume, quote = bars.pick(parts["volume"]), bars.pick(parts["quote_volume"])
    ratio = (quote / volume).filter((volume > 0) & (quote > 0)).median()
    low, high = (
        f"{edge:g}" if isinstance(edge, float) else "?" for edge in (bars.low.min(), bars.high.max())
    )
    shown = f"{ratio:.6g}" if isinstance(ratio, float) else "nothing"
    raise unreadable(
        case.table.name,
        f"{case.columns.quote_volume!r} divided by {case.columns.volume!r} should be a price between low and "
        f"high ({low} to {high}), but is {shown} at the median row: the unit of one of them is "
        "unknown; if the volume is in base units, say --column volume=NAME",
        case.table.frame.columns,
    )


def _without_contracts(case: Case, parts: Parts) -> Parts:
    """The parts with coins for contracts, where no turnover tells their size: OKX carries the coins."""
    if "volume" in case.mapped:
        return parts
    name, asked = case.columns.volume or "", case.asked
    derived = asked is not None and asked.kind in ("perpetual", "future")
    swap = case.kind == "okx" and (derived or _says_swap(case.table))
    values = parts["volume"].values.drop_nulls().head(JUDGED_ROWS)
    whole = values.len() >= MIN_ROWS and bool((values == values.floor()).all()) and bool((values > 0).any())
    if not (plain(name) in CONTRACTS or swap or (case.inverse and whole)):
        return parts
    coins = [column for column in case.table.frame.columns if plain(column) in ("vol ccy", "volccy")]
    if swap and coins:
        case.notes.append(f"{name!r} counts contracts: volume taken from {coins[0]!r}, the coins")
        case.used.add(coins[0])
        return {**parts, "volume": _scaled(case.table, coins[0])}
    raise unreadable(
        case.table.name,
        f"{name!r} counts contracts, and nothing in the file tells how much one of them is; "
        "a volume in base units is needed; if it is one, say --column volume=" + (name or "NAME"),
        case.table.frame.columns,
    )


def _says_swap(table: RawTable) -> bool:
    names: Sequence[str] = [
        name for name in table.frame.columns if plain(name) in ("instrument name", "inst id")
    ]
    return any(table.frame[name].cast(pl.String).str.contains("(?i)SWAP").any() for name in names)
