"""What a written symbol says: pair, kind of instrument, settlement, expiry, venue.

One spelling can have several readings (XBTUSD is Kraken's spot pair and BitMEX's perpetual), and says no more
than it says: BTCUSDT may be the spot pair or the perpetual, BTCUSDT_260327 is neither. No letter is ever left
out to make two symbols one. Pure.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from alphapulse_resources.candle_files.words import (
    COINS,
    MONEY,
    QUOTES,
    SAME_COIN,
    Kind,
    coin,
    is_venue,
    read_venue,
)

NO: Final = 0
"""The score of a spelling that means another instrument than the one asked for."""

_UNIFIED: Final = re.compile(r"([^/:\s]+)/([^/:\s]+)(?::([^/:\s-]+)(?:-(\d{6})(-[\d.]+-[CP])?)?)?")
_COINAPI: Final = re.compile(r"([A-Z0-9]+)_(SPOT|PERP|FTS|OPT)_([^_]+)_([^_]+)(?:_(\d{6}))?.*")
_KRAKEN_FUTURES: Final = re.compile(r"(PF|PI|FF|FI)_(.+?)(?:_(\d{6}))?")
_KRAKEN_OLD: Final = re.compile(r"X([A-Z]{3})[ZX]([A-Z]{3})")
_BITFINEX: Final = re.compile(r"t([A-Z0-9]{3,}(?::[A-Z0-9]{3,})?)")
_BITFINEX_PERPETUAL: Final = re.compile(r"T?([A-Z0-9]+)F0:([A-Z0-9]+)F0")
_PERPETUAL: Final = re.compile(r"(.+?)[-_./: ]*(PERPETUAL|PERP|SWAP|[._]P|_UMCBL|_DMCBL|_CMCBL)(?:-INTX)?")
_DAY: Final = re.compile(r"(.+?)[-_ .](?:20)?(\d{6})")
_NAMED_DAY: Final = re.compile(
    r"(.+?)[-_ ]?(\d{1,2})(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(\d{2})"
)
_MONTH_CODE: Final = re.compile(r"(.+?)[-_]?([FGHJKMNQUVXZ])(\d{2})")
_OPTION: Final = re.compile(r"(.+)[-_][\d.]+[-_][CP]")
_QUARTER: Final = re.compile(
    r"(.+?)[-_](?:(?:CURRENT|NEXT|BI)_?)?(?:QUARTER(?:LY)?|MONTH)|(.+?)[-_](?:THIS|NEXT)_WEEK"
)
_SEPARATORS: Final = re.compile(r"[-_/:| ]|(?<=\w)\.(?=\w)")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
_SPACED: Final = re.compile(r"\s*([-/:])\s*")
_SPOT: Final = re.compile(r"(.+)(?:[-_. :]SPOT|_SPBL)")
_MONTHS: Final = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_MONTH_CODES: Final = "FGHJKMNQUVXZ"


@dataclass(frozen=True, slots=True)
class Said:
    """One reading of a spelling; None is what it does not say."""

    letters: str  # the pair without separator, or the coin alone
    base: str | None = None
    quote: str | None = None
    kind: Kind | None = None
    settle: str | None = None
    expiry: str | None = (
        None  # YYMMDD, or YYMM where only the month is known, or "" where only that there is one
    )
    venue: str | None = None


def read_asked(symbol: str) -> Said:
    """The instrument that is asked for: BASE/QUOTE[:SETTLE[-YYMMDD]], or any spelling of a pair."""
    text = symbol.strip().upper()
    if match := _UNIFIED.fullmatch(text):
        said = _unified(match)
        return said if said.kind else replace(said, kind="spot")
    return read_spelling(symbol)[0]


@lru_cache(maxsize=65_536)
def read_spelling(text: str) -> tuple[Said, ...]:
    """Every reading of a written symbol, the plainest first."""
    written = _SPACED.sub(r"\1", _DASHES.sub("-", text.strip().strip("\"'")))
    found = list(dict.fromkeys(_readings(written)))
    return tuple(found) or (Said(written.upper()),)


def score(said: Said, asked: Said) -> int:
    """How well a reading fits the instrument asked for; NO when it means another one."""
    if not _same_pair(said, asked):
        return NO
    points = 1
    if asked.kind is not None:
        if said.kind is None and asked.kind in ("future", "option"):
            return NO
        if said.kind not in (None, asked.kind):
            return NO
        points += 2 * (said.kind is not None)
    if asked.settle and said.settle:
        if coin(asked.settle) != coin(said.settle):
            return NO
        points += 1
    if asked.expiry and not (said.expiry and asked.expiry.startswith(said.expiry)):
        return NO
    return points


def best_score(spelling: str, asked: Said) -> int:
    """The score of the reading that fits best."""
    return max(score(said, asked) for said in read_spelling(spelling))


def names_coin_of(spelling: str, asked: Said) -> bool:
    """Whether it is only the coin of the pair: BTC, XBT or Bitcoin for BTC/USD."""
    return asked.base is not None and coin(spelling.strip("\"' ")) == coin(asked.base)


def same_symbol(left: str, right: str) -> bool:
    """Whether a spelling can mean the symbol `right`: BTC/USDT is btc-usdt and BTCUSDT, not BTC/USDT:USDT."""
    return best_score(left, read_asked(right)) > NO


def _same_pair(said: Said, asked: Said) -> bool:
    if said.base and said.quote and asked.base and asked.quote:
        return (coin(said.base), coin(said.quote)) == (coin(asked.base), coin(asked.quote))
    return bool(_joined(said) & _joined(asked))


def _joined(said: Said) -> set[str]:
    """The letters of a pair without separator, also under the usual codes of its coins."""
    if said.base and said.quote:
        return {coin(said.base) + coin(said.quote)}
    forms = {said.letters}
    for other, usual in SAME_COIN.items():
        forms |= {usual + form[len(other) :] for form in forms if form.startswith(other)}
        forms |= {form[: -len(other)] + usual for form in forms if form.endswith(other)}
    return forms


def _unified(match: re.Match[str]) -> Said:
    base, quote, settle, expiry, strike = match.groups()
    kind: Kind | None = "option" if strike else "future" if expiry else "perpetual" if settle else None
    return Said(base + quote, base, quote, kind, settle, expiry)


def _readings(written: str) -> Iterator[Said]:
    text = written.upper()
    if match := _UNIFIED.fullmatch(text):
        yield _unified(match)
    if match := _BITFINEX_PERPETUAL.fullmatch(text):
        yield _pair(_tether(match[1]), _tether(match[2]), kind="perpetual")
    if (match := _BITFINEX.fullmatch(written)) and len(match[1]) >= 6:
        body = match[1]
        yield from _bodies(_tether(body) if body.endswith("UST") else body)
    venue, rest = _without_venue(text)
    for said in _with_kind(rest):
        yield replace(said, venue=venue) if venue else said


def _tether(code: str) -> str:
    """Bitfinex calls Tether UST."""
    return code[:-3] + "USDT" if code.endswith("UST") else code


def _without_venue(text: str) -> tuple[str | None, str]:
    """The venue before or after a symbol, and the rest: BINANCE:BTCUSDT.P, BTCUSDT-PERP.BINANCE."""
    before, colon, after = text.partition(":")
    if colon and "/" not in before and after and (is_venue(before) or before in ("X", "CRYPTO", "INDEX")):
        return (read_venue(before)[0] if is_venue(before) else None), after
    match = re.fullmatch(r"(.+)[.@ ]([A-Z0-9_]{3,})", text)
    if match and is_venue(match[2]):
        return read_venue(match[2])[0], match[1]
    match = re.fullmatch(r"([A-Z0-9]+)[_.]([^_.]{5,}|[^_]+[-_/][^_]+)(\.P)?", text)
    if match and is_venue(match[1]) and match[1] not in QUOTES:
        return read_venue(match[1])[0], match[2] + (match[3] or "")
    return None, text


def _with_kind(text: str) -> Iterator[Said]:
    """Readings of a symbol without its venue: what kind of instrument its ending tells of."""
    if match := _COINAPI.fullmatch(text):
        kinds: dict[str, Kind] = {"SPOT": "spot", "PERP": "perpetual", "FTS": "future", "OPT": "option"}
        yield _pair(match[3], match[4], kind=kinds[match[2]], expiry=match[5])
        return
    if match := _KRAKEN_FUTURES.fullmatch(text):
        yield from _kraken_futures(match)
        return
    if match := _KRAKEN_OLD.fullmatch(text):
        yield _pair(match[1], match[2])
    if match := _OPTION.fullmatch(text):
        yield Said(text, kind="option")
        return
    if (match := _QUARTER.fullmatch(text)) is not None:
        yield from _derived(match[1] or match[2], "future", "")
        return
    if match := _SPOT.fullmatch(text):
        yield from (replace(said, kind="spot") for said in _bodies(match[1]))
        return
    if match := _PERPETUAL.fullmatch(text):
        yield from _perpetual(match[1], match[2])
        return
    if (match := _DAY.fullmatch(text)) and _is_day(match[2]):
        yield from _derived(match[1], "future", match[2])
        return
    if match := _NAMED_DAY.fullmatch(text):
        day = f"{match[4]}{_MONTHS.index(match[3]) + 1:02}{int(match[2]):02}"
        yield from _derived(match[1], "future", day)
        return
    yield from _bodies(text)
    if match := _MONTH_CODE.fullmatch(text):
        yield from _derived(match[1], "future", f"{match[3]}{_MONTH_CODES.index(match[2]) + 1:02}")
    if match := re.fullmatch(r"(.+(?:USDT|USDC|USD))M", text):
        yield from (replace(said, kind="perpetual") for said in _bodies(match[1]))  # KuCoin's XBTUSDTM


def _is_day(text: str) -> bool:
    return 1 <= int(text[2:4]) <= 12 and 1 <= int(text[4:]) <= 31


def _kraken_futures(match: re.Match[str]) -> Iterator[Said]:
    kind: Kind = "perpetual" if match[1].startswith("P") else "future"
    for said in _bodies(match[2]):
        found = _split_money(said)
        inverse = match[1].endswith("I")
        settle = (found.base if inverse else found.quote) if found.base else None
        yield replace(found, kind=kind, settle=settle, expiry=match[3] if kind == "future" else None)


def _perpetual(body: str, ending: str) -> Iterator[Said]:
    for said in _derived(body, "perpetual", None):
        found = _split_money(said)
        if ending == "_DMCBL" or (ending == "SWAP" and found.quote == "USD" and not found.settle):
            found = replace(found, settle=found.base)
        elif ending in ("_UMCBL", "_CMCBL"):
            found = replace(found, settle=found.quote)
        yield found


def _derived(body: str, kind: Kind, expiry: str | None) -> Iterator[Said]:
    """Readings of a derivative's body; a coin alone is quoted in dollars (Deribit, FTX, Bybit's USDC)."""
    for said in _bodies(body):
        yield replace(said, kind=kind, expiry=expiry)
        if said.base is None and _split_money(said).base is None:
            yield _pair(body, "USD", kind=kind, expiry=expiry)
            yield _pair(body, "USDC", kind=kind, expiry=expiry)


def split_letters(letters: str, quotes: AbstractSet[str] = MONEY) -> tuple[str, str] | None:
    """Base and quote of letters that end with a currency; a known coin decides between TUSD and USD."""
    ends = [quote for quote in quotes if letters.endswith(quote) and len(letters) > len(quote)]
    pairs = [(letters[: -len(quote)], quote) for quote in sorted(ends, key=len, reverse=True)]
    known = [pair for pair in pairs if pair[0] in COINS]
    return next(iter(known or pairs), None)


def _split_money(said: Said) -> Said:
    pair = None if said.base else split_letters(said.letters)
    return replace(said, base=pair[0], quote=pair[1]) if pair and len(pair[0]) > 1 else said


def _bodies(text: str) -> Iterator[Said]:
    """Readings of a bare pair, its parts apart or not; KRW-BTC and USDT_BTC have the quote first."""
    parts = _SEPARATORS.split(text)
    if len(parts) == 2 and all(parts):
        yield _pair(*parts)
        if "/" not in text and _rank(parts[0]) > _rank(parts[1]):
            yield _pair(parts[1], parts[0])
    elif len(parts) == 3 and all(parts) and parts[2] in (parts[0], parts[1]) and parts[1] in QUOTES:
        yield _pair(parts[0], parts[1], kind="perpetual", settle=parts[2])  # freqtrade's BTC_USDT_USDT
    else:
        yield Said(text)


def _pair(
    base: str, quote: str, *, kind: Kind | None = None, settle: str | None = None, expiry: str | None = None
) -> Said:
    return Said(base + quote, base, quote, kind, settle, expiry)


def _rank(currency: str) -> int:
    """How much a currency is one to quote in."""
    if currency in MONEY:
        return 3
    return {"BTC": 2, "XBT": 2, "ETH": 1, "BNB": 1}.get(currency, 0)
