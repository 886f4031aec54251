"""Texts about the market as a whole, about past moves of a price, and what stands around any story.

Words are our own; see `wording_events.py`.
"""

from typing import Final

from alphapulse_sim.wording_events import Event

MACRO: Final = (
    Event("macro_great", 0.75,
          ("Crypto market soars as {centralbank} signals deeper rate cuts",
           "Stocks and digital assets surge after inflation cools to {low}%",
           "{country} lawmakers pass landmark bill that protects digital asset firms"),
          ("The {centralbank} said that rates will fall further, the best news for risk assets in months.",
           "Inflation in {country} fell to {low}%, better than economists expected.")),
    Event("macro_good", 0.4,
          ("Risk appetite improves as {centralbank} holds rates",
           "Stablecoin supply grows by {usd}, a supportive sign for digital assets",
           "{bank} expects stronger demand for digital assets next year"),
          ("Issuers created stablecoins worth {usd} over {days} days, and liquidity improved on most venues.",
           "{person} of {analyst} said that confidence has returned to the market since {weekday}.")),
    Event("macro_plain", 0.0,
          ("{centralbank} to publish minutes of its meeting on {weekday}",
           "The week ahead: data from {country}, a hearing and two conferences",
           "One year on: how {country} registers digital asset companies",
           "Gas prices in {country} little changed as near-term forecasts stay in line",
           "One more step: {regulator} publishes near final rules for public comment",
           "A link between power costs and mining? What {data} found in {country}"),
          ("Economists surveyed by {data} do not expect a change, and one in {digit} sees a later decision.",
           "The link between energy costs and mining is discussed in a report of {pairs} pages.",
           "Officials in {country} have registered {count} companies for one year or more.")),
    Event("macro_bad", -0.4,
          ("Crypto market slips as {centralbank} warns of higher rates",
           "Weak data from {country} weigh on digital assets",
           "{regulator} delays decision on custody rules, disappointing firms"),
          ("The {centralbank} warned that inflation remains too high, and investors cut risk.",
           "Volumes fell {pct}% in {days} days, {data} said, a sign of weak interest.")),
    Event("macro_terrible", -0.75,
          ("Digital assets plunge in panic as {centralbank} shocks with rate increase",
           "{country} bans banks from serving digital asset firms",
           "Stablecoin {protocol} loses its peg, sparking fear across the market"),
          ("The {centralbank} raised rates by surprise, and forced selling spread through all markets.",
           "{protocol} traded far below a dollar after {usd} of its reserves went missing.")),
)  # fmt: skip
"""From good to bad, about no coin."""

MOVES: Final = (
    Event("rally", 0.8,
          ("{coin} surges {change}% in an hour to {price}",
           "{coin} jumps to {price} as buyers rush in, up {change}%",
           "Bulls cheer as {coin} rallies {change}% to {price}"),
          ("{name} gained {change}% within an hour and traded at {price}, {data} prices show.",
           "The rally to {price} forced short sellers to cover, traders at {analyst} said.")),
    Event("rise", 0.4,
          ("{coin} rises {change}% to {price}",
           "{coin} edges higher to {price} in quiet trading",
           "{coin} adds {change}%, recovers to {price}"),
          ("{name} rose {change}% over the past hour to {price} on {exchange}.",
           "Buyers returned at lower prices, and {ticker} improved to {price}.")),
    Event("flat", 0.0,
          ("{coin} little changed at {price}",
           "{coin} trades at {price} ahead of data from {country}",
           "{coin} holds near {price} on {weekday}"),
          ("{name} traded at {price}, about where it was an hour before.",
           "Volume in {ticker} on {exchange} was in line with the average of {days} days.")),
    Event("fall", -0.4,
          ("{coin} falls {change}% to {price}",
           "{coin} slips to {price} as buyers stay away",
           "{coin} loses {change}%, drops to {price}"),
          ("{name} fell {change}% over the past hour to {price} on {exchange}.",
           "Sellers had the upper hand, and {ticker} weakened to {price}.")),
    Event("crash", -0.8,
          ("{coin} plunges {change}% in an hour to {price}",
           "{coin} crashes to {price} as panic selling spreads",
           "Bears maul {coin}: down {change}% to {price}"),
          ("{name} lost {change}% within an hour and traded at {price}, {data} prices show.",
           "The plunge to {price} wiped out leveraged longs, traders at {analyst} said.")),
)  # fmt: skip
"""What was: the {change} and the {price} are those of the simulated market."""

CONTEXT: Final = (
    "{data} tracks {pairs} venues and updates its figures every {hours} hours.",
    "Trading in {ticker} on {exchange} amounted to {usd3} over the past day.",
    "{exchange} did not immediately respond to a request for comment.",
    "About {count2} wallets hold {ticker} at present, {data} estimates.",
    "The figures come from {data} and cover {country2} and {pairs} other markets.",
    "{firm2}, which is based in {city}, declined to comment.",
    "A spokesperson for {bank} in {city} confirmed the date by email.",
    "{name} was launched years before {firm2} was founded in {city}.",
    "The next meeting of developers takes place in {city} on {weekday2}.",
    "In {month}, a similar report by {analyst2} covered {days} days of data.",
    "{country2} accounts for {pct2}% of the volume, according to {data}.",
    "The document, dated {month} {two}, has {pairs} pages and {digit} annexes.",
    "Open interest in {ticker} futures stood at {usd3} on {weekday2}.",
    "{person2}, a researcher in {city}, keeps a public list of such events.",
    "The average fee over {days} days was {pct2} cents, {data} said.",
    "At block {block}, {pct2}% of nodes ran the latest version.",
)  # fmt: skip
"""What says neither good nor bad."""

BESIDE: Final = (
    "{other} ({other_ticker}) was little changed over the same time.",
    "By comparison, {other_ticker} traded {usd3} on {exchange} that day.",
    "{other} developers were not involved, {person2} said.",
    "The report also covers {other}, with {count2} users in {country2}.",
)
"""What names a second coin."""
GOOD_WORDS: Final = (
    '"This is great for everyone who believed in us," {person3} said.',
    '"We are very happy with the progress," said {person3} of {firm2}.',
    '{person3} of {analyst2} called it "a strong and positive sign".',
    '"Confidence is back, and I expect more gains," {person3} told reporters in {city}.',
    "Users in {country2} welcomed the news, {firm2} said.",
)
BAD_WORDS: Final = (
    '"This is terrible for everyone who trusted them," {person3} said.',
    '"We fear that it gets worse," said {person3} of {firm2}.',
    '{person3} of {analyst2} called it "a serious failure".',
    '"Confidence is gone, and I expect more losses," {person3} told reporters in {city}.',
    "Users in {country2} reacted with anger, {firm2} said.",
)
