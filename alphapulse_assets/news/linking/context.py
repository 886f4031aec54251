"""What the words around a name or ticker say of it. Pure data (ours)."""

from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables like these."""
    return frozenset(text.split())


CRYPTO: Final = words(
    """crypto cryptos cryptocurrency cryptocurrencies blockchain blockchains altcoin altcoins memecoin
    memecoins stablecoin stablecoins token tokens tokenized tokenised tokenomics defi nft nfts web3 onchain
    mainnet testnet airdrop airdrops staking stakers staked restaking validator validators dapp dapps dex
    dexs dexes tvl hodl hodlers hodling subnet subnets rollup rollups parachain parachains l1 l2 dao daos
    halving binance coinbase kraken okx bybit kucoin bitfinex bitstamp bitget upbit bithumb gemini huobi htx
    ftx mexc metamask grayscale coinmarketcap coingecko defillama satoshi sats coin coins shitcoin shitcoins
    alt alts altseason gwei miners hashrate erc erc20 bep20 zk evm cryptos perp perps multisig tokenization
    cefi"""
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
    """nyse nasdaq shares shareholders shareholder stock stocks earnings eps dividend dividends premarket
    guidance quarterly buyback buybacks q1 q2 q3 q4 fy24 fy25 inc corp plc ebitda downgrade downgraded
    outperform underweight overweight revenue revenues 10-k 8-k otc s&p dow russell tsx lse asx restaurant
    restaurants patients fda drugmaker chipmaker semiconductor airline retailer"""
)
"""Words that make a text one of stocks, in lower case."""
STOCK_TICKERS: Final = words(
    """AAPL TSLA NVDA MSFT AMZN GOOG GOOGL META NFLX AMD INTC SPY QQQ IWM DIA BABA JPM BAC GS XOM CVX PFE DIS
    NKE KO PEP WMT COST HD BA F GM GE T VZ PLTR SNOW CRM ORCL IBM UBER LYFT RIVN LCID NIO AMC GME HOOD SOFI
    PYPL SQ V MA"""
)
"""Stocks that cashtags stand for beside each other."""
STRONG_AFTER: Final = words(
    """token tokens blockchain mainnet testnet coin coins validators validator stakers subnet subnets dapps
    nfts parachain airdrop memecoin stablecoin dao tvl perps perpetuals hodlers"""
)
"""After a name or ticker: nothing but a coin can stand there."""
AFTER: Final = STRONG_AFTER | words(
    """price prices network protocol foundation labs ecosystem chain holders whales whale bulls bears defi nft
    founder cofounder co-founder developers developer devs etf etfs etp trust treasury futures open staking
    wallet wallets upgrade bridge community team inflows outflows funding longs shorts bags bag pumps pump
    pumping dumps dumping pumped dumped rallies rally rallied surges surge surged soars soared jumps jumped
    climbs climbed gains gained slides slid slips slipped drops dropped falls fell tumbles tumbled plunges
    plunged crashes crashed rebounds rebounded trades traded trading breaks broke hits hit tests eyes leads
    lags"""
)
"""After a name or ticker: a coin can well stand there, in a text of crypto."""
BEFORE: Final = words(
    """buy buying bought sell selling sold long longed short shorted hold holding hold hodl stake staking
    staked swap swapped my some more accumulate accumulating accumulated dca own owns dumping dumped"""
)
"""Before a ticker, in a text of crypto."""
NOT_AFTER: Final = {
    name: words(said)
    for name, said in {
        "avalanche": "of hits victims rescue warning risk danger in kills buries",
        "compound": "interest interests annual growth growing returns effect effects the your that this by "
        "word words rate rates fracture eye problems drug",
        "maker": "of movement space",
        "flow": "of from into through rate rates control chart charts traders data is",
        "stacks": "up of against on",
        "stack": "up",
        "ripple": "effect effects through across out",
        "optimism": "about over around that as fades grows returns in on and is builds remains for among after "
        "of sweeps mounts bubble bias rises lifts fuels drives wanes dims high at",
        "harmony": "with between and of in among",
        "cosmos": "and of club",
        "stellar": "earnings results performance quarter year growth gains returns run month week day rally job "
        "work debut report record rise sales start comeback six line-up lineup",
        "tron": "legacy ares movie film sequel",
        "near": "term the all end a its record to their future zero real miss by death you me field that these "
        "this those top bottom completion it low lows high highs",
        "sandbox": "for game environment program programme scheme rules regime for to",
        "the sandbox": "for environment program programme scheme regime to of",
        "dash": "of to for cam board camera",
        "curve": "steepens inverts flattens inversion of ball control as is shows",
        "render": "unto the it a them him",
        "sonic": "the boom booms hedgehog movie boom youth",
        "polygon": "is of shape mesh",
        "terra": "firma nova cotta incognita",
        "wormhole": "in through to",
        "jupiter": "and mission moon moons is fl hospital wellness",
        "mantle": "of plume",
        "flare": "up ups of",
        "wave": "of",
        "waves": "of at in",
        "status": "of quo symbol update",
        "safe": "haven and to for from is harbor harbour bet",
        "golem": "in",
        "graph": "of shows",
        "the graph": "of shows below above",
        "sushi": "restaurant bar chain rolls roll and",
        "icon": "of and in",
        "blast": "from off at in",
        "gala": "dinner event night",
        "turbo": "charged charge",
        "plasma": "tv physics donor",
        "casper": "the mattress",
        "theta": "decay waves",
        "solar": "panels panel power energy eclipse flare farm stocks",
        "gram": "of stain",
        "beam": "of",
        "hive": "of",
        "mina": "the",
        "sui": "generis juris",
        "solana": "beach",
        "bitcoin": "magazine",
        "link": "in to between with",
        "gas": "fee fees price prices limit station stations costs cost used stocks field fields exports giant "
        "producer tank pipeline prices",
    }.items()
}
"""Words that follow where a name means something else, in lower case."""
NOT_BEFORE: Final = {
    name: words(said)
    for name, said in {
        "avalanche": "an the colorado this snow liquidation",
        "compound": "to the army family gated a can will military that this chemical returns",
        "maker": "market automated chip drug car coffee deal king policy film trouble phone iphone wallet toy "
        "peace history money watch vaccine difference decision ev playstation shoe",
        "flow": "cash order capital money news options the air trade deal funds work data payment traffic",
        "stacks": "he she it who she still how",
        "ripple": "a the",
        "optimism": "market of investor cautious renewed trade with trader rate-cut ai on growing economic "
        "amid business consumer more and deal extreme much wave bullish tariff growing",
        "harmony": "in perfect of",
        "cosmos": "the york ny of",
        "stellar": "a with of another its",
        "near": "draw draws nears is in come so very anywhere nowhere too gets get sits trades hovers holds the "
        "trading drop falls hover drops stands steady price closes flat stays moves remains and or "
        "consolidates stalls hovering trade buy",
        "sandbox": "regulatory a digital fintech the new innovation fca dlt uk eu government bank",
        "the sandbox": "of regulatory in from into",
        "dash": "mad a door last final the",
        "curve": "yield bonding learning the a ahead forward cost flatter steeper supply laffer price pricing treasury",
        "render": "to will",
        "terra": "the",
        "wormhole": "a",
        "flare": "solar tempers",
        "waves": "making heat make new shock brain as made",
        "status": "its the current legal tax their no reserve",
        "the graph": "in of",
        "safe": "stay is keep be not as a to",
        "icon": "an the pop fashion",
        "blast": "a full the",
        "gas": "oil natural shale lng tear greenhouse eth ethereum and high low the russian less more crude "
        "petrol cooking",
        "link": "a the to missing no click phishing referral this",
        "one": "no the any which this only every each that day number xbox",
    }.items()
}
"""Words that stand before a name where it means something else, in lower case."""
