"""Sentiment as data sets: the models, what each text says, and whom it is about."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import OURS, Collector
from alphapulse_assets.datasets.dataset import Dataset, Freshness
from alphapulse_assets.news.model import LINKS_VERSION, TEXT_LINKS, TEXT_SCORES
from alphapulse_assets.news.scoring import collecting
from alphapulse_assets.news.scoring.checks import SCORES_EXPLAINED, TEXTS_SCORED
from alphapulse_assets.news.scoring.features import FEATURES_VERSION
from alphapulse_assets.news.scoring.lexicon import RULES_VERSION
from alphapulse_assets.news.scoring.model import TEXTS_READ
from alphapulse_assets.news.scoring.rules import LINK_RULES, SCORE_RULES
from alphapulse_assets.news.scoring.show import show_scores
from alphapulse_assets.news.scoring.versions import TRAINING_VERSION

GROUP: Final = "news"
EVERY: Final = timedelta(seconds=30)
_VERSIONS: Final = [RULES_VERSION, FEATURES_VERSION, TRAINING_VERSION]

SENTIMENT_MODEL: Final = Dataset(
    name="sentiment_model",
    description="The trained model of sentiment: TF-IDF and the lexicon's scores, weighed by logistic "
    "regression, calibrated.\n\n"
    "Trained on labelled texts that come with the package, in seconds and reproducible bit for bit; its card "
    "(macro-F1, recall by class, calibration, baselines) is on each materialization and in "
    "`sentiment_models`.",
    group=GROUP,
    layer="reference",
    relations=["sentiment_models"],
    versions=_VERSIONS,
    kinds=frozenset({"scikitlearn", "postgres"}),
)
SENTIMENT_DATA: Final = Dataset(
    name=collecting.DATASET,
    description="What each text says of each coin, good or bad: a row for each text, coin and model.\n\n"
    "Texts are linked and scored within half a minute of being seen. Each score has its model, version and "
    "the hash of the model's data; where a model cannot read a text there is no score, but the reason.",
    group=GROUP,
    layer="collected",
    tables=[TEXT_SCORES, TEXTS_READ],
    relations=[collecting.DATASET, "sentiment_scores"],
    reads=["news_events", "social_posts", "sentiment_model"],
    versions=[*_VERSIONS, LINKS_VERSION],
    collectors=(
        Collector(
            name="sentiment_data alphapulse",
            source=OURS,
            datasets=(collecting.DATASET, collecting.LINKS),
            every=EVERY,
            collect=collecting.collect,
        ),
    ),
    fill=collecting.fill,
    rules=SCORE_RULES,
    checks=[
        collected_rules("Scores from -1 to 1, probabilities from 0 to 1, each with its model and version."),
        SCORES_EXPLAINED,
        TEXTS_SCORED,
    ],
    show_collected=show_scores,
)
LINKS: Final = Dataset(
    name=collecting.LINKS,
    description="Which coins each text is about, by which rule, and how often that rule is right.\n\n"
    "Made together with the scores (`sentiment_data`); a text without a row here is about no known coin.",
    group=GROUP,
    layer="collected",
    tables=[TEXT_LINKS],
    reads=["news_events", "social_posts"],
    versions=[LINKS_VERSION],
    fill=collecting.fill_links,
    rules=LINK_RULES,
    checks=[collected_rules("Each link has its rule and the words it was found by, confidence from 0 to 1.")],
    freshness=Freshness(timedelta(hours=1), timedelta(hours=6)),  # written with scores, when texts come
)
DATASETS: Final = (SENTIMENT_MODEL, LINKS, SENTIMENT_DATA)
