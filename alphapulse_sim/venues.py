"""The one list of venue hosts: which module answers for which."""

from aiohttp import web

from alphapulse_sim.accounts import NETWORKS, Accounts
from alphapulse_sim.binance import SPOT, USDM, BinanceMarket
from alphapulse_sim.binance_account import BinanceAccounts
from alphapulse_sim.binance_algo import BinanceUsdmOrders
from alphapulse_sim.binance_archive import BinanceArchive
from alphapulse_sim.binance_coinm import COINM, BinanceCoinm
from alphapulse_sim.binance_futures import BinanceUsdm
from alphapulse_sim.binance_futures_archive import BinanceFuturesArchive
from alphapulse_sim.binance_info import ExchangeInfo
from alphapulse_sim.binance_private import BinanceOrders
from alphapulse_sim.bybit import Bybit
from alphapulse_sim.bybit_account import BybitAccount
from alphapulse_sim.bybit_private import BybitPrivate
from alphapulse_sim.cftc import Cftc
from alphapulse_sim.coinbase import Coinbase
from alphapulse_sim.coinbase_exchange import CoinbaseExchange
from alphapulse_sim.coingecko import CoinGecko
from alphapulse_sim.coinglass import Coinglass
from alphapulse_sim.coinmarketcap import CoinMarketCap
from alphapulse_sim.context import Simulator
from alphapulse_sim.defillama import DefiLlama
from alphapulse_sim.deribit import Deribit
from alphapulse_sim.gdelt import Gdelt
from alphapulse_sim.kraken import Kraken
from alphapulse_sim.news_feeds import NewsFeeds
from alphapulse_sim.newsapi import NewsApi
from alphapulse_sim.weights import SPOT_HOSTS
from alphapulse_sim.yahoo import Yahoo


def venue_routes(sim: Simulator) -> list[web.RouteDef]:
    """The routes of every venue, each under its host name."""
    return [
        *_binance(sim),
        *Bybit(sim).routes("api.bybit.com"),
        *Coinbase(sim).routes("api.coinbase.com"),
        *CoinbaseExchange(sim).routes("api.exchange.coinbase.com"),
        *Kraken(sim).routes("api.kraken.com"),
        *Deribit(sim).routes(),
        *Yahoo(sim).routes(),
        *CoinGecko(sim).routes(),
        *CoinMarketCap(sim).routes(),
        *Cftc(sim).routes(),
        *Coinglass(sim).routes(),
        *DefiLlama(sim).routes(),
        *NewsFeeds(sim).routes(),
        *Gdelt(sim).routes(),
        *NewsApi(sim).routes(),
    ]


def _binance(sim: Simulator) -> list[web.RouteDef]:
    info = ExchangeInfo(sim)
    return [
        *(route for host in SPOT_HOSTS for route in BinanceMarket(sim, SPOT).routes(host)),
        *(web.get(f"/{host}/api/v3/exchangeInfo", info.spot) for host in SPOT_HOSTS),
        *BinanceUsdm(sim, USDM).routes("fapi.binance.com"),
        web.get("/fapi.binance.com/fapi/v1/exchangeInfo", info.usdm),
        *BinanceCoinm(sim, COINM).routes("dapi.binance.com"),
        *BinanceArchive(sim).routes(),
        *BinanceFuturesArchive(sim).routes(),
    ]


def private_routes(sim: Simulator, accounts: Accounts) -> list[web.RouteDef]:
    """Orders and accounts, and the market of the test networks, which is that of the live ones."""
    info = ExchangeInfo(sim)
    found: list[web.RouteDef] = []
    for host, (venue, network) in NETWORKS.items():
        test, binance = network == "test", BinanceAccounts(sim, accounts, network)
        if venue == "binance":
            found += BinanceOrders(sim, accounts, SPOT, network).routes(host) + binance.spot_routes(host)
            if test:
                found += [
                    *BinanceMarket(sim, SPOT).routes(host),
                    web.get(f"/{host}/api/v3/exchangeInfo", info.spot),
                ]
        elif venue == "binanceusdm":
            found += BinanceUsdmOrders(sim, accounts, USDM, network).routes(host) + binance.usdm_routes(host)
            if test:
                found += [
                    *BinanceUsdm(sim, USDM).routes(host),
                    web.get(f"/{host}/fapi/v1/exchangeInfo", info.usdm),
                ]
        else:
            found += BybitPrivate(sim, accounts, network).routes(host)
            found += BybitAccount(sim, accounts, network).routes(host)
            if test:
                found += Bybit(sim).routes(host)
    return found
