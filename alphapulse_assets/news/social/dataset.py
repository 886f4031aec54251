"""Posts of social networks as data sets: what was written, and what of it was taken down."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import OURS, Collector
from alphapulse_assets.datasets.dataset import Dataset, Freshness
from alphapulse_assets.news.model import SOCIAL_POSTS, TEXTS_VERSION
from alphapulse_assets.news.social import checks, forgetting, reddit, x
from alphapulse_assets.news.social.model import SOCIAL_REMOVALS
from alphapulse_assets.news.social.rules import POST_RULES, REMOVAL_RULES
from alphapulse_resources.providers.reddit import NAME as REDDIT
from alphapulse_resources.providers.x import NAME as X

GROUP: Final = "news"
EVERY: Final = timedelta(minutes=5)
REDDIT_KEYS: Final = ("reddit_client_id", "reddit_client_secret")
X_KEYS: Final = ("x_bearer_token",)

POSTS: Final = Dataset(
    name=SOCIAL_POSTS.name,
    description=(
        "Posts of Reddit and X, without their authors' names. Needs an app of yours at Reddit, or a token "
        "and money at X. Texts are kept for 30 days unless the settings say otherwise; what is taken down "
        "there is emptied here."
    ),
    group=GROUP,
    layer="collected",
    tables=[SOCIAL_POSTS],
    relations=["social_spending"],
    versions=[TEXTS_VERSION],
    collectors=[
        Collector(
            name="social_posts reddit",
            source=REDDIT,
            datasets=(SOCIAL_POSTS.name, SOCIAL_REMOVALS.name),
            every=EVERY,
            collect=reddit.collect,
            hurried=True,
            needs_key=REDDIT_KEYS,
        ),
        Collector(
            name="social_posts x",
            source=X,
            datasets=(SOCIAL_POSTS.name, SOCIAL_REMOVALS.name),
            every=EVERY,
            collect=x.collect,
            needs_key=X_KEYS,
        ),
    ],
    rules=POST_RULES,
    checks=[
        collected_rules("Posts have a source and an id, and were not written after they were first seen."),
        checks.no_names("Authors are hashes, and no text names a user, a profile or an address of mail."),
        checks.emptied("Of posts that were taken down nothing is left, and of old ones no text."),
    ],
)
REMOVALS: Final = Dataset(
    name=SOCIAL_REMOVALS.name,
    description=(
        "What was emptied of posts, when and why. Deleted by their authors, removed by moderators, no longer "
        "to be had, or older than texts are kept; rows and scores stay."
    ),
    group=GROUP,
    layer="collected",
    tables=[SOCIAL_REMOVALS],
    reads=[SOCIAL_POSTS.name],
    versions=[1],
    collectors=[
        Collector(
            name="social_removals reddit",
            source=REDDIT,
            datasets=(SOCIAL_REMOVALS.name,),
            every=timedelta(minutes=30),
            collect=reddit.look_again,
            needs_key=REDDIT_KEYS,
        ),
        Collector(
            name="social_removals x",
            source=X,
            datasets=(SOCIAL_REMOVALS.name,),
            every=timedelta(hours=1),
            collect=x.look_again,
            needs_key=X_KEYS,
        ),
        Collector(
            name="social_removals alphapulse",
            source=OURS,
            datasets=(SOCIAL_REMOVALS.name,),
            every=timedelta(hours=1),
            collect=forgetting.forget,
        ),
    ],
    rules=REMOVAL_RULES,
    checks=[
        collected_rules("Removals have a reason that is known, and one row for each reason."),
        checks.all_emptied("Each removal emptied its post: nothing that had to go is left of it."),
    ],
    freshness=Freshness(timedelta(days=7), timedelta(days=21)),
)
DATASETS: Final = (POSTS, REMOVALS)
