"""What happens to coins in the simulated news: events, how good they are, and the sentences that tell them.

Words are our own. A sentence's {slots} are filled by `wording.py`. Tones are -1 (bad) to 1 (good).
"""

from typing import Final, NamedTuple


class Event(NamedTuple):
    """Something that may happen to a coin."""

    name: str
    tone: float
    titles: tuple[str, ...]
    leads: tuple[str, ...]


GREAT: Final = (
    Event("etf_approval", 0.9,
          ("{regulator} approves {fund}'s spot {coin} ETF in landmark decision",
           "Spot {coin} ETF from {fund} wins approval after {months}-month wait",
           "{fund} gets green light for {coin} exchange-traded fund"),
          ("{regulator} approved an exchange-traded fund that holds {name} directly, {fund} said in"
           " a filing on"
           " {weekday}.",
           "The fund, which {fund} first proposed {months} months ago, may begin trading in {country} next"
           " week.")),
    Event("etf_inflows", 0.8,
          ("{coin} funds take in record {usd} as institutions pile in",
           "{fund} leads {usd} surge of inflows into {coin} ETFs",
           "Investors pour {usd} into {coin} products in best week of the year"),
          ("Funds that hold {name} drew {usd} of new money, the strongest week since they began trading, data"
           " from {data} show.",
           "{fund} alone took in {usd2}, more than two thirds of the total, according to {data}.")),
    Event("major_listing", 0.75,
          ("{exchange} lists {coin} with {pairs} new pairs, opening market to millions",
           "{coin} wins long-awaited listing on {exchange}",
           "{exchange} to add {coin} trading and staking for users in {country}"),
          ("{exchange} will open deposits of {ticker} on {weekday} and trading a day later, the"
           " company said.",
           "The listing makes {name} available to {exchange}'s customers in {country} for the first time.")),
    Event("upgrade_success", 0.7,
          ("{coin} upgrade {codename} goes live without a hitch, cutting fees by {pct}%",
           "{network} completes {codename} upgrade as throughput improves {pct}%",
           "Developers celebrate as {coin} activates {codename} successfully"),
          ("The {codename} upgrade was activated at block {block} and validators reported smooth operation.",
           "Fees on {network} fell {pct}% within hours of the change, {data} said, and confirmation got"
           " faster.")),
    Event("lawsuit_won", 0.85,
          ("Court hands {coin} backers decisive victory over {regulator}",
           "{regulator} drops case over {coin} in major win for the industry",
           "Judge dismisses {regulator}'s lawsuit against {firm} over {coin} sales"),
          ("A judge in {country} dismissed all claims that {firm} sold {ticker} illegally, ending a"
           " dispute of"
           " {months} months.",
           "{regulator} said it would not appeal the ruling, which lawyers called a clear win for"
           " {firm}.")),
    Event("treasury_purchase", 0.8,
          ("{firm} buys {usd} of {coin} for its treasury, shares soar",
           "{coin} gains a corporate champion as {firm} adds {usd} to reserves",
           "{firm} doubles down on {coin} with {usd} purchase"),
          ("{firm} bought {name} worth {usd} over the past {days} days and plans to hold it, its"
           " finance chief"
           " {person} said.",
           "The purchase brings {firm}'s holdings of {ticker} to {usd2}, a filing in {country} shows.")),
    Event("bank_adoption", 0.8,
          ("{bank} opens {coin} trading and custody to all clients",
           "{bank} embraces {coin} with custody service for institutions",
           "Banking giant {bank} launches {coin} product amid strong demand"),
          ("{bank} will let customers in {country} buy and hold {name}, beginning with {pairs} branches.",
           "Demand from wealthy clients has grown {pct}% this year, {person}, the bank's head of"
           " digital assets,"
           " said.")),
    Event("friendly_law", 0.75,
          ("{country} passes bill that gives {coin} holders legal certainty and tax relief",
           "Lawmakers in {country} back {coin} as parliament approves friendly rules",
           "{country} exempts {coin} gains from tax in boost for investors"),
          ("Parliament in {country} voted for rules that recognise {name} as property and free it"
           " of tax after"
           " {months} months.",
           "{person}, who sponsored the bill, said the vote was a great success for holders of"
           " {ticker}.")),
    Event("funding_round", 0.65,
          ("{coin} ecosystem wins {usd} backing from {fund}",
           "{firm} raises {usd} to build on {network} at record valuation",
           "{fund} leads {usd} round for {coin} startup {firm}"),
          ("{firm}, which builds payment tools on {network}, raised {usd} in a round led by {fund}.",
           "The money will go to {pairs} new engineers and grants for developers, founder {person}"
           " said.")),
    Event("airdrop", 0.6,
          ("{coin} users rewarded with {usd} airdrop, the largest of the year",
           "Generous airdrop worth {usd} lifts activity on {network}",
           "{firm} announces {usd} airdrop for loyal {coin} users"),
          ("Wallets that used {network} before {weekday} may claim tokens worth {usd} in total, {firm} said.",
           "More than {count} addresses qualify, and claims rose quickly after the portal opened.")),
)  # fmt: skip

GOOD: Final = (
    Event("partnership", 0.5,
          ("{firm} partners with {network} on payments in {country}",
           "{coin} secures partnership with {firm}",
           "{firm} picks {network} for its new loyalty program"),
          ("{firm} will settle payments in {country} on {network}, the companies said in a joint statement.",
           "The partnership follows a pilot with {count} users that {person} called a success.")),
    Event("whales_buy", 0.45,
          ("Large holders accumulate {coin} as exchange balances shrink {pct}%",
           "Whales add {usd} in {coin}, {data} data show",
           "{coin} accumulation picks up among long-term holders"),
          ("Addresses that hold more than {count} {ticker} grew their balances by {pct}% over"
           " {days} days, {data}"
           " said.",
           "Withdrawals from {exchange} worth {usd} suggest that investors expect gains, analysts"
           " wrote.")),
    Event("network_growth", 0.45,
          ("{coin} active addresses climb to {months}-month high",
           "Activity on {network} grows {pct}% as new users join",
           "{network} transactions rise {pct}% in a strong quarter"),
          ("The number of active addresses rose to {count} a day, up {pct}% from a month earlier,"
           " {data} said.",
           "Growth came mostly from payments in {country} and from applications built by"
           " {firm}.")),
    Event("upbeat_analyst", 0.4,
          ("{analyst} turns bullish on {coin}, citing improving demand",
           "{coin} has room to rally, {analyst} says",
           "Why {analyst} sees upside for {coin} this quarter"),
          ("{person} of {analyst} raised the forecast for {name} by {pct}% and pointed to better liquidity.",
           "The outlook for {ticker} has improved since {weekday}, the firm wrote in a note to"
           " clients.")),
    Event("modest_inflows", 0.4,
          ("{coin} funds see {usd} of inflows for third day",
           "Steady inflows return to {coin} products, led by {fund}",
           "{coin} ETPs gain {usd} as sentiment recovers"),
          ("Investors added {usd} to funds that hold {name}, the third positive day in a row, {data} said.",
           "{fund} accounted for most of the gains while rivals saw little change.")),
    Event("staking_growth", 0.35,
          ("{coin} wallets earn more as rewards improve {pct}%",
           "Interest in {coin} yields grows after {firm} launches simple product",
           "{firm} makes earning on {coin} easier for users in {country}"),
          ("{firm} launched a product that pays holders of {ticker} {pct}% a year and takes no fee.",
           "Users in {country} welcomed the launch, and {usd} was deposited within {days} days.")),
    Event("payments_pilot", 0.35,
          ("Retailers in {country} start accepting {coin} in successful pilot",
           "{firm} adds {coin} payments at {pairs} stores",
           "{coin} payments expand in {country} with support from {bank}"),
          ("Shops in {country} will accept {name} through terminals that {firm} provides, at lower fees than"
           " cards.",
           "The pilot at {pairs} stores was popular with customers, {person} of {firm} said.")),
    Event("audit_passed", 0.4,
          ("{coin} bridge passes audit with top marks",
           "{auditor} finds no serious flaws in {network} code",
           "Clean audit strengthens trust in {coin} contracts"),
          ("{auditor} reviewed the code of {network} for {days} days and found no critical problem.",
           "{person}, a lead developer, thanked the auditors and said that security had improved"
           " greatly.")),
)  # fmt: skip

PLAIN: Final = (
    Event("options_expiry", 0.0,
          ("{coin} options worth {usd} to expire on {weekday}",
           "{usd} in {coin} contracts up for expiry at {exchange}",
           "What the {weekday} expiry of {coin} options means"),
          ("Contracts on {name} with a notional value of {usd} expire at 08:00 UTC, {data} figures show.",
           "The ratio of puts to calls stands at 0.{two}, about where it was {days} days ago.")),
    Event("conference", 0.05,
          ("{coin} developers to meet in {city} next month",
           "Agenda published for {coin} conference in {city}",
           "{person} to speak at {coin} event in {city}"),
          ("Some {count} people are expected at the conference in {city}, where {pairs} talks are planned.",
           "The organisers published the schedule on {weekday}; {person} will open the event.")),
    Event("minor_release", 0.0,
          ("{coin} client version 0.{two}.{digit} released",
           "New {coin} node software published for review",
           "{network} developers schedule release {digit}.{two}"),
          ("Version 0.{two}.{digit} contains {pairs} changes to the wallet and to logging, the notes say.",
           "Operators of nodes may install the release at any time before block {block}.")),
    Event("vote_opens", 0.0,
          ("{coin} holders vote on treasury proposal {number}",
           "Proposal {number} on {network} fees goes to a vote",
           "Vote on {coin} parameter change begins {weekday}"),
          ("Proposal {number} would change how fees are split; voting stays open for {days} days.",
           "The author of the proposal, {person}, published the full text on the forum.")),
    Event("explainer", 0.0,
          ("How {coin} wallets work: a guide to keys and backups",
           "{coin} explained: what the {codename} proposal contains",
           "A look at who holds {coin} in {country}"),
          ("This guide describes in {pairs} steps what a wallet for {name} stores and what it does not.",
           "{data} surveyed {count} people in {country} between {month} and now.")),
    Event("survey", 0.0,
          ("Survey: {pct}% of adults in {country} know what {coin} is",
           "{data} publishes quarterly figures on {coin} holders",
           "Report describes use of {coin} in {country}"),
          ("The survey of {count} people was made by {data} in {month} and published on {weekday}.",
           "Answers differed little between regions, according to {person}, who led the study.")),
)  # fmt: skip
