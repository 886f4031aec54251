"""Reads an account at a venue with a key that may only look, through the shared gateway."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

import ccxt
from pydantic import SecretStr

from alphapulse_resources.accounts.model import AccountError, HeldPosition, Permission, VenueTier
from alphapulse_resources.accounts.signed import permission_of, signed_exchange, watch, without
from alphapulse_resources.settings import Settings
from alphapulse_resources.settings.model import DELIMITER, PREFIX
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import Fetch, VenueError
from alphapulse_resources.venues.registry import find_venue

T = TypeVar("T")

VENUES: Final = ("binanceusdm", "bybit")
"""Venues whose positions can be read; the account is named after its venue."""
_POSITIONS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "binanceusdm": ({"useV2": True},),  # V3 tells neither leverage nor margin mode
    "bybit": ({"settleCoin": "USDT"}, {"settleCoin": "USDC"}, {"subType": "inverse"}),
}
"""What is asked for all positions of an account."""
_WEIGHTS: Final = {"positions": 5, "balances": 5, "tiers": 1, "permission": 1, "markets": 1}
"""documented: Binance USD-M (5 for position and balance, 1 for brackets); Bybit counts requests."""


class AccountReader:
    """One account. Its key is looked at before anything else: one that can trade is refused."""

    def __init__(self, venue: str, settings: Settings, gateway: Gateway) -> None:
        key, secret = keys_of(settings, venue)
        if key is None or secret is None:
            raise AccountError(
                f"no key of {venue} is set: {variable(venue)}_KEY and _SECRET, of one that may only read"
            )
        self.venue, self.fetches = venue, list[Fetch]()
        self._gateway, self._secrets = gateway, (key, secret)
        self._exchange = signed_exchange(settings, venue, key, secret)
        self._checked = False

    def check(self) -> Permission:
        """What the key may do; AccountError where it is not told to be read-only."""
        found = self._ask("permission", lambda: permission_of(self._exchange))
        if not found.read_only:
            can = "withdraw" if found.withdraws else "trade"
            raise AccountError(
                f"the key of {self.venue} may {can}: positions are read with one that may only read. Make "
                f"such a key at the venue and set {variable(self.venue)}_KEY"
            )
        self._checked = True
        return found

    def positions(self) -> list[HeldPosition]:
        """All open positions."""
        self._ready()
        found = [
            each
            for asked in _POSITIONS[self.venue]
            for each in self._ask("positions", partial(self._exchange.fetch_positions, None, dict(asked)))
        ]
        return [position for each in found if (position := read_position(each)) is not None]

    def balances(self) -> dict[str, float]:
        """Wallet balances by currency, without unrealised gains."""
        self._ready()
        found = self._ask("balances", self._exchange.fetch_balance)
        return read_balances(self.venue, found["info"])

    def tiers(self, symbols: Iterable[str]) -> dict[str, list[VenueTier]]:
        """Maintenance tiers by symbol."""
        self._ready()
        wanted = sorted(set(symbols))
        if self.venue == "bybit":
            return {
                symbol: read_tiers(
                    self._ask("tiers", lambda name=symbol: self._exchange.fetch_market_leverage_tiers(name))  # type: ignore[misc]
                )
                for symbol in wanted
            }
        found = self._ask("tiers", self._exchange.fetch_leverage_tiers) if wanted else {}
        return {symbol: read_tiers(found.get(symbol, ())) for symbol in wanted}

    def _ready(self) -> None:
        if not self._checked:
            self.check()
        if self._exchange.markets is None:
            self._ask("markets", self._exchange.load_markets)

    def _ask(self, what: str, send: Callable[[], T]) -> T:
        api = find_venue(self.venue).rest
        now = datetime.now(UTC)

        def sent(seen: Seen) -> T:
            watch(self._exchange, seen, *self._secrets)
            return send()

        question = Request(
            source="rest", provider=self.venue, subject=f"{self.venue} account {what}", host=api.host,
            path=f"/account/{what}", start=now, end=now, buckets=(api.buckets["rest"],),
            weight=_WEIGHTS[what],
        )  # fmt: skip
        try:
            response = self._gateway.ask(question, sent)
        except VenueError as error:
            if isinstance(error.__cause__, ccxt.AuthenticationError | ccxt.PermissionDenied):
                said = without(str(error.__cause__), *self._secrets)[:300]
                raise AccountError(f"{self.venue} does not accept the key of the account: {said}") from None
            raise
        self.fetches += response.fetches
        return response.value


def variable(venue: str) -> str:
    """What the names of the variables of a venue's key and secret begin with."""
    return f"{PREFIX}ACCOUNTS{DELIMITER}{venue.upper()}"


def keys_of(settings: Settings, venue: str) -> tuple[SecretStr | None, SecretStr | None]:
    """Key and secret of a venue's account, where the settings have them."""
    accounts = settings.accounts
    return getattr(accounts, f"{venue}_key", None), getattr(accounts, f"{venue}_secret", None)


def read_position(told: Any) -> HeldPosition | None:
    """A position in ccxt's words; None for one that is empty."""
    contracts = float(told.get("contracts") or 0)
    if contracts == 0:
        return None
    info = told.get("info") or {}
    isolated = told.get("marginMode") == "isolated" or str(info.get("tradeMode")) == "1"
    margin = info.get("isolatedWallet") or info.get("positionBalance")
    return HeldPosition(
        symbol=told["symbol"],
        side=told["side"],
        contracts=contracts,
        contract_size=float(told["contractSize"]) if told.get("contractSize") else None,
        entry_price=float(told["entryPrice"]),
        leverage=float(told["leverage"]) if told.get("leverage") else None,
        margin_mode="isolated" if isolated else "cross",
        margin=float(margin) if isolated and margin else None,
        # the venue's own: ccxt works one out where there is none
        liquidation_price=float(info.get("liquidationPrice") or info.get("liqPrice") or 0) or None,
    )


def read_balances(venue: str, info: Any) -> dict[str, float]:
    """Wallet balances of a venue's own answer: ccxt's `total` has unrealised gains in it on some."""
    if venue == "bybit":
        coins = [coin for account in info["result"]["list"] for coin in account["coin"]]
        return {coin["coin"]: float(coin["walletBalance"] or 0) for coin in coins}
    rows: Sequence[Any] = info if isinstance(info, list) else info["assets"]
    name = "balance" if isinstance(info, list) else "walletBalance"
    return {row["asset"]: float(row.get("walletBalance", row.get(name)) or 0) for row in rows}


def read_tiers(told: Any) -> list[VenueTier]:
    """Tiers in ccxt's words, with the amount out of the venue's own (`cum`, `mmDeduction`)."""
    return [
        VenueTier(
            float(each["minNotional"] or 0),
            float(each["maintenanceMarginRate"]),
            float(each["info"].get("cum") or each["info"].get("mmDeduction") or 0),
            float(each["maxLeverage"]) if each.get("maxLeverage") else None,
        )
        for each in told
    ]
