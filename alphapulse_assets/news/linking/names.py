"""What coins are called, apart from their tickers. Pure data (ours).

A line is a coin, by its newest ticker, and names of it. How far a name can be trusted is written before it:

- nothing: a made-up word that means nothing else, in any case (Solana, solana);
- `^`: only with capitals (Tether: a dog can be tethered);
- `?`: a word or name that means other things, too (Avalanche, Compound): needs support;
- `!`: a company that the market takes for the coin (Ripple).

Tokens of exchanges are found by their own names (Binance Coin): news of Binance is not news of BNB.
"""

from typing import Final

NAMES: Final = """
BTC: Bitcoin, Bitcoins, Bitcoiner, Bitcoiners, Bitcoinu, Bitcoiny, Bitcoinem, Bitcoina, Bitcoinie
BTC: Bitcoine, Bitcoines, ₿, Биткоин, Биткойн, 比特币, 比特幣, ビットコイン, 비트코인, بيتكوين, बिटकॉइन
ETH: Ethereum, Ethereumu, Etherea, ?ether, spot ether, ether ETF, ether ETFs, ether ETPs, ether futures
ETH: ether price, ^Ether, Эфириум, 以太坊, イーサリアム, 이더리움
XRP: !Ripple, 리플
BNB: Binance Coin, BNB Chain, ^BNB Smart Chain
SOL: Solana, 솔라나
USDT: ^Tether, 泰达币
USDC: USD Coin, USDCoin
DOGE: Dogecoin, Dogecoins
ADA: Cardano
TRX: ?Tron, ^TRON DAO, ^Tron Network
AVAX: ?Avalanche, ^Avalanche C-Chain
GRAM: Toncoin, ?Gram, ^The Open Network
SHIB: Shiba Inu, Shibarium, ^Shiba Inu Coin
LINK: Chainlink
DOT: Polkadot
BCH: Bitcoin Cash
BSV: Bitcoin SV, ^Bitcoin Satoshi Vision
BTG: ^Bitcoin Gold
BCD: ^Bitcoin Diamond
LTC: Litecoin, Litecoins
ETC: Ethereum Classic
ETHW: EthereumPoW, ^Ethereum PoW
WBTC: wBTC, Wrapped Bitcoin, Wrapped BTC
WETH: Wrapped Ether, Wrapped Ethereum
STETH: stETH, Lido Staked Ether, ^Staked Ether
XLM: ?Stellar, ^Stellar Lumens, ?Lumens
XMR: Monero
ZEC: Zcash
DASH: ?Dash
NEO: ?Neo
GAS: ^Neo Gas
QTUM: Qtum
XTZ: Tezos
IOTA: ?Iota
ALGO: Algorand
VET: VeChain
VTHO: VeThor
FIL: Filecoin
HBAR: ^Hedera, ^Hedera Hashgraph
ICP: ^Internet Computer, ^Internet Computer Protocol
NEAR: ^NEAR Protocol, ^NEAR Foundation
ATOM: ?Cosmos, ^Cosmos Hub
UNI: Uniswap
AAVE: Aave
COMP: ?Compound, ^Compound Finance
SNX: Synthetix
YFI: ^Yearn Finance, ^Yearn
CRV: ?Curve, ^Curve Finance, ^Curve DAO
CVX: ^Convex Finance
LDO: ?Lido, ^Lido DAO, ^Lido Finance
RPL: ^Rocket Pool
SUSHI: SushiSwap, ?Sushi
CAKE: PancakeSwap
1INCH: 1inch, ^1inch Network
BAL: ^Balancer Protocol, ?Balancer
GRT: ?The Graph
MANA: Decentraland
SAND: ?The Sandbox, ?Sandbox
AXS: Axie Infinity, Axie
SLP: ^Smooth Love Potion
ENJ: Enjin, ^Enjin Coin
CHZ: Chiliz
GALA: ?Gala, ^Gala Games
IMX: ^Immutable X, ImmutableX, ?Immutable
APE: ApeCoin, ApeChain
FLOW: ?Flow
EGLD: MultiversX, Elrond
ONE: ?Harmony, ^Harmony One, ^Harmony Protocol
KAIA: Klaytn, ?Kaia
MINA: ?Mina, ^Mina Protocol
FLR: ?Flare, ^Flare Network
THETA: ?Theta, ^Theta Network
STX: ?Stacks
APT: Aptos
ARB: Arbitrum
OP: ?Optimism
SUI: ?Sui
SEI: ?Sei, ^Sei Network
TIA: ?Celestia
INJ: ^Injective, ^Injective Protocol
RUNE: THORChain
KAS: Kaspa
KAVA: ?Kava
OSMO: ?Osmosis
SCRT: ^Secret Network
ROSE: ^Oasis Network, ^Oasis Protocol
KSM: Kusama
GLMR: ^Moonbeam
MOVR: ?Moonriver
ASTR: ^Astar Network, ?Astar
CELO: ^Celo
ZIL: Zilliqa
ICX: ?Icon
ONT: ?Ontology
WAVES: ?Waves
XEM: ^NEM
RVN: Ravencoin
DGB: DigiByte
XVG: ?Verge
XNO: ?Nano
ZEN: ?Horizen
SC: Siacoin
DCR: Decred
HOT: ?Holo, Holochain
ANKR: Ankr
STORJ: Storj
GLM: ?Golem
SNT: ?Status
CVC: ?Civic
OMG: ^OMG Network, OmiseGO
ZRX: ^0x Protocol
LRC: Loopring
KNC: ^Kyber Network
BNT: Bancor
NMR: Numeraire, ?Numerai
REP: ?Augur
GNO: ?Gnosis
SAFE: ?Safe
ENS: ^Ethereum Name Service
BAT: ^Basic Attention Token
FRAX: ?Frax
DAI: ^Dai
USDE: ^Ethena USDe, ^USDe
ENA: Ethena
PYUSD: ^PayPal USD
FDUSD: ^First Digital USD
TUSD: TrueUSD
BUSD: ^Binance USD
RLUSD: ^Ripple USD
USDD: ^Decentralized USD
USTC: TerraClassicUSD, TerraUSD, ^Terra USD
AR: Arweave
LPT: Livepeer
AKT: ^Akash Network, ?Akash
TAO: Bittensor
WLD: Worldcoin
PYTH: ^Pyth Network, ?Pyth
JUP: ?Jupiter
JTO: ?Jito
RAY: Raydium
ORCA: ?Orca
W: ?Wormhole
PENDLE: Pendle
ONDO: ^Ondo Finance, ?Ondo
ORDI: ?Ordi
PEPE: ?Pepe, ^Pepe Coin, Pepecoin
BONK: ?Bonk
WIF: dogwifhat
FLOKI: Floki, ^Floki Inu
BOME: ^Book of Meme
TRUMP: ^Official Trump
MELANIA: ^Official Melania
FARTCOIN: Fartcoin
PENGU: ^Pudgy Penguins
POPCAT: ?Popcat
MOG: ^Mog Coin
BLUR: ?Blur
DYDX: dYdX
GMX: GMX
HYPE: Hyperliquid
STRK: Starknet, StarkNet
ZK: zkSync, ZKsync
ZRO: LayerZero
EIGEN: EigenLayer, ?EigenCloud
ETHFI: ^ether.fi
BERA: Berachain
IP: ^Story Protocol
MOVE: ^Movement Labs
VIRTUAL: ^Virtuals Protocol
KAITO: ?Kaito
PUMP: ^Pump.fun
WLFI: ^World Liberty Financial
ASTER: ?Aster
XPL: ?Plasma
MNT: ?Mantle, ^Mantle Network
BLAST: ?Blast
MANTA: ^Manta Network
METIS: ?Metis
CFX: Conflux
CORE: ^Core DAO, CoreDAO
CRO: ?Cronos
OKB: OKB
BGB: ^Bitget Token
HT: ^Huobi Token
KCS: ^KuCoin Token
FTT: ^FTX Token
CEL: ^Celsius Token
NEXO: ?Nexo
LEO: ^UNUS SED LEO
SUN: ^Sun Token
BAND: ^Band Protocol
OCEAN: ^Ocean Protocol
AGIX: SingularityNET
API3: API3
TRB: Tellor
UMA: ^UMA
PERP: ^Perpetual Protocol
ALPHA: ^Alpha Finance, ^Alpha Venture DAO
MASK: ^Mask Network
HIGH: ^Highstreet
PEOPLE: ConstitutionDAO
TIME: ^Chrono.tech, ?Wonderland
ID: ^SPACE ID
EDU: ^Open Campus
CYBER: CyberConnect
ACH: ^Alchemy Pay
COTI: ^COTI
CKB: ^Nervos, ^Nervos Network
LSK: ?Lisk
STEEM: ^Steem
HIVE: ?Hive
WAXP: ?Wax
CSPR: ?Casper
XDC: ^XDC Network
JASMY: JasmyCoin
BICO: ?Biconomy
GODS: ^Gods Unchained
ILV: Illuvium
GMT: STEPN
YGG: ^Yield Guild Games
AUDIO: Audius
RLC: iExec
CTSI: Cartesi
SKL: ^SKALE
POWR: ^Power Ledger
FUN: FunToken, FUNToken
WIN: WINkLink
CHR: Chromia
OGN: ^Origin Protocol
TWT: ^Trust Wallet Token
SXP: ?Solar
G: ?Galxe
SSV: ^SSV Network
RDNT: ^Radiant Capital
TURBO: ?Turbo
NOT: Notcoin
DOGS: ?Dogs
CATI: Catizen
HMSTR: ^Hamster Kombat
AERO: ^Aerodrome Finance
MORPHO: ?Morpho
USUAL: ?Usual
ME: ^Magic Eden
GRASS: ?Grass
PI: ^Pi Network, ^Pi Coin
FARM: ^Harvest Finance
ICE: ^Ice Open Network
SFP: SafePal
DIA: ^DIA Data
QNT: ^Quant Network
ZETA: ZetaChain
ALT: AltLayer
DYM: Dymension
PIXEL: ^Pixels
RON: ?Ronin
SAGA: ?Saga
REZ: ^Renzo
TNSR: ?Tensor
MANTRA: ^MANTRA DAO, ?Mantra
BEAM: ?Beam
PAXG: ^PAX Gold
XAUT: ^Tether Gold
KEY: SelfKey
ACE: Fusionist
CEL: ^Celsius Network
FOR: ForTube
PYR: ^Vulcan Forged
TRAC: OriginTrail
KDA: ^Kadena
POL: ?Polygon, ^Polygon Network, ^Matic Network, Matic
S: ^Fantom, ?Sonic, ^Sonic Labs
A: ^EOS, ?Vaulta
RENDER: ?Render, ^Render Network, ^Render Token
SKY: MakerDAO, ?Maker, ^Sky Protocol
BTTC: BitTorrent
FET: ^Fetch.ai, ^Artificial Superintelligence Alliance
HNT: ^Helium Network, ?Helium
LUNC: ^Terra Classic, ^Terra Luna Classic, ^Luna Classic
LUNA: ^Terra 2.0, ^Luna 2.0
"""
