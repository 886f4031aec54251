"""ccxt exchanges with a key: told of every answer, and no secret in any message."""

from typing import Any, Final

import ccxt
from pydantic import SecretStr

from alphapulse_resources.accounts.model import Permission
from alphapulse_resources.http import make_session
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Seen

OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "binance": {"fetchMarkets": {"types": ["spot"]}, "defaultType": "spot", "fetchMargins": False},
    "binanceusdm": {"fetchMarkets": {"types": ["linear"]}},
    "bybit": {"fetchMarkets": {"types": ["spot", "linear", "inverse"]}},
}
"""What ccxt is asked to load of each venue whose accounts are known."""


def signed_exchange(settings: Settings, venue: str, key: SecretStr, secret: SecretStr) -> Any:
    """A ccxt exchange that signs; it paces nothing and repeats nothing by itself."""
    exchange = getattr(ccxt, venue)(
        {
            "apiKey": key.get_secret_value(),
            "secret": secret.get_secret_value(),
            "session": make_session(settings),
            "enableRateLimit": False,
            "timeout": round(settings.venues.http_timeout_seconds * 1000),
            "options": {**OPTIONS[venue], "fetchCurrencies": False},
        }
    )
    exchange.has["fetchCurrencies"] = False  # load_markets would ask for them with the key
    return exchange


def watch(exchange: Any, seen: Seen, *secrets: SecretStr) -> None:
    """Tell `seen` of every answer from now on, with keys and signatures left out: Bybit repeats them."""

    def on_rest_response(
        code: int, _reason: str, _url: str, _method: str, headers: Any, body: str, *_request: Any
    ) -> str:
        seen.status, seen.headers = code, headers
        seen.body = without(body[:2000], *secrets)
        return body.strip()

    exchange.on_rest_response = on_rest_response


def without(text: str, *secrets: SecretStr) -> str:
    """The text with each secret as ***."""
    for secret in secrets:
        if value := secret.get_secret_value():
            text = text.replace(value, "***")
    return text


def permission_of(exchange: Any) -> Permission:
    """What the exchange's key may do.

    documented: Binance, "Get API Key Permission (USER_DATA)" (which is on the live host alone, so test
    networks tell nothing); Bybit v5, "Get API Key Information" (`readOnly` 1, or no permission at all,
    cannot trade).
    """
    if exchange.id == "bybit":
        found = exchange.privateGetV5UserQueryApi()["result"]
        given = found.get("permissions") or {}
        read_only = str(found.get("readOnly")) == "1"
        trading = any(given.get(name) for name in ("ContractTrade", "Spot", "Options", "Derivatives"))
        withdraws = any("Withdraw" in str(each) for each in given.get("Wallet") or ())
        return Permission(trading and not read_only, withdraws and not read_only)
    if "sapi" not in exchange.urls["api"]:
        return Permission(None, None)
    found = exchange.sapiGetAccountApiRestrictions()
    names = ("enableFutures", "enableSpotAndMarginTrading", "enableMargin", "enablePortfolioMarginTrading")
    trades = any(found.get(name) in (True, "true") for name in names)
    return Permission(trades, found.get("enableWithdrawals") in (True, "true"))
