"""What chains tell as a data set: a row a provider, coin, metric and day or moment, and each time it was told
otherwise."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import Collector
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.news.onchain.collect import COINMETRICS_OFF, ask_assets, ask_charts, ask_network, fill
from alphapulse_assets.news.onchain.model import DATASET, LOGIC_VERSION, VINTAGES
from alphapulse_assets.news.onchain.rules import RULES
from alphapulse_assets.news.onchain.show import show_chain
from alphapulse_assets.news.vintage_checks import counted_check, known_in_order, settles
from alphapulse_resources.providers.blockchain_info import BLOCKCHAIN_INFO
from alphapulse_resources.providers.coinmetrics import COINMETRICS
from alphapulse_resources.providers.mempool_space import MEMPOOL_SPACE

ONCHAIN: Final = Dataset(
    name=DATASET,
    description=(
        "What chains tell: hash rate, difficulty, transactions, addresses, fees, the mempool, supply. Each "
        "provider by itself, without a key; days that are over, and moments. Known when we had it; what is "
        "told otherwise later is kept beside what was told."
    ),
    group="news",
    layer="collected",
    tables=[VINTAGES],
    relations=[DATASET],
    versions=[LOGIC_VERSION],
    collectors=[
        Collector(
            name=f"{DATASET} {MEMPOOL_SPACE.name}",
            source=MEMPOOL_SPACE.name,
            datasets=(DATASET,),
            every=timedelta(minutes=5),
            collect=ask_network,
        ),
        Collector(
            name=f"{DATASET} {BLOCKCHAIN_INFO.name}",
            source=BLOCKCHAIN_INFO.name,
            datasets=(DATASET,),
            every=timedelta(hours=1),
            collect=ask_charts,
        ),
        Collector(
            name=f"{DATASET} {COINMETRICS.name}",
            source=COINMETRICS.name,
            datasets=(DATASET,),
            every=timedelta(hours=1),
            collect=ask_assets,
            switched_off=COINMETRICS_OFF,
        ),
    ],
    fill=fill,
    show_collected=show_chain,
    rules=RULES,
    checks=[
        collected_rules(
            "Figures are numbers in a known unit, and known after the day or moment they are of."
        ),
        known_in_order(
            "No day was known before it was over, and no revision before what it revises.",
            "news/onchain_out_of_order",
        ),
        counted_check(
            "never_less",
            "The height of a chain and its supply do not become less.",
            "news/onchain_became_less",
            ("became_less",),
        ),
        settles(
            "Figures that were told otherwise are counted, and none is again and again.",
            "news/onchain_revised",
        ),
    ],
)
DATASETS: Final = (ONCHAIN,)
