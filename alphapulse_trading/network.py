"""Where orders go: nowhere, to a venue's test network, or, said in so many words, to the live one."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import SecretStr

from alphapulse_resources.accounts.signed import permission_of, signed_exchange
from alphapulse_resources.settings import Settings
from alphapulse_trading.model import Network, TradingError

VENUES: Final = ("binance", "binanceusdm", "bybit")
UNDERSTOOD: Final = "orders are placed with real money"
"""What ALPHAPULSE_TRADING__I_UNDERSTAND has to say before anything goes to a live network."""


def network_of(settings: Settings) -> Network:
    """The network that the settings name; TradingError where trading is off, or live is not said in words."""
    mode = settings.trading.mode
    if mode == "off":
        raise TradingError("trading is off: ALPHAPULSE_TRADING__MODE=test sends orders to test networks")
    if mode == "live" and settings.trading.i_understand != UNDERSTOOD:
        raise TradingError(f'mode live needs ALPHAPULSE_TRADING__I_UNDERSTAND="{UNDERSTOOD}", word for word')
    return mode


def keys_of(settings: Settings, venue: str) -> tuple[SecretStr, SecretStr]:
    """Key and secret for trading at a venue; TradingError where they are not set."""
    if venue not in VENUES:
        raise TradingError(f"orders go to {', '.join(VENUES)}: not to {venue!r}")
    key = getattr(settings.trading, f"{venue}_key")
    secret = getattr(settings.trading, f"{venue}_secret")
    if key is None or secret is None:
        raise TradingError(
            f"no key for orders at {venue} is set: its KEY and SECRET in the section TRADING of the settings"
        )
    return key, secret


def configured(settings: Settings) -> Sequence[str]:
    """Venues whose keys for trading are set."""
    return [venue for venue in VENUES if getattr(settings.trading, f"{venue}_key") is not None]


def exchange_for(settings: Settings, venue: str) -> Any:
    """A ccxt exchange on the network that the settings name.

    Binance's futures have a demo in the place of their test network, which ccxt no longer supports.
    """
    network = network_of(settings)
    exchange = signed_exchange(settings, venue, *keys_of(settings, venue))
    exchange.options["recvWindow"] = settings.trading.recv_window_ms
    exchange.options["warnOnFetchOpenOrdersWithoutSymbol"] = False
    if network == "test":
        if venue == "binanceusdm":
            exchange.enable_demo_trading(True)
        else:
            exchange.set_sandbox_mode(True)
    return exchange


def check_key(exchange: Any, network: Network) -> None:
    """TradingError for a key that cannot trade, or that can withdraw, as far as the venue tells."""
    found = permission_of(exchange)
    if found.trades is False:
        raise TradingError(f"the key for orders at {exchange.id} may only read: it places none")
    if found.withdraws:
        raise TradingError(f"the key for orders at {exchange.id} may withdraw: use one that may not")
    if network == "live" and found.trades is None:
        raise TradingError(
            f"{exchange.id} does not tell what the key may do: nothing is sent to its live network"
        )
