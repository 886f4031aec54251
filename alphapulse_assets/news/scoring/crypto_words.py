"""Words as crypto has them, on VADER's scale of -4 to 4, written by us. Pure.

VADER knows the words of everyday life: "plunges", "mooning" and "delisted" are none of them, and of others it
knows the wrong sense (a trust is a fund, a block is no obstacle, the United States are not united by it).
"""

from typing import Final

_GOOD: Final = {
    3.2: "moon mooning moons skyrocket skyrockets skyrocketed skyrocketing parabolic",
    2.6: "soar soars soared soaring surge surges surged surging ath all-time-high record-high bullish bull "
    "bulls bullrun rally rallies rallied rallying breakout outperform outperforms outperformed "
    "outperforming lambo wagmi",
    2.2: "jump jumps jumped jumping spike spikes spiked climb climbs climbed climbing gain gains "
    "gained gaining "
    "rebound rebounds rebounded rebounding recover recovers recovered recovery milestone milestones uptrend "
    "upside approve approves approved approval approvals greenlight greenlights greenlit gem undervalued "
    "all-time-highs",
    1.7: "rise rises rising rose tops topped topping adopt adopts adopted adopting adoption partner partners "
    "partnered partnership partnerships partnering inflow inflows accumulate accumulates accumulated "
    "accumulating accumulation hodl hodling buys bought buyback upgrade upgrades upgraded doubles doubled "
    "triples tripled mainstream backing backed backs unveils launches launched launching launch expands "
    "expand expanding expansion integrates integrate integrated integration institutional legalize legalizes "
    "legalized legalizing halving staking raises raised secures lists listed listing support supports "
    "higher high highs deflationary burned burns burn reclaims reclaim reclaimed",
    1.2: "grow grows growing grew growth invests invest invested investing accept accepts accepted accepting "
    "integrating enables enable unlocks scaling scalable faster cheaper license licensed licence registers "
    "donates pump pumps pumped pumping green hits surpasses surpass surpassed surpassing exceeds overtakes",
}  # fmt: skip
_BAD: Final = {
    -3.4: "scam scams scammer scammers scammed rugpull rugpulled rugged rug ponzi fraud fraudulent defraud "
    "defrauded insolvent insolvency bankrupt bankruptcy collapse collapses collapsed collapsing exploit "
    "exploits exploited hacked hack hacks hackers hacker heist stolen theft launder laundering laundered "
    "rekt",
    -2.8: "crash crashes crashed crashing plunge plunges plunged plunging plummet plummets plummeted "
    "plummeting "
    "bloodbath capitulation capitulate capitulates indicted indictment arrested arrest arrests lawsuit "
    "lawsuits sues sued suing probe probes investigated halts halt halted halting freezes frozen froze "
    "suspend suspends suspended suspending delist delists delisted delisting depeg depegs depegged shitcoin "
    "shitcoins ngmi bearish bear bears",
    -2.3: "tumble tumbles tumbled tumbling sink sinks sank sinking slump slumps slumped slumping dump dumps "
    "dumped dumping selloff sell-off sell-offs liquidated liquidation liquidations ban bans banned banning "
    "crackdown outage outages breach breaches breached vulnerability vulnerabilities drain drained drains "
    "phishing attack attacks attacked attacker attackers fud slash slashes slashed layoffs shutdown "
    "downtrend outflow outflows fined fine fines penalty convicted guilty charged charges sanctions "
    "sanctioned bleed bleeds bleeding",
    -1.8: "fall falls fell falling drop drops dropped dropping slide slides slid sliding dip dips "
    "dipped dipping "
    "decline declines declined declining lose loses lost losing loss losses low lows lower weaken weakens "
    "weak slips slip slipped retreat retreats retreated pullback correction warns warn warned warning "
    "warnings delay delays delayed postpone postpones postponed reject rejects rejected rejection deny "
    "denies denied bubble overvalued manipulation manipulated illegal sells selling sold resigns resign "
    "lags stagnant struggling struggles struggle concerns concern fears fear uncertainty volatile "
    "volatility risk risks risky inflation recession congestion downside withdrawals shuts closes cuts",
}  # fmt: skip
WORDS: Final[dict[str, float]] = {
    word: value for words in (_GOOD, _BAD) for value, told in words.items() for word in told.split()
}
"""By word in lower case, how good it is."""
_EVERYDAY: Final = (
    "trust trusts trusted share shares shared sharing security securities united block blocks interest "
    "interests credit credits value values valued energy create creates created creating creation "
    "like strike "
    "matter matters number join joins joined play plays playing token gold treasury treasure vision chance "
    "challenge challenges certain demand intelligence legal ready solution solutions natural novel party "
    "please yes no number important significant asset assets care cash debt defi clear clears well casino "
    "original best better super"
)
NOT_MEANT: Final = frozenset(_EVERYDAY.split())
"""Words that VADER takes for good or bad, and that say nothing here."""
PHRASES: Final[dict[str, str]] = {
    "all time high": "all-time-high",
    "all-time high": "all-time-high",
    "all time highs": "all-time-high",
    "all-time highs": "all-time-high",
    "record high": "record-high",
    "record highs": "record-high",
    "to the moon": "moon",
    "sell off": "selloff",
    "rug pull": "rugpull",
    "rug pulled": "rugpull",
    "shuts down": "shutdown",
    "shut down": "shutdown",
    "bull run": "bullrun",
    "all time low": "plunge",
    "all-time low": "plunge",
    "short squeeze": "rally",
    "long squeeze": "liquidation",
    "death cross": "bearish",
    "golden cross": "bullish",
    "going to zero": "collapse",
    "buy the dip": "accumulate",
    "buying the dip": "accumulate",
    "record low": "plunge",
}
"""Words that mean something together, and the word they are read as."""
