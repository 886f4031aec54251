"""What the words around a name or ticker say of it. Pure data (ours)."""

from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables like these."""
    return frozenset(text.split())


CRYPTO: Final = words(
    """crypto cryptos cryptocurrency cryptocurrencies blockchain blockchains altcoin altcoins memecoin
    memecoins stablecoin stablecoins token tokens tokenized tokenised tokenomics defi nft nfts web3
    onchain mainnet testnet airdrop airdrops staking stakers staked restaking validator validators
    dapp dapps dex dexs dexes tvl hodl hodlers hodling subnet subnets rollup rollups parachain
    parachains l1 l2 dao daos halving binance coinbase kraken okx bybit kucoin bitfinex bitstamp
    bitget upbit bithumb gemini huobi htx ftx mexc metamask grayscale coinmarketcap coingecko
    defillama satoshi sats coin coins shitcoin shitcoins alt alts altseason gwei miners hashrate erc
    erc20 bep20 zk evm cryptos perp perps multisig tokenization cefi wallet wallets zkevm superchain
    whales glassnode messari certik kaiko nansen santiment coinshares chainalysis cryptoquant
    coinglass arkham dune sbtc swaps fork hardfork metaverse nakamoto alameda opensea consensys"""
)
"""Words that make a text one of crypto, in lower case."""
OUTLETS: Final = (
    "coin",
    "crypto",
    "block",
    "defi",
    "decrypt",
    "btc",
    "ethereum",
    "token",
    "dlnews",
    "hodl",
    "web3",
)
"""Parts of the names of outlets and subreddits that write of crypto."""
STOCKS: Final = words(
    """nyse nasdaq shares shareholders shareholder stock stocks earnings eps dividend dividends
    premarket guidance quarterly buyback buybacks q1 q2 q3 q4 fy24 fy25 inc corp plc ebitda
    downgrade downgraded outperform underweight overweight revenue revenues 10-k 8-k otc s&p dow
    russell tsx lse asx restaurant restaurants patients fda drugmaker chipmaker semiconductor
    airline retailer"""
)
"""Words that make a text one of stocks, in lower case."""
STOCK_TICKERS: Final = words(
    """AAPL TSLA NVDA MSFT AMZN GOOG GOOGL META NFLX AMD INTC SPY QQQ IWM DIA BABA JPM BAC GS XOM CVX
    PFE DIS NKE KO PEP WMT COST HD BA F GM GE T VZ PLTR SNOW CRM ORCL IBM UBER LYFT RIVN LCID NIO
    AMC GME HOOD SOFI PYPL SQ V MA COIN MSTR CRCL MARA RIOT CLSK BLK IBIT GBTC"""
)
"""Stocks that cashtags stand for beside each other."""
STRONG_AFTER: Final = words(
    """token tokens blockchain mainnet testnet coin coins validators validator stakers subnet subnets
    dapps nfts parachain airdrop memecoin stablecoin dao tvl perps perpetuals hodlers marines"""
)
"""After a name or ticker: nothing but a coin can stand there."""
PRICE_MOVES: Final = words(
    """pumps pumped dumps dumped rallies rallied surges surged soars soared jumps jumped climbs climbed
    slides slid slips slipped drops dropped falls fell tumbles tumbled plunges plunged crashes
    crashed rebounds rebounded outperforms outperformed underperforms underperformed skyrockets
    sinks sank"""
)
"""What prices do: after a ticker in capitals that is no word said loudly, it is one."""
MOVES: Final = PRICE_MOVES | words(
    """pumping dumping gains gained trades traded loses weakens strengthens spikes spiked hits leads
    lags debuts adds retreats recovers doubles triples up down"""
)
"""What a coin does, after its ticker, in a text of crypto."""
AFTER: Final = (
    STRONG_AFTER
    | MOVES
    | words(
        """price network protocol foundation labs ecosystem chain holders whales whale bulls bears defi
        nft founder cofounder co-founder developers devs etf etfs etp treasury futures staking
        inflows outflows longs shorts bags bag community trading rally burn burns unlock unlocks
        supply breaks broke tests eyes"""
    )
)
"""After a name or ticker: a coin can well stand there, in a text of crypto."""
BEFORE: Final = words(
    """buy buying bought sell selling sold long longed short shorted holding hodl stake staking staked
    swap swapped accumulate accumulating accumulated dca dumped added more"""
)
"""Before a ticker, in a text of crypto."""
DETERMINERS: Final = words(
    """a an his her its their our my your this that these those every some no any more less much such
    another"""
)
"""Before a name that is a word: it is the word, unless what follows is a coin's."""
AFTER_NAME: Final = words(
    """treasury etf etfs foundation network labs protocol ecosystem chain founder cofounder holders
    fork hard upgrade price whales bulls validators developers proposal token airdrop bridge"""
)
"""After a name in a sentence, in lower case: it is a coin's, in what is collected here."""
BEFORE_NAME: Final = words(
    """protocol blockchain network platform exchange dex rollup token coin project chain lender altcoin
    rival layer-1 layer-2 memecoin stablecoin"""
)
"""Before a name in a sentence, in lower case: what it is."""
LEVELS: Final = words("under below above at past over near reclaims tops")
"""Between a ticker and a price in dollars."""
STILL: Final = words("still also now is are has have just finally briefly price token")
"""Between a ticker and what it does: one of these may stand."""
EXCHANGES: Final = words("nyse nasdaq otc otcmkts tsx lse asx amex cboe otcqb otcqx tsxv")
"""Stock exchanges: with a colon before a ticker, it is a stock's."""
