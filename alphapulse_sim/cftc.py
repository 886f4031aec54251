"""The CFTC's Public Reporting Environment: Traders in Financial Futures, as the Socrata API gives them.

Positions follow the market's price and are whole contracts that add up: longs and spreads of all groups are
the open interest, shorts and spreads too. A report is there from its release on, and not before.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from aiohttp import web

from alphapulse_sim.cftc_calendar import release_ms, report_days
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.hashing import Ints, key, noise
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY
from alphapulse_sim.market import Market
from alphapulse_sim.socrata import SoqlError, project, select

HOST: Final = "publicreporting.cftc.gov"
REPORTS: Final = {"gpe5-46if": "FutOnly", "yw9f-hn96": "Combined"}
MARKETS: Final = {  # code: name, units, coin, contracts held on average, first report
    "133741": ("BITCOIN", "(5 Bitcoins)", "BTC", 22_000, "2018-04-10"),
    "133742": ("MICRO BITCOIN", "(.1 Bitcoin)", "BTC", 30_000, "2021-05-11"),
    "146021": ("ETHER CASH SETTLED", "(50 Index Points)", "ETH", 12_000, "2021-03-30"),
    "146022": ("MICRO ETHER", "(.1 Index Points)", "ETH", 60_000, "2022-01-11"),
}


class _Group(NamedTuple):
    """A trader group: shares of longs, shorts and spreads; how much longer it is when the price is high."""

    stem: str  # of its columns
    long: float
    short: float
    spread: float
    lean: float


_GROUPS: Final = (
    _Group("dealer", 0.10, 0.12, 0.02, 0.0),
    _Group("asset_mgr", 0.42, 0.12, 0.03, 0.4),
    _Group("lev_money", 0.20, 0.52, 0.08, -0.5),
    _Group("other_rept", 0.14, 0.10, 0.02, 0.1),
    _Group("nonrept", 0.14, 0.14, 0.0, 0.2),
)
_WITH_ALL: Final = ("dealer", "nonrept")
FEWEST_TOLD: Final = 4
ONE_DAY: Final = timedelta(days=1)


class Cftc:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._week = lru_cache(maxsize=8192)(self._positions)

    def routes(self) -> list[web.RouteDef]:
        """The route of all its data sets."""
        return [web.get(f"/{HOST}/resource/{{name}}.json", self.resource)]

    async def resource(self, request: web.Request) -> web.Response:
        """Rows of a data set as a query asks for them; the newest may not be out yet."""
        report, now = REPORTS.get(request.match_info["name"]), self.sim.now_ms(request)
        if report is None:
            return reply({"code": "dataset.missing", "error": True, "message": "Not found"}, status=404)
        try:
            page = select(self._index(report, now), COLUMNS, request.query)
            return reply(project([self._row(report, each) for each in page], request.query))
        except SoqlError as error:
            return reply({"code": error.code, "error": True, "message": str(error)}, status=400)

    def _index(self, report: str, now_ms: int) -> list[dict[str, str]]:
        """Which reports are out at a time: what queries ask by, without the figures."""
        today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        return [
            {
                "id": f"{day:%y%m%d}{code}{report[0]}",
                "market_and_exchange_names": f"{name} - CHICAGO MERCANTILE EXCHANGE",
                "report_date_as_yyyy_mm_dd": f"{day.isoformat()}T00:00:00.000",
                "contract_market_name": name,
                "cftc_contract_market_code": code,
                "futonly_or_combined": report,
                "commodity_name": "BITCOIN" if coin == "BTC" else "ETHER",
                "commodity_subgroup_name": "DIGITAL ASSET",
            }
            for code, (name, _, coin, _, first) in MARKETS.items()
            for day in report_days(date.fromisoformat(first), today)
            if release_ms(day) <= now_ms
        ]

    def _row(self, report: str, found: dict[str, str]) -> dict[str, str]:
        code, day = (
            found["cftc_contract_market_code"],
            date.fromisoformat(found["report_date_as_yyyy_mm_dd"][:10]),
        )
        first = date.fromisoformat(MARKETS[code][4])
        earlier = report_days(max(first, day - 9 * ONE_DAY), day - ONE_DAY)
        figures = self._week(report, code, day)
        return {
            **found,
            "yyyy_report_week_ww": f"{day:%Y} Report Week {day.isocalendar().week:02d}",
            "cftc_market_code": "CME ",
            "cftc_region_code": "CHI",
            "cftc_commodity_code": f"{code[:3]} ",
            **{column: str(value) for column, value in figures.items()},
            **_changes(figures, self._week(report, code, earlier[-1]) if earlier else None),
            **_shares(figures),
            **_traders(self.sim.market, code, day),
            **_concentration(figures),
            "contract_units": MARKETS[code][1],
            "cftc_subgroup_code": "F90",
            "commodity": found["commodity_name"],
            "commodity_group_name": "FINANCIAL INSTRUMENTS",
        }

    def _positions(self, report: str, code: str, day: date) -> dict[str, int]:
        """Open interest, and positions of all groups: a pure function of seed, contract and week."""
        _, _, coin, average, _ = MARKETS[code]
        at = np.array([epoch_ms(day.isoformat())], dtype=np.int64)
        stream = (self.sim.market.seed, "cftc", code)
        level = 0.5 * noise(key(*stream, "level"), at, 300 * DAY) + 0.2 * noise(
            key(*stream, "week"), at, 7 * DAY
        )
        total = int(average * np.exp(level)[0] * (1.06 if report == "Combined" else 1.0))
        high = _how_high(self.sim, coin, at)
        spreads = [
            int(total * each.spread * (1 + 0.3 * _wave(stream, at, each.stem, "spread"))) for each in _GROUPS
        ]
        rest = total - sum(spreads)
        longs = _split(
            rest, [e.long * (1 + e.lean * high + 0.2 * _wave(stream, at, e.stem, "long")) for e in _GROUPS]
        )
        shorts = _split(
            rest, [e.short * (1 - e.lean * high + 0.2 * _wave(stream, at, e.stem, "short")) for e in _GROUPS]
        )
        figures = {"open_interest_all": total}
        for group, long, short, spread in zip(_GROUPS, longs, shorts, spreads, strict=True):
            stem, ending = group.stem, "_all" if group.stem in _WITH_ALL else ""
            figures[f"{stem}_positions_long{ending}"] = long
            figures[f"{stem}_positions_short{ending}"] = short
            if stem != "nonrept":
                figures[f"{stem}_positions_spread{ending}"] = spread
        reported = sum(spreads)
        figures["tot_rept_positions_long_all"] = sum(longs[:-1]) + reported
        figures["tot_rept_positions_short"] = sum(shorts[:-1]) + reported
        return figures


def _how_high(sim: Simulator, coin: str, at: Any) -> float:
    """Where the price is beside its level: about -1 to 1."""
    listing = sim.catalogue.find("binance", "spot", f"{coin}USDT")
    assert listing is not None
    return float(np.tanh(np.log(sim.market.mid(listing, at)[0] / listing.price)))


def _wave(stream: tuple[Any, ...], at: Any, stem: str, side: str) -> float:
    return float(noise(key(*stream, stem, side), at, 28 * DAY)[0])


def _split(total: int, weights: list[float]) -> list[int]:
    """Whole parts of a total by weights; the last takes what rounding leaves."""
    parts = [int(total * weight / sum(weights)) for weight in weights[:-1]]
    return [*parts, total - sum(parts)]


def _change_of(column: str) -> str:
    """change_in_dealer_long_all of dealer_positions_long_all."""
    return "change_in_" + column.replace("_positions", "")


def _changes(figures: dict[str, int], before: dict[str, int] | None) -> dict[str, str]:
    if before is None:
        return {}
    return {_change_of(column): str(value - before[column]) for column, value in figures.items()}


def _shares(figures: dict[str, int]) -> dict[str, str]:
    total = figures["open_interest_all"]
    parts = {column: value for column, value in figures.items() if column != "open_interest_all"}
    shares = {
        "pct_of_oi_" + column.replace("_positions", ""): f"{100 * value / total:.1f}"
        for column, value in parts.items()
    }
    return {"pct_of_open_interest_all": "100.0", **shares}


_TRADERS: Final = {  # column: how many on average
    "traders_dealer_long_all": 5, "traders_dealer_short_all": 4, "traders_dealer_spread_all": 3,
    "traders_asset_mgr_long_all": 14, "traders_asset_mgr_short_all": 7, "traders_asset_mgr_spread": 6,
    "traders_lev_money_long_all": 16, "traders_lev_money_short_all": 25, "traders_lev_money_spread": 18,
    "traders_other_rept_long_all": 20, "traders_other_rept_short": 9, "traders_other_rept_spread": 8,
}  # fmt: skip
COLUMNS: Final = frozenset(
    {
        "id", "market_and_exchange_names", "report_date_as_yyyy_mm_dd", "cftc_contract_market_code",
        "contract_market_name", "futonly_or_combined", "commodity_name", "commodity_subgroup_name",
    }
)  # fmt: skip
"""Columns that a query may name here; the real one knows them all."""


def _traders(market: Market, code: str, day: date) -> dict[str, str]:
    """How many traders; of fewer than four it is not told, and of all it is."""
    at = np.array([epoch_ms(day.isoformat())], dtype=np.int64)
    counts = {
        column: round(average * (1 + 0.4 * _noise(market, code, column, at)))
        for column, average in _TRADERS.items()
    }
    told = {column: str(count) for column, count in counts.items() if count >= FEWEST_TOLD}
    sides = {
        side: sum(count for column, count in counts.items() if f"_{side}" in column)
        for side in ("long", "short")
    }
    return {
        "traders_tot_all": str(max(sides.values()) + 10),
        **told,
        "traders_tot_rept_long_all": str(sides["long"]),
        "traders_tot_rept_short_all": str(sides["short"]),
    }


def _noise(market: Market, code: str, column: str, at: Ints) -> float:
    return float(noise(key(market.seed, "cftc", code, column), at, 60 * DAY)[0])


def _concentration(figures: dict[str, int]) -> dict[str, str]:
    """What the four and the eight largest hold, in percent: made of the shares of the largest groups."""
    total = figures["open_interest_all"]
    sides = {
        side: max(value for column, value in figures.items() if f"_{side}" in column and "tot_" not in column)
        / total
        for side in ("long", "short")
    }
    return {
        f"conc_{what}_le_{count}_tdr_{side}{end}": f"{100 * sides[side] * share:.1f}"
        for what, part, end in (("gross", 1.0, ""), ("net", 0.9, "_all"))
        for count, share in ((4, 0.6 * part), (8, 0.8 * part))
        for side in ("long", "short")
    }
