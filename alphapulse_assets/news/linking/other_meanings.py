"""What else names and tickers mean, by the words beside them. Pure data (ours)."""

from typing import Final, NamedTuple

from alphapulse_assets.news.linking.context import words


class Beside(NamedTuple):
    """Words of which one directly before or behind makes it something else, all in lower case."""

    before: frozenset[str]
    after: frozenset[str]


NOTHING: Final = Beside(frozenset(), frozenset())
"""Of names that mean nothing else."""
_BESIDE: Final = """
to losses errors problems costs risks gains pressures woes fears debts fees | compound | for
| flare | gas
| gas | at powers powered
| bond | etf etfs
the a an | shiba inu | puppy puppies dog dogs breed
blockchain dlt crypto defi | sandbox |
the colorado snow liquidation | avalanche | of hits victims rescue warning risk danger kills buries goalie
the army family gated can will military chemical would could | compound |
| compound | interest interests annual growth growing returns effect effects the your word
| compound | words rate rates fracture eye problems drug
market automated chip drug car coffee deal king policy film trouble phone iphone | maker |
wallet toy peace history money watch vaccine difference decision ev playstation | maker |
shoe nft- | maker |
| maker | of movement space faire
cash order capital money news options the air trade deal funds work data payment | flow |
traffic to steady information | flow |
| flow | of from into through rate rates control chart charts traders data
he she it who still how | stacks | up of against on
the | ripple | effect effects through across out
market of investor cautious renewed with trader rate-cut ai on growing economic | optimism |
amid business consumer deal extreme wave bullish tariff | optimism |
| optimism | about over around that as fades grows returns in on is builds remains for among
| optimism | after of sweeps mounts bubble bias rises lifts fuels drives wanes dims high at
in perfect of | harmony | with between of among in
york ny of | cosmos | of club
with of | stellar |
| stellar | earnings jobs results performance quarter year growth gains returns run month week day
| stellar | rally job work debut report record rise sales start comeback line-up lineup
| tron | legacy ares movie film sequel
draw draws nears is in come so very anywhere nowhere too gets get sits trades hovers | near |
holds the trading drop falls hover drops stands steady price closes flat stays moves | near |
remains consolidates stalls hovering trade | near |
| near | term the all end a its record to their future zero real miss by death you me field
| near | that these this those top bottom completion it low lows high highs key major
regulatory digital fintech new innovation fca dlt uk eu government bank | sandbox |
| sandbox | for game environment program programme scheme rules regime to
of regulatory in from into | the sandbox | for environment program programme scheme regime to of
mad door last final the | dash | of to for cam board camera
yield bonding learning ahead forward cost flatter steeper supply laffer price | curve |
pricing treasury the | curve |
| curve | steepens inverts flattens inversion of ball control shows
to will | render | unto the it a them him
| sonic | the boom booms hedgehog movie youth
| polygon | of shape mesh
the | terra | firma nova cotta incognita
| wormhole | through
| jupiter | mission moon moons fl hospital wellness
mickey earth's the | mantle | of plume
solar tempers | flare | up ups of
| wave | of
making heat make makes made new shock brain as radio | waves | of at in
its the current legal tax their reserve | status | of quo symbol update
in of see | the graph | of shows below above
stay is keep be not as to keeping play | safe | haven and to for from is harbor harbour bet
the pop fashion | icon | of and
full the | blast | from off at
| gala | dinner event night
| turbo | charged charge
blood | plasma | tv physics donor donations
| casper | the mattress
| theta | decay waves
| solar | panels panel power energy eclipse flare farm stocks
| gram | of stain
laser | beam | of
| hive | of mind
| mina | the
| sui | generis juris
| pepe | the
| sushi | restaurant rolls roll
on the | verge | of
as business | usual | suspects
ledger | nano | x s
cathie | ark | invest 21shares investment
| etc | group
the to missing no click phishing referral this video discord | link | in to between with below
no the which only each day number xbox human | one | of more
oil natural shale lng tear greenhouse eth ethereum high low the russian crude | gas |
petrol cooking less | gas |
| gas | fee fees price prices limit station stations costs cost used stocks field fields
| gas | exports giant producer tank pipeline
a the | ton | of
red the us | dot | com plot plots
| time | magazine
10y 2y 30y | ust | yield yields bonds auction auctions 10y curve
every an each single | atom |
"""
_ELSEWHERE: Final = """
DOGE: department efficiency federal agency agencies workers employees usaid irs layoffs
ADA: disabilities disability wheelchair accessibility
LTC: nursing caregiver caregivers
BAT: tobacco cigarettes cigarette vape
DOT: transportation airline airlines highway faa motorists
VET: veterans pet pets
APT: hackers malware cyberespionage lazarus apartment rent
ICP: ovarian
EOS: canon camera lens
"""
"""Tickers that are believed elsewhere, and words of texts in which they mean something else."""


def _beside() -> dict[str, Beside]:
    found: dict[str, Beside] = {}
    for line in _BESIDE.strip().splitlines():
        before, name, after = line.split("|")
        old = found.get(name.strip(), NOTHING)
        found[name.strip()] = Beside(old.before | words(before), old.after | words(after))
    return found


BESIDE: Final = _beside()
"""By name or ticker in lower case."""
ELSEWHERE: Final = {
    ticker: words(said) for ticker, said in (line.split(":") for line in _ELSEWHERE.strip().splitlines())
}
"""By ticker."""
KINDS: Final = {"Bitcoin": ("magazine",), "Solana": ("beach",)}
"""Names of other things, by their first word."""
