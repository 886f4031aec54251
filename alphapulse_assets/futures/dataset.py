"""Futures as data sets: open interest, funding, prices, ratios and flow, by venue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import Collected, Collector, Sources
from alphapulse_assets.datasets.dataset import Dataset, Retention
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.futures.checks import basis_is_small, converted, settlements_in_order, shares_are_whole
from alphapulse_assets.futures.collectors import collect_interest, collect_prices
from alphapulse_assets.futures.history.filling import fill_with, venues_with
from alphapulse_assets.futures.history.kinds import (
    FLOW_PAST,
    FUNDING_PAST,
    OPEN_INTEREST_PAST,
    RATIOS_PAST,
)
from alphapulse_assets.futures.past_periods import EVERY, collect_flow, collect_ratios, collect_settled
from alphapulse_assets.futures.tables import (
    FUNDING_RATES,
    LONG_SHORT_RATIOS,
    MARK_PRICES,
    OPEN_INTEREST,
    RATIO_KINDS,
    SOURCES,
    TAKER_FLOW,
)
from alphapulse_resources.venues.registry import VENUES

GROUP: Final = "futures"
MINUTE: Final = timedelta(minutes=1)
"""How often prices and open interest are asked for (ours): a venue's own figures move in seconds to minutes,
and 300 symbols at half a minute would be a million rows a day of each."""
VENUES_WITH_FUTURES: Final = tuple(name for name, venue in VENUES.items() if venue.futures is not None)

Collect = Callable[[str, Sources, datetime], Collected]


def _collectors(kind: str, collect: Collect, every: timedelta, venues: tuple[str, ...]) -> list[Collector]:
    """A collector of this kind for each of these venues: one that is away holds up no other."""
    return [
        Collector(
            name=f"{kind} {venue}",
            source=venue,
            datasets=(kind,),
            every=every,
            collect=partial(collect, venue),
        )
        for venue in venues
    ]


_WITH_RATIOS: Final = tuple(n for n in VENUES_WITH_FUTURES if (f := VENUES[n].futures) and f.ratios)
_WITH_FLOW: Final = tuple(n for n in VENUES_WITH_FUTURES if (f := VENUES[n].futures) and f.flow)

OPEN_INTEREST_RULES: Final = RuleSet(
    known=("contracts", "known_at"),
    between={
        "contracts": (0.0, None),
        "base_amount": (0.0, None),
        "quote_value": (0.0, None),
        "settle_value": (0.0, None),
        "price": (0.0, None),
    },
    ordered=(("ts", "known_at"),),
    among={"source": SOURCES},
)
OPEN_INTEREST_DATASET: Final = Dataset(
    name="open_interest",
    description="Open interest of every tracked perpetual and future, once a minute: in contracts as the "
    "venue counts them, and in base, quote and settlement units by the stored contract size.\n\n"
    "Linear, inverse and quanto contracts are each converted in their own units; what cannot be converted "
    "is null and says why. Known when the venue's answer came.",
    group=GROUP,
    layer="collected",
    tables=[OPEN_INTEREST],
    fetched_from="venues",
    by_venue=True,
    collectors=_collectors("open_interest", collect_interest, MINUTE, VENUES_WITH_FUTURES),
    rules=OPEN_INTEREST_RULES,
    fill=fill_with(OPEN_INTEREST_PAST, OPEN_INTEREST_RULES),
    filled_of=venues_with(OPEN_INTEREST_PAST),
    retention={OPEN_INTEREST.name: Retention(timedelta(days=1826), by_chunks=True)},
    checks=[collected_rules("Nothing is negative, and nothing was known before it was so."), converted()],
)
FUNDING_RULES: Final = RuleSet(
    known=("rate", "known_at"),
    between={"interval_hours": (0.5, 24.0), "mark_price": (0.0, None)},
    ordered=(("rate_floor", "rate"), ("rate", "rate_cap")),
    among={"source": SOURCES},
)
FUNDING_DATASET: Final = Dataset(
    name="funding_rates",
    description="Funding as it was settled, with the hours that each rate is for: 8, 4, 1, by symbol, and it "
    "changes within a symbol's history.\n\n"
    "Times are rounded from the venues' jitter of milliseconds to the minute; the original is kept. Beyond "
    "5 % in one settlement, or beyond the venue's own cap where that is wider, a rate is not believed.",
    group=GROUP,
    layer="collected",
    tables=[FUNDING_RATES],
    fetched_from="venues",
    by_venue=True,
    collectors=_collectors("funding_rates", collect_settled, MINUTE, VENUES_WITH_FUTURES),
    rules=FUNDING_RULES,
    fill=fill_with(FUNDING_PAST, FUNDING_RULES),
    filled_of=venues_with(FUNDING_PAST),
    checks=[
        collected_rules("Rates are within 5 % or the venue's own bounds, for 24 hours at most."),
        settlements_in_order(),
    ],
)
MARK_PRICES_DATASET: Final = Dataset(
    name="mark_prices",
    description="Mark, index and last price of every tracked perpetual and future, once a minute, with the "
    "funding that is due next and when.\n\n"
    "The funding here is a forecast until next_funding_at; what was paid is in funding_rates.",
    group=GROUP,
    layer="collected",
    tables=[MARK_PRICES],
    relations=["futures_latest"],
    retention={MARK_PRICES.name: Retention(timedelta(days=400), by_chunks=True)},
    fetched_from="venues",
    by_venue=True,
    collectors=_collectors("mark_prices", collect_prices, MINUTE, VENUES_WITH_FUTURES),
    rules=RuleSet(
        known=("mark_price", "known_at"),
        between={
            "mark_price": (1e-18, None),
            "index_price": (1e-18, None),
            "last_price": (1e-18, None),
            "interval_hours": (0.5, 24.0),
        },
        ordered=(("ts", "known_at"), ("funding_floor", "funding_rate"), ("funding_rate", "funding_cap")),
        among={"source": SOURCES},
    ),
    checks=[
        collected_rules("Prices are above 0, funding is within 5 % or the venue's own bounds."),
        basis_is_small(),
    ],
)
RATIO_RULES: Final = RuleSet(
    known=("long_share", "short_share", "known_at"),
    between={"long_share": (0.0, 1.0), "short_share": (0.0, 1.0), "ratio": (0.0, None)},
    among={"kind": RATIO_KINDS, "source": SOURCES},
)
LONG_SHORT_DATASET: Final = Dataset(
    name="long_short_ratios",
    description="Who is long and who is short, each five minutes: all accounts, the top accounts, and their "
    "positions, where the venue tells them.\n\n"
    "Venues count differently: compare a symbol with its own past, not with another venue.",
    group=GROUP,
    layer="collected",
    tables=[LONG_SHORT_RATIOS],
    fetched_from="venues",
    by_venue=True,
    collectors=_collectors("long_short_ratios", collect_ratios, EVERY, _WITH_RATIOS),
    rules=RATIO_RULES,
    fill=fill_with(RATIOS_PAST, RATIO_RULES),
    filled_of=venues_with(RATIOS_PAST),
    checks=[
        collected_rules("Shares are from 0 to 1, of a kind that is known, and known since when."),
        shares_are_whole(),
    ],
)
FLOW_RULES: Final = RuleSet(
    known=("buy_volume", "sell_volume", "known_at"),
    between={"buy_volume": (0.0, None), "sell_volume": (0.0, None)},
    among={"source": SOURCES},
)
TAKER_FLOW_DATASET: Final = Dataset(
    name="taker_flow",
    description="What takers bought and sold in each five minutes, as the venue adds it up.",
    group=GROUP,
    layer="collected",
    tables=[TAKER_FLOW],
    fetched_from="venues",
    by_venue=True,
    collectors=_collectors("taker_flow", collect_flow, EVERY, _WITH_FLOW),
    rules=FLOW_RULES,
    fill=fill_with(FLOW_PAST, FLOW_RULES),
    filled_of=venues_with(FLOW_PAST),
    checks=[collected_rules("Volumes are known and not negative, of each period of each symbol.")],
)
DATASETS: Final = (
    OPEN_INTEREST_DATASET,
    FUNDING_DATASET,
    MARK_PRICES_DATASET,
    LONG_SHORT_DATASET,
    TAKER_FLOW_DATASET,
)
