"""How far a ticker can be trusted, told from what it looks like. Pure.

`ANY_CASE` mean a coin however they are written (btc), `KNOWN_WELL` in capitals. Of all others: one or two
letters, digits alone, abbreviations of other things and words that are said loudly (NOT, ONE) are refused
but in the clearest places; other words, and tickers of stocks, need a place for a ticker; what else has
three letters needs a text of crypto; the rest is made up and believed.
"""

from enum import IntEnum
from typing import Final

from alphapulse_assets.news.linking.context import STOCK_TICKERS, words
from alphapulse_assets.news.linking.words import WORDS


class Trust(IntEnum):
    """How much support a ticker in capitals needs."""

    ANY_CASE = 0
    """None, however it is written."""
    PLAIN = 1
    """None, if capitals mean something in the text."""
    DOUBTED = 2
    """Something else in the text that is of crypto."""
    WORD = 3
    """A place where a ticker can stand: in a list, before "token", "price" or "jumps", behind "sold"."""
    REFUSED = 4
    """A place where hardly anything else can: in a list, before "jumps" or "+5%"."""


ANY_CASE: Final = words(
    """BTC XBT ETH XRP DOGE LTC BNB USDT USDC BUSD FDUSD WBTC WETH STETH SHIB XMR AVAX MATIC TRX XLM
    BCH HBAR ZEC DYDX RNDR LUNC USTC FTM DOGWIFHAT FARTCOIN EGLD XTZ KSM TUSD USDE PYUSD ETHFI LUNA2
    LRC FLOKI WLFI 1INCH BABYDOGE MOODENG HNT XVG RVN DGB AGIX BTTC"""
)
"""Written in lower case every day, and nothing else in any language we met (ours)."""
KNOWN_WELL: Final = words(
    """ADA SOL DOT UNI ICP XEM BSV BTG BTT EOS VET FIL INJ TIA ARB APT SUI SEI STX IMX LDO GRT CRV CVX
    MKR SNX YFI QNT AXS CHZ ENJ BAT ZIL LRC DCR ZEN QTUM ICX ONT ZRX KNC BNT LUNA UST DAI CRO OKB
    KCS FTT TAO WLD WIF TON POL ENA RPL ENS GMX SFP TWT JST CKB CFX XDC KAS FET RLC GLM NMR NEO TRB
    UMA YGG SLP GALA PEPE BONK ORDI PYTH JUP MANA THETA RUNE IOTA CELO KAVA PENDLE ONDO ORCA MINA
    KAIA"""
)
"""Short or like words, but of coins in capitals nearly always (ours)."""
ABBREVIATIONS: Final = words(
    """USD EUR GBP JPY CNY CNH KRW INR TRY BRL RUB AUD CAD CHF SGD HKD MXN ARS UAH ZAR NGN VND IDR PHP
    THB AED EURI AEUR BIDR USA USAF UK EU UN UAE AI ML VR IT HR PR TV PC CEO CFO CTO COO CMO ETF
    ETFS ETP ETN SEC IPO GDP CPI PPI PCE PMI NFP FOMC FED ECB BOJ BOE PBOC IMF DOJ FBI CIA NSA IRS
    CFTC FDIC OCC FCA ESMA MICA MAS NYSE CME CBOE OTC AUM NAV YTD ATH ATL ROI APR APY TVL KYC AML
    FUD FOMO DCA HODL NFT NFTS DAO DEX CEX AMM MEV L1 L2 EVM SDK API APP DAPP DEFI GAMEFI RWA DEPIN
    BIP EIP ERC TPS POW POS USB GPU CPU LLM GPT AGI IOT CBDC FAQ AMA CEST EST PST UTC AM PM OK PSA
    TLDR IMO IMHO LOL LMAO WTF OMFG NSFW DYOR WAGMI NGMI GM GN FYI ASAP PIN OS URL PDF HTML SQL VPN
    DNS SIM SMS GOP NATO NASA FTX LA NY DC TX CA VC PE LP DM RT II III IV VI COVID HIV DNA MVP CTA
    ESG LLC LTD INC PLC AG SA NV SPAC REIT RSI EMA SMA MACD OI PNL DEGEN MEME SPX NDX DXY VIX DJI
    ATM GPS STO IDO IEO ICO KOL VAT FIS P2E P2P B2B KYB TGE MOU"""
)
"""Abbreviations of other things that coins are called by, or could be (ours)."""
LOUD: Final = words(
    """THE FOR NOT JUST ONE ALL ANY THIS THAT REAL TRUE SAFE HOT FUN HIGH LOW HARD SUPER KEY PEOPLE
    TIME NOW NEVER STOP BUY SELL HOLD MORE BEST BIG FREE WIN LOSE GOOD BAD USUAL NEW OPEN FAST PAY
    SOON HIGHER MOVE COMMON YES STABLE ACT ALT ALTS OMG PUMP TRUMP BULL BEAR MOON NEXT VERY SURE
    MUST NEED HUGE ONLY"""
)
"""Words that are written in capitals for emphasis (ours)."""
GOODS: Final = words("GOLD SILVER OIL")
"""Goods whose prices are told beside coins' in capitals: tickers with a sign, a quote or "token" only."""
INDICES: Final = words("SPX NDX DXY VIX DJI")
"""Cashtags of stock indices and currencies."""
FUNCTION: Final = words("THE FOR NOT JUST ONE ALL ANY THIS THAT A I ONLY NO NEW MORE NEXT BEST ALT ALTS")
"""Of these, those that stand before "token" in any sentence."""


def trust(ticker: str) -> Trust:
    """Of a ticker in capitals."""
    if ticker in ANY_CASE:
        return Trust.ANY_CASE
    if ticker in KNOWN_WELL:
        return Trust.PLAIN
    if len(ticker) <= 2 or ticker.isdigit() or ticker in ABBREVIATIONS or ticker in LOUD:
        return Trust.REFUSED
    if ticker.lower() in WORDS or ticker in STOCK_TICKERS:
        return Trust.WORD
    if len(ticker) == 3:
        return Trust.DOUBTED
    return Trust.PLAIN
