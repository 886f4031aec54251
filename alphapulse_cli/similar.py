"""`alphapulse similar`: bars that look like these, what followed each, and whether that tells anything."""

from collections.abc import Sequence
from typing import Any

import orjson

from alphapulse.lookalike.following import HORIZONS, Followed
from alphapulse.lookalike.similar import Match, Similar
from alphapulse_cli.client import client
from alphapulse_cli.output import Format, console, hint, parse_format, print_rows

Cell = str | float | None


def run(
    symbol: str,
    timeframe: str,
    *,
    venue: str | None,
    at: str | None,
    bars: int,
    matches: int,
    also: Sequence[str],
    history: int,
    seed: int | None,
    form: str,
) -> None:
    """Print the matches, then what followed them beside random windows."""
    style = parse_format(form)
    with client() as db:
        found = db.similar(
            symbol,
            timeframe,
            venue=venue,
            at=at,
            bars=bars,
            matches=matches,
            also=list(also) or None,
            history=history,
            seed=seed,
        )
    out = console()
    if style is Format.JSON:
        out.print(orjson.dumps(found.as_dict(), option=orjson.OPT_UTC_Z).decode(), soft_wrap=True)
        return
    title = (
        f"{found.venue} {found.symbol} {found.timeframe}: the {found.bars} bars from"
        f" {found.start:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M},"
        f" among {found.windows:,} earlier windows"
    )
    print_rows(
        ("match ends", "symbol", "distance", "alike", *(f"after {h}" for h in HORIZONS)),
        [_row(each) for each in found.matches],
        style,
        title=title if style.for_people else None,
    )
    if not style.for_people:
        return
    print_rows(
        ("within", "known", "counted", "rose", "random", "mean ATR", "random sets", "q", "verdict"),
        [_beside(each) for each in found.followed],
        style,
        title="what followed the matches, beside random sets of as many windows",
    )
    out.print(found.in_words, soft_wrap=True)
    _told(found)


def _told(found: Similar) -> None:
    if found.left_out:
        hint(f"{found.left_out:,} windows were left out: bars are missing in them, or they are flat")
    hint("after N: return N bars after the match in per cent (and in ATR); empty: not over then")


def _row(match: Match) -> tuple[Any, ...]:
    after = (_return(match.returns_pct[h], match.returns_atr[h]) for h in HORIZONS)
    return (match.end, match.symbol, round(match.distance, 3), f"{match.correlation:.3f}", *after)


def _return(percent: float | None, in_atr: float | None) -> str | None:
    if percent is None:
        return None
    return f"{percent:+.2f} %" + ("" if in_atr is None else f" ({in_atr:+.1f})")


def _beside(each: Followed) -> tuple[Any, ...]:
    if not each.counted:
        return (f"{each.horizon} bars", each.known, 0, *(None,) * 5, each.verdict)
    return (
        f"{each.horizon} bars",
        each.known,
        each.counted,
        f"{each.rose:.0%}",
        f"{each.random_rose_low:.0%} to {each.random_rose_high:.0%}",
        f"{each.mean_atr:+.2f}",
        f"{each.random_low:+.2f} to {each.random_high:+.2f}",
        f"{each.q:.2f}",
        each.verdict,
    )
