"""News as a data set: feeds of outlets, GDELT, NewsAPI."""

from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import Collector
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.news.model import NEWS_EVENTS, TEXTS_VERSION
from alphapulse_assets.news.texts import checks, collecting, filling
from alphapulse_assets.news.texts.looking import DATASET
from alphapulse_assets.news.texts.model import NEWS_FEEDS, NEWS_SIGHTINGS
from alphapulse_assets.news.texts.stories import THRESHOLD
from alphapulse_resources.providers.gdelt import GDELT
from alphapulse_resources.providers.newsapi import NEWSAPI
from alphapulse_resources.providers.rss import NAME as RSS
from alphapulse_resources.providers.rss.feeds import FEEDS

NEWS_RULES: Final = RuleSet(
    known=("ts", "source", "url", "title", "cluster_id", "known_at"),
    between={"language_confidence": (0.0, 1.0), "similarity": (THRESHOLD, 1.0)},
    ordered=(("published", "ts"),),
    among={"provider": (RSS, GDELT.name, NEWSAPI.name)},
)
NEWS: Final = Dataset(
    name=DATASET,
    layer="collected",
    description="News of crypto: headline, description, address, outlet, when it was published and when it "
    "was first seen here, its language, and the story that it is a copy of.\n\n"
    "Feeds of outlets and GDELT every five minutes without a key; NewsAPI beside them where a key is set. An "
    "article is one row, whoever tells it; it is known since it was first seen, whatever it says of itself.",
    group="news",
    tables=[NEWS_EVENTS, NEWS_SIGHTINGS, NEWS_FEEDS],
    versions=[TEXTS_VERSION],
    collectors=(
        *map(collecting.feed_collector, FEEDS),
        Collector(
            name=f"{DATASET} gdelt",
            source=GDELT.name,
            datasets=(DATASET,),
            every=collecting.EVERY,
            collect=collecting.collect_gdelt,
            hurried=True,
            switched_off=collecting.switched_off(GDELT.name),
        ),
        Collector(
            name=f"{DATASET} newsapi",
            source=NEWSAPI.name,
            datasets=(DATASET,),
            every=collecting.NEWSAPI_EVERY,
            collect=collecting.collect_newsapi,
            needs_key="newsapi_key",
            switched_off=collecting.switched_off(NEWSAPI.name),
        ),
    ),
    more_collectors=collecting.own_collectors,
    fill=filling.fill,
    show_collected=filling.show,
    rules=NEWS_RULES,
    checks=[
        collected_rules(
            "Articles have an address, a headline and a story, and were published before they were seen."
        ),
        checks.STORIES,
        checks.DUPLICATES,
        checks.TIMELINESS,
        checks.SOURCES,
    ],
)
DATASETS: Final = (NEWS,)
