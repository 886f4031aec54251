"""`alphapulse positions`: what is held and what it may lose. SQL functions and pure rules do the work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from alphapulse_assets.positions.known import RiskRows, risk_at, store_risk
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.export import parse_time
from alphapulse_cli.meant import known_or_as_asked, symbols_of, venues_of
from alphapulse_cli.output import Format, console, parse_format, print_json, print_records
from alphapulse_resources.database.client import Database, statement

_LIMITS: Final = ("max_symbol", "max_leverage", "max_value_at_risk", "max_correlation", "max_correlated")
_SHOWN: Final = ("account", "symbol", "side", "size", "entry", "gain", "liq.", "away")


@dataclass(frozen=True, slots=True)
class Entry:
    """A position as somebody enters it."""

    account: str
    venue: str
    symbol: str
    side: str
    size: float
    entry: float
    leverage: float | None
    margin_mode: str | None
    margin: float | None
    contracts: bool
    contract_size: float | None
    maintenance_rate: float | None
    maintenance_amount: float | None
    opened_at: str | None
    note: str | None
    change: bool


def add(entry: Entry) -> None:
    """Enter a position, or its new state, and tell its risk."""
    database = open_database()
    venue, symbol = _known(database, entry.venue, entry.symbol)
    given = {
        "account": entry.account, "venue": venue, "symbol": symbol, "side": entry.side, "size": entry.size,
        "entry": entry.entry, "leverage": entry.leverage, "margin_mode": entry.margin_mode,
        "opened_at": parse_time(entry.opened_at, "--opened-at"),
        "size_unit": "contracts" if entry.contracts else "base", "contract_size": entry.contract_size,
        "margin": entry.margin, "maintenance_rate": entry.maintenance_rate,
        "maintenance_amount": entry.maintenance_amount, "note": entry.note, "change": entry.change,
    }  # fmt: skip
    database.rows(statement("positions/open"), given)
    done = "changed" if entry.change else "opened"
    console().print(
        f"{done}: {entry.account} {entry.side} {entry.size:g} {venue} {symbol}", markup=False, soft_wrap=True
    )
    _tell_risk(database)


def close(
    account: str, venue: str, symbol: str, side: str, exit_price: float | None, closed_at: str | None
) -> None:
    """Enter that a position was closed."""
    database = open_database()
    venue, symbol = _known(database, venue, symbol)
    given = {
        "account": account, "venue": venue, "symbol": symbol, "side": side, "exit": exit_price,
        "closed_at": parse_time(closed_at, "--closed-at"),
    }  # fmt: skip
    database.rows(statement("positions/close"), given)
    console().print(f"closed: {account} {side} {venue} {symbol}", markup=False, soft_wrap=True)
    _tell_risk(database)


def show(at: str | None, form: str) -> None:
    """List what is held, now or as it was known at a time, with its risk."""
    style, database = parse_format(form), open_database()
    moment = parse_time(at, "--at") or datetime.now(UTC)
    rows = database.rows(statement("positions/held"), {"at": moment, "accounts": None})
    risks = {_key(row): row for row in risk_at(database, moment).positions.iter_rows(named=True)}
    records = [{**row, **_beside(risks.get(_key(row), {}))} for row in rows]
    if not style.for_people:
        print_records(records, list(records[0]) if records else ["account"], style)
        return
    if not records:
        console().print("nothing is held: alphapulse positions add VENUE SYMBOL long SIZE ENTRY")
        return
    print_records([_brief(each) for each in records], _SHOWN, style)
    for each in records:
        if each["liquidation_reason"] and each["settle"]:
            said = f"{each['account']} {each['symbol']}: {each['liquidation_reason']}"
            console().print(said, markup=False, soft_wrap=True)


def risk(*, as_json: bool) -> None:
    """Compute the risk of what is held now, keep it, and print it."""
    database = open_database()
    rows = risk_at(database, datetime.now(UTC))
    store_risk(database, rows)
    if as_json:
        print_json(
            {
                "positions": rows.positions.to_dicts(),
                "portfolios": rows.portfolio.risks.to_dicts(),
                "parts": rows.portfolio.parts.to_dicts(),
            }
        )
        return
    _print_risk(rows, _names(database))


def balance(account: str, currency: str, amount: float) -> None:
    """Enter what an account holds."""
    database = open_database()
    given = {"account": account, "currency": currency.upper(), "amount": amount}
    database.execute(statement("positions/balance"), given)
    console().print(f"{account} holds {amount:g} {currency.upper()}", markup=False)
    _tell_risk(database)


def read_accounts(*, as_json: bool) -> int:
    """Ask the venues whose read-only keys are set; exit code 1 where one did not answer."""
    from alphapulse_assets.datasets.collecting import Sources
    from alphapulse_assets.datasets.collector_run import run_collector
    from alphapulse_assets.positions.collect import ACCOUNTS
    from alphapulse_assets.positions.dataset import DATASETS
    from alphapulse_cli.symbols import PATIENCE_SECONDS, platform_settings
    from alphapulse_resources.venues.gateway import Gateway
    from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter

    database, settings = open_database(), platform_settings()
    asked = [each for each in ACCOUNTS if each.off_because(settings) is None]
    if not asked:
        raise CommandError("; ".join(f"{each.source} {each.off_because(settings)}" for each in ACCOUNTS))
    gateway = Gateway(DatabaseRateLimiter(database.dsn, max_wait=PATIENCE_SECONDS))
    rules = {each.name: each.rules for each in DATASETS}
    done = [run_collector(each, Sources(database, settings, gateway), rules) for each in asked]
    store_risk(database, risk_at(database, datetime.now(UTC)))
    told = [
        {"account": each.collector.source, "new_states": each.new, "error": each.error or ""} for each in done
    ]
    print_records(told, ("account", "new_states", "error"), Format.JSON if as_json else Format.TABLE)
    return int(any(each.error for each in done))


def limits(given: Mapping[str, float | None], account: str, equity: float | None, *, off: bool) -> None:
    """Set limits as a new version, switch them off, or show those that go."""
    database = open_database()
    wanted = {name: given.get(name) for name in _LIMITS}
    if off or any(value is not None for value in wanted.values()):
        if off and any(value is not None for value in wanted.values()):
            raise CommandError("--off stands alone: it is a version without limits")
        if (wanted["max_correlation"] is None) != (wanted["max_correlated"] is None):
            raise CommandError("--max-correlation and --max-correlated go together")
        parameters = {**wanted, "account": account, "equity": equity}
        database.rows(statement("positions/set_limits"), parameters)
    rows = database.rows(statement("positions/limits_now"))
    if not rows or all(rows[0][name] is None for name in _LIMITS):
        console().print("no limits: signals keep their sizes")
        return
    shown = [{"limit": name, "value": rows[0][name]} for name in ("version", "account", "equity", *_LIMITS)]
    print_records(shown, ("limit", "value"), Format.TABLE)


def _known(database: Database, venue: str, symbol: str) -> tuple[str, str]:
    found = known_or_as_asked(venue, venues_of(database))
    return found, known_or_as_asked(symbol, symbols_of(database, found))


def _tell_risk(database: Database) -> None:
    rows = risk_at(database, datetime.now(UTC))
    store_risk(database, rows)
    _print_risk(rows, _names(database))


def _names(database: Database) -> dict[int, str]:
    rows = database.rows("SELECT instrument_id, venue || ' ' || symbol AS name FROM instruments")
    return {row["instrument_id"]: row["name"] for row in rows}


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["account"], row["instrument_id"], row["side"], row["opened_at"]


def _beside(row: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        *("mark_price", "mark_ts", "mark_source", "base_size", "exposure", "gain", "liquidation_price"),
        *("liquidation_distance", "liquidation_reason", "funding_rate", "funding_per_day", "funding_reason"),
    )
    return {name: row.get(name) for name in names}


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    """One position in a line of 80 columns."""
    unit = " ct" if row["size_unit"] == "contracts" else ""
    return {
        "account": row["account"],
        "symbol": row["symbol"],
        "side": row["side"],
        "size": f"{row['size']:g}{unit}",
        "entry": _short(row["entry_price"]),
        "gain": _short(row["gain"]),
        "liq.": _short(row["liquidation_price"]),
        "away": "" if row["liquidation_distance"] is None else f"{row['liquidation_distance']:.1%}",
    }


def _print_risk(rows: RiskRows, names: Mapping[int, str]) -> None:
    """Each portfolio at each level, then what each symbol adds to the whole."""
    if rows.portfolio.risks.is_empty():
        return
    portfolios = [
        {
            "account": row["account"],
            "level": f"{row['level']:.0%}",
            "gross": _short(row["gross"]),
            "net": _short(row["net"]),
            "leverage": _short(row["leverage"]),
            "at risk": _short(row["value_at_risk"]),
            "shortfall": _short(row["expected_shortfall"]),
            "days": row["days"],
        }
        for row in rows.portfolio.risks.iter_rows(named=True)
    ]
    print_records(portfolios, list(portfolios[0]), Format.TABLE, title="One day's risk, in dollars")
    for reason in _reasons(rows.portfolio.risks.to_dicts()):
        console().print(reason, markup=False, soft_wrap=True)
    parts = [
        {
            "symbol": names.get(row["instrument_id"], str(row["instrument_id"])),
            "exposure": _short(row["exposure"]),
            "alone": _short(row["alone"]),
            "adds": _short(row["component"]),
        }
        for row in rows.portfolio.parts.iter_rows(named=True)
        if (row["account"], row["level"]) == ("all", 0.95)
    ]
    if parts:
        print_records(parts, list(parts[0]), Format.TABLE, title="What each adds, of all together at 95 %")


def _reasons(risks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why figures are missing, each once."""
    said = [
        f"{row['account']}: {row[name]}"
        for row in risks
        for name in ("leverage_reason", "reason")
        if row[name]
    ]
    left = [f"{row['account']} without {row['left_out']}" for row in risks if row["left_out"] != "{}"]
    return list(dict.fromkeys([*said, *left]))


def _short(value: float | None) -> str:
    """A figure in few columns."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100_000 else f"{value:,.6g}"
