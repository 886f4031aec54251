"""Coins that changed their ticker or name, and when. Pure.

A coin is told by its newest ticker. Its older tickers mean it at all times, the newest one since the day of
the change; a ticker that another coin took over means that one since.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Rename(NamedTuple):
    """The ticker `old` of a coin became `new` at `at`."""

    old: str
    new: str
    at: datetime


RENAMES: Final = tuple(
    Rename(old, new, _day(day))
    for old, new, day in (
        # documented: announcements of projects and exchanges
        ("MATIC", "POL", "2024-09-04"),  # migration of Polygon's network; exchanges 2024-09-10 to 13
        ("FTM", "S", "2025-01-16"),  # Binance opened S/USDT; FTM closed 2025-01-13
        ("EOS", "A", "2025-05-28"),  # Vaulta; swapped by exchanges on 2025-05-27 and 28
        ("KLAY", "KAIA", "2024-10-31"),  # Binance opened KAIA/USDT; KLAY closed 2024-10-28
        ("OM", "MANTRA", "2026-03-04"),  # Binance opened MANTRA; OM closed 2026-03-02
        ("TON", "GRAM", "2026-06-15"),  # vote of the network; Toncoin became Gram
        ("LUNA", "LUNC", "2022-05-28"),  # first block of Terra's new chain, which took the ticker
        ("UST", "USTC", "2022-05-28"),
        # from memory
        ("MKR", "SKY", "2024-09-18"),  # both traded until September 2025
        ("RNDR", "RENDER", "2024-07-15"),
        ("GAL", "G", "2024-07-12"),
        ("DAR", "D", "2025-01-08"),
        ("ORN", "LUMIA", "2024-10-18"),
        ("TOMO", "VIC", "2023-11-17"),
        ("LEND", "AAVE", "2020-10-03"),
        ("ERD", "EGLD", "2020-09-03"),
        ("VEN", "VET", "2018-07-25"),
        ("NANO", "XNO", "2022-01-19"),
        ("BCHA", "XEC", "2021-07-01"),
        ("BTT", "BTTC", "2022-01-18"),
        ("STRAT", "STRAX", "2020-11-12"),
        ("COCOS", "COMBO", "2023-05-29"),
    )
)
TAKEN: Final = {"LUNA": _day("2022-05-28")}
"""Tickers that another coin has borne since."""
MERGED: Final = {"AGIX": ("FET", _day("2024-07-01"))}
"""Coins that became another one: SingularityNET trades as Fetch.ai's since (documented by both)."""
SAME: Final = {
    "XBT": "BTC", "XDG": "DOGE", "MIOTA": "IOTA", "BCHABC": "BCH", "BCHSV": "BSV", "LUNA2": "LUNA",
}  # fmt: skip
"""Other tickers of venues for a coin."""
NAMED_SINCE: Final = {
    "Sonic": _day("2024-08-02"),
    "Sonic Labs": _day("2024-08-02"),
    "Vaulta": _day("2025-03-18"),
    "Gram": _day("2026-06-15"),
    "Artificial Superintelligence Alliance": _day("2024-07-01"),
    "Kaia": _day("2024-04-30"),
    "Galxe": _day("2022-08-01"),
    "MultiversX": _day("2022-11-04"),
    "Terra Classic": _day("2022-05-28"),
    "Luna Classic": _day("2022-05-28"),
    "Terra Luna Classic": _day("2022-05-28"),
    "Terra 2.0": _day("2022-05-16"),
    "Luna 2.0": _day("2022-05-16"),
}
"""Names that mean nothing before."""
TERRA: Final = ("Terra", "Terra Luna", "Luna")
"""Names that went over from LUNC to LUNA with the ticker."""

_NEWER: Final = {rename.old: rename for rename in RENAMES}
_OLDER: Final = {rename.new: rename for rename in RENAMES}


def changes() -> tuple[datetime, ...]:
    """When what a name or ticker means changed, in order: between two of them nothing does."""
    return tuple(
        sorted(
            {*(rename.at for rename in RENAMES), *TAKEN.values(), *NAMED_SINCE.values()}
            | {at for _, at in MERGED.values()}
        )
    )


def coin_of_base(base: str) -> str:
    """The coin that a venue calls by this ticker: its newest ticker, as far as one is told here."""
    coin = SAME.get(base, base)
    while coin in _NEWER and coin not in TAKEN:
        coin = _NEWER[coin].new
    return coin


def tickers(coin: str, at: datetime) -> tuple[str, ...]:
    """What a coin is called at a time: the ticker of that time, its older ones, those of some venues."""
    found: list[str] = []
    newer: str | None = coin
    while newer:
        rename = _OLDER.get(newer)
        if rename is None or at >= rename.at:
            found.append(newer)
        newer = rename.old if rename else None
    if coin in TAKEN and at < TAKEN[coin]:  # LUNA was another coin's
        found.remove(coin)
    found = [name for name in found if name == coin or name not in TAKEN or at < TAKEN[name]]
    return (*found, *(other for other, same in SAME.items() if same in found))
