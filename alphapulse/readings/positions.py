"""Positions that are read from accounts, and their risk."""

from typing import Final

from alphapulse.readings.filters import ACCOUNT, BASE, SYMBOL, VENUE, one_of
from alphapulse.readings.reading import Reading

HELD: Final = one_of("side", "Which way.", "long", "short")
NOW: Final = "it tells what is held now"


def _now(
    name: str, path: str, relation: str, summary: str, *, of: tuple[str, ...], by: tuple[str, ...]
) -> Reading:
    known = {"account": ACCOUNT, "symbol": SYMBOL, "venue": VENUE, "base": BASE, "side": HELD}
    return Reading(
        name=name,
        path=f"positions/{path}" if path else "positions",
        relation=relation,
        summary=summary,
        filters=tuple(known[each] for each in of),
        order=by,
        time=None,
        known=None,
        no_as_of=NOW,
        newest_first=False,
        is_now=True,
        tags=("positions",),
    )


READINGS: Final = (
    _now(
        "positions",
        "",
        "positions_open",
        "Positions that are open, by account.",
        of=("account", "symbol", "venue", "base", "side"),
        by=("account", "venue", "symbol", "side"),
    ),
    _now(
        "exposure",
        "exposure",
        "exposure",
        "What open positions are worth at present prices.",
        of=("account", "symbol", "venue", "base", "side"),
        by=("account", "venue", "symbol", "side"),
    ),
    _now(
        "exposure_by_account",
        "exposure/accounts",
        "exposure_by_account",
        "Exposure, gain and leverage of each account.",
        of=("account",),
        by=("account",),
    ),
    _now(
        "exposure_by_base",
        "exposure/bases",
        "exposure_by_base",
        "Exposure by base currency.",
        of=("base",),
        by=("base",),
    ),
    _now(
        "exposure_by_symbol",
        "exposure/symbols",
        "exposure_by_symbol",
        "Exposure by symbol.",
        of=("symbol", "venue", "base"),
        by=("venue", "symbol"),
    ),
    Reading(
        name="position_risk",
        path="positions/risk",
        relation="position_risk",
        summary="Liquidation price, distance and funding of each position over time.",
        filters=(ACCOUNT, SYMBOL, VENUE, BASE, HELD),
        order=("ts", "account", "venue", "symbol", "side", "opened_at"),
        tags=("positions",),
    ),
    Reading(
        name="portfolio_risk",
        path="positions/portfolio",
        relation="portfolio_risk",
        summary="Value at risk and expected shortfall of each account.",
        filters=(ACCOUNT,),
        order=("ts", "account", "level"),
        tags=("positions",),
    ),
    Reading(
        name="portfolio_risk_by_symbol",
        path="positions/portfolio/symbols",
        relation="portfolio_risk_by_symbol",
        summary="What each position adds to the risk of its account.",
        filters=(ACCOUNT, SYMBOL, VENUE),
        order=("ts", "account", "level", "venue", "symbol"),
        tags=("positions",),
    ),
)
