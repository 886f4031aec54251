"""Where streams are found: each venue's websocket addresses, and `/_sim/truth` to hold books against."""

from typing import Any, Final

from aiohttp import web

from alphapulse_sim.binance import SPOT, USDM
from alphapulse_sim.binance import Dialect as BinanceDialect
from alphapulse_sim.binance_coinm import COINM
from alphapulse_sim.binance_streams import binance_dialect
from alphapulse_sim.book import TICK_MS, Side
from alphapulse_sim.bybit_streams import bybit_dialect
from alphapulse_sim.coinbase_streams import coinbase_dialect
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.decimals import short_strings
from alphapulse_sim.instruments import Listing
from alphapulse_sim.kraken_streams import kraken_dialect
from alphapulse_sim.stream_replay import Recording, replay_routes, replaying
from alphapulse_sim.stream_source import StreamSource
from alphapulse_sim.streams import DialectFactory, stream_handler
from alphapulse_sim.weights import SPOT_HOSTS

SPOT_STREAMS: Final = (
    "stream.binance.com:9443", "stream.binance.com:443", "stream.binance.com", "data-stream.binance.vision",
)  # fmt: skip
USDM_STREAMS: Final = "fstream.binance.com"
COINM_STREAMS: Final = "dstream.binance.com"
BYBIT_STREAMS: Final = "stream.bybit.com"
COINBASE_STREAMS: Final = "advanced-trade-ws.coinbase.com"
KRAKEN_STREAMS: Final = "ws.kraken.com"
_BYBIT_KINDS: Final = {"spot": "spot", "linear": "perpetual"}
_MARKETS: Final = {
    **dict.fromkeys((*SPOT_STREAMS, *SPOT_HOSTS), ("binance", "spot")),
    **dict.fromkeys((USDM_STREAMS, "fapi.binance.com"), ("binanceusdm", "perpetual")),
    **dict.fromkeys((COINM_STREAMS, "dapi.binance.com"), ("binancecoinm", "perpetual")),
    **dict.fromkeys((COINBASE_STREAMS, "api.coinbase.com"), ("coinbase", "spot")),
    **dict.fromkeys((KRAKEN_STREAMS, "api.kraken.com"), ("kraken", "spot")),
}
_BYBIT_HOSTS: Final = (BYBIT_STREAMS, "api.bybit.com")


def stream_routes(sim: Simulator, recording: Recording | None = None) -> list[web.RouteDef]:
    """The websockets of every venue, and the truth. A `recording` takes the place of its market."""
    source = StreamSource(sim)
    futures = recording is not None and any("pu" in frame.data for frame in recording.frames)
    spot_recording, usdm_recording = (None, recording) if futures else (recording, None)
    routes = [route for host in SPOT_STREAMS for route in _binance(host, SPOT, source, spot_recording)]
    routes += _binance(USDM_STREAMS, USDM, source, usdm_recording)
    routes += _binance(COINM_STREAMS, COINM, source, None)
    if recording is not None:
        routes += replay_routes(recording, ["fapi.binance.com"] if futures else SPOT_HOSTS)
    for category, kind in _BYBIT_KINDS.items():
        handler = stream_handler(BYBIT_STREAMS, source, bybit_dialect(kind))
        routes.append(web.get(f"/{BYBIT_STREAMS}/v5/public/{category}", handler))
    coinbase = stream_handler(COINBASE_STREAMS, source, coinbase_dialect)
    routes += [web.get(f"/{COINBASE_STREAMS}{end}", coinbase) for end in ("", "/")]
    kraken = stream_handler(KRAKEN_STREAMS, source, kraken_dialect)
    routes.append(web.get(f"/{KRAKEN_STREAMS}/v2", kraken))
    return [*routes, web.get("/_sim/truth", Truth(source).book)]


def _binance(
    host: str, market: BinanceDialect, source: StreamSource, recording: Recording | None
) -> list[web.RouteDef]:
    live = binance_dialect(market)
    dialect: DialectFactory = replaying(recording, live) if recording else live
    handler = stream_handler(host, source, dialect)
    starts = [f"/{host}"]
    if market is USDM:  # has the same under the names of its traffic
        starts += [f"/{host}/{traffic}" for traffic in ("public", "market")]
    ends = ("/stream", "/ws", "/ws/{streams:.+}")
    return [web.get(start + end, handler) for start in starts for end in ends]


class Truth:
    """What a local book has to be equal to."""

    def __init__(self, source: StreamSource) -> None:
        self._source = source

    async def book(self, request: web.Request) -> web.Response:
        """All levels after `update_id` (default: now), best first, numbers without trailing zeros."""
        listing = self._listing(request)
        given = request.query.get("update_id", str(self._source.tick))
        if listing is None or not given.isdecimal():
            hosts = ", ".join((*_MARKETS, *_BYBIT_HOSTS))
            error = f"give symbol=, update_id= (a whole number), host= one of {hosts}; Bybit: category= too"
            return reply({"error": error}, status=400)
        book = self._source.book(listing, int(given))
        sides = {"bids": _levels(listing, book.bids), "asks": _levels(listing, book.asks)}
        return reply({"symbol": listing.symbol, "update_id": int(given), "ts": int(given) * TICK_MS, **sides})

    def _listing(self, request: web.Request) -> Listing | None:
        host, symbol = request.query.get("host", ""), request.query.get("symbol", "")
        if host in _BYBIT_HOSTS:
            kind = _BYBIT_KINDS.get(request.query.get("category", "linear"), "")
            return self._source.sim.catalogue.find("bybit", kind, symbol)
        venue, kind = _MARKETS.get(host, ("", ""))
        return self._source.sim.catalogue.find(venue, kind, symbol)


def _levels(listing: Listing, side: Side) -> list[list[Any]]:
    prices = short_strings(side.price, listing.price_digits)
    sizes = short_strings(side.size, listing.size_digits)
    return [list(level) for level in zip(prices, sizes, strict=True)]
