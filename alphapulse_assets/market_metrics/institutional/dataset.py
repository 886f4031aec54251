"""Institutional flows as data sets: holders of CME's crypto futures, stablecoins' supply, flows of ETFs."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import Collector
from alphapulse_assets.datasets.dataset import Dataset, Freshness
from alphapulse_assets.market_metrics.institutional import flows, positions, supply
from alphapulse_assets.market_metrics.institutional.checks import adds_up, funds_add_up, known_in_order
from alphapulse_assets.market_metrics.institutional.model import (
    FLOWS,
    LOGIC_VERSION,
    POSITIONS,
    RELEASES,
    SUPPLY,
)
from alphapulse_assets.market_metrics.institutional.rules import (
    FLOW_RULES,
    POSITION_RULES,
    RELEASE_RULES,
    SUPPLY_RULES,
)
from alphapulse_assets.market_metrics.institutional.show import show_positions, show_supply
from alphapulse_resources.providers.cftc import CFTC
from alphapulse_resources.providers.coinglass import COINGLASS
from alphapulse_resources.providers.defillama import DEFILLAMA

GROUP: Final = "market_metrics"
HOURLY: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

INSTITUTIONAL_POSITIONS: Final = Dataset(
    name=positions.DATASET,
    description=(
        "Commitments of Traders: who holds CME's Bitcoin and Ether futures, by trader group and week. "
        "Known at the release on Friday, not on the Tuesday it is about; what was revised is kept beside it."
    ),
    group=GROUP,
    layer="collected",
    tables=[POSITIONS],
    versions=[LOGIC_VERSION],
    collectors=[
        Collector(
            name=positions.COLLECTOR,
            source=CFTC.name,
            datasets=(positions.DATASET, RELEASES.name),
            every=HOURLY,
            collect=positions.collect,
        )
    ],
    fill=positions.fill,
    show_collected=show_positions,
    rules=POSITION_RULES,
    checks=[
        collected_rules(
            "Positions are numbers of contracts, at most the open interest, known after their day."
        ),
        adds_up("Longs and spreads of all groups are the open interest, and so are shorts and spreads."),
        known_in_order(
            "No week was known before an older one was, and no revision before what it revises.",
            "institutional/positions_known_out_of_order",
        ),
    ],
    freshness=Freshness(10 * DAY, 21 * DAY),
)
INSTITUTIONAL_RELEASES: Final = Dataset(
    name=RELEASES.name,
    description=(
        "Which weekly reports are to be expected, when they come out, and what put them off. Reckoned from "
        "US federal holidays and what the CFTC announced; the view cot_weeks holds what came against it."
    ),
    group=GROUP,
    layer="collected",
    tables=[RELEASES],
    relations=["institutional_contracts"],
    versions=[LOGIC_VERSION],
    fill=positions.fill_releases,
    rules=RELEASE_RULES,
    checks=[collected_rules("Reports come out after their day, and not before they would without a delay.")],
    freshness=Freshness(10 * DAY, 21 * DAY),
)
STABLECOIN_SUPPLY: Final = Dataset(
    name=supply.DATASET,
    description=(
        "How much of each stablecoin circulates, and how far its price is from its peg. Asked every half "
        "hour; the provider's own history by day is filled in. Data: DefiLlama."
    ),
    group=GROUP,
    layer="collected",
    tables=[SUPPLY],
    versions=[LOGIC_VERSION],
    collectors=[
        Collector(
            name=supply.COLLECTOR,
            source=DEFILLAMA.name,
            datasets=(supply.DATASET,),
            every=timedelta(minutes=30),
            collect=supply.collect,
        )
    ],
    fill=supply.fill,
    show_collected=show_supply,
    rules=SUPPLY_RULES,
    checks=[collected_rules("Supplies and prices are not negative, and known after the moment they are of.")],
)
ETF_FLOWS: Final = Dataset(
    name=flows.DATASET,
    description=(
        "Money into and out of the spot ETFs of the United States, by fund and day. Needs a key of "
        "Coinglass; a day counts as known at the next opening of the exchange, or when it was seen."
    ),
    group=GROUP,
    layer="collected",
    tables=[FLOWS],
    versions=[LOGIC_VERSION],
    collectors=[
        Collector(
            name=flows.COLLECTOR,
            source=COINGLASS.name,
            datasets=(flows.DATASET,),
            every=HOURLY,
            collect=flows.collect,
            needs_key=flows.KEY,
        )
    ],
    fill=flows.fill,
    rules=FLOW_RULES,
    checks=[
        collected_rules("Flows are amounts that can be, of a known coin, known after their day."),
        funds_add_up("The flows of funds are the total that is told."),
        known_in_order(
            "No day was known before it began, and no revision before what it revises.",
            "institutional/flows_known_out_of_order",
        ),
    ],
    freshness=Freshness(5 * DAY, 14 * DAY),
)
DATASETS: Final = (INSTITUTIONAL_POSITIONS, INSTITUTIONAL_RELEASES, STABLECOIN_SUPPLY, ETF_FLOWS)
