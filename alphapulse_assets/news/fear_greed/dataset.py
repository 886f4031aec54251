"""The fear and greed index as a data set: a row a day, and each time it was told otherwise."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import Collector
from alphapulse_assets.datasets.dataset import Dataset, Freshness
from alphapulse_assets.news.fear_greed.collect import COLLECTOR, EVERY, collect, fill
from alphapulse_assets.news.fear_greed.model import DATASET, LOGIC_VERSION, VINTAGES
from alphapulse_assets.news.fear_greed.rules import RULES
from alphapulse_assets.news.fear_greed.show import show_index
from alphapulse_assets.news.vintage_checks import counted_check, known_in_order, settles
from alphapulse_resources.providers.alternative_me import ALTERNATIVE_ME

FEAR_GREED: Final = Dataset(
    name=DATASET,
    description=(
        "Fear and greed index of crypto markets, 0 to 100, a row a day since 2018-02-01. Known when we had "
        "it; what is told otherwise later is kept beside what was told. Source: alternative.me."
    ),
    group="news",
    layer="collected",
    tables=[VINTAGES],
    relations=[DATASET],
    versions=[LOGIC_VERSION],
    collectors=[
        Collector(
            name=COLLECTOR,
            source=ALTERNATIVE_ME.name,
            datasets=(DATASET,),
            every=EVERY,
            collect=collect,
        )
    ],
    fill=fill,
    show_collected=show_index,
    rules=RULES,
    checks=[
        collected_rules("The index is from 0 to 100, of one of five classes, and known after its day began."),
        known_in_order(
            "No day was known before it began, and no revision before what it revises.",
            "news/fear_greed_out_of_order",
        ),
        settles(
            "Days that were told otherwise are counted, and none is again and again.",
            "news/fear_greed_revised",
        ),
        counted_check(
            "classes",
            "The class of a day is that of its value, by the bounds that were seen.",
            "news/fear_greed_classes",
            ("amiss",),
        ),
        counted_check(
            "no_day_missing",
            "Each day has its value, two hours after it began.",
            "news/fear_greed_missing",
            ("missing",),
        ),
    ],
    freshness=Freshness(timedelta(hours=26), timedelta(hours=50)),
)
DATASETS: Final = (FEAR_GREED,)
