"""How far a ticker can be trusted, told from what it looks like. Pure.

`ANY_CASE` mean a coin however they are written (btc). `KNOWN_WELL` do so in capitals. Of all others: one or two letters,
digits alone, currencies and abbreviations of other things are refused without the strongest support; words of
English and whatever else has three letters are doubted; the rest is made up and believed.
"""

from enum import IntEnum
from typing import Final

from alphapulse_assets.news.linking.words import WORDS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Trust(IntEnum):
    """How much support a ticker in capitals needs."""

    ANY_CASE = 0
    """None, however it is written."""
    PLAIN = 1
    """None, if capitals mean something in the text."""
    DOUBTED = 2
    """Something else in the text that is of crypto."""
    REFUSED = 3
    """A place where only a ticker can stand: in a list of tickers, before "token" or "+5%"."""


ANY_CASE: Final = _words(
    """BTC XBT ETH XRP DOGE LTC BNB USDT USDC BUSD FDUSD WBTC WETH STETH SHIB XMR AVAX MATIC TRX XLM BCH HBAR
    ZEC DYDX RNDR LUNC USTC FTM DOGWIFHAT FARTCOIN EGLD XTZ KSM TUSD USDE PYUSD ETHFI FLOKI WLFI 1INCH
    BABYDOGE MOODENG HNT XVG RVN DGB AGIX BTTC"""
)
"""Written in lower case every day, and nothing else in any language we met (ours)."""
KNOWN_WELL: Final = _words(
    """ADA SOL DOT UNI ICP XEM BSV BTG BTT EOS VET FIL INJ TIA ARB APT SUI SEI STX IMX LDO GRT CRV CVX MKR SNX
    YFI QNT AXS CHZ ENJ BAT ZIL LRC DCR ZEN QTUM ICX ONT ZRX OMG KNC BNT LUNA UST DAI CRO OKB KCS FTT TAO
    WLD WIF TON POL ENA RPL ENS GMX SFP TWT JST CKB CFX XDC KAS FET RLC GLM NMR TRB UMA YGG SLP GALA PEPE
    BONK ORDI PYTH JUP RENDER HYPE MANA THETA RUNE IOTA CELO KAVA PENDLE ONDO ORCA ROSE MINA KAIA"""
)
"""Short or like words, but of coins in capitals nearly always (ours)."""
ABBREVIATIONS: Final = _words(
    """USD EUR GBP JPY CNY CNH KRW INR TRY BRL RUB AUD CAD CHF SGD HKD MXN ARS UAH ZAR NGN VND IDR PHP THB AED
    EURI AEUR BIDR USA USAF UK EU UN UAE AI ML VR AR IT HR PR TV PC CEO CFO CTO COO CMO ETF ETFS ETP ETN SEC
    IPO GDP CPI PPI PCE PMI NFP FOMC FED ECB BOJ BOE PBOC IMF DOJ FBI CIA NSA IRS CFTC FDIC OCC FCA ESMA
    MICA MAS NYSE CME CBOE OTC AUM NAV YTD ATH ATL ROI APR APY TVL KYC AML FUD FOMO DCA HODL NFT NFTS DAO
    DEX CEX AMM MEV L1 L2 EVM SDK API APP DAPP DEFI GAMEFI RWA DEPIN BIP EIP ERC TPS POW POS ZK USB GPU CPU
    LLM GPT AGI IOT CBDC FAQ AMA CEST EST PST UTC GMT AM PM OK OP PSA TLDR IMO IMHO LOL LMAO WTF OMFG NSFW
    DYOR WAGMI NGMI GM GN FYI ASAP ID PIN OS IP URL PDF HTML SQL VPN DNS SIM SMS GOP NATO NASA FTX LA NY DC
    TX CA VC PE LP DM RT II III IV VI COVID HIV DNA MVP CTA ESG LLC LTD INC PLC AG SA NV SPAC REIT RSI EMA
    SMA MACD OI PNL DEGEN MEME ACT FAST"""
)
"""Abbreviations of other things that coins are called by, or could be (ours)."""


def trust(ticker: str) -> Trust:
    """Of a ticker in capitals."""
    if ticker in ANY_CASE:
        return Trust.ANY_CASE
    if ticker in KNOWN_WELL:
        return Trust.PLAIN
    if len(ticker) <= 2 or ticker.isdigit() or ticker in ABBREVIATIONS:
        return Trust.REFUSED
    if len(ticker) == 3 or ticker.lower() in WORDS:
        return Trust.DOUBTED
    return Trust.PLAIN
