"""Calibration of scores as a data set: how often they were right at each of their levels."""

from typing import Final

from alphapulse_assets.datasets.dataset import REFRESH_REACTIONS_JOB, Check, Dataset
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.patterns.calibration import checks
from alphapulse_assets.patterns.calibration.model import CALIBRATION_STATS, LOGIC_VERSION
from alphapulse_assets.patterns.calibration.scores import SCORES
from alphapulse_assets.patterns.dataset import GROUP
from alphapulse_assets.patterns.evaluation import outcomes
from alphapulse_assets.patterns.scoring import confidence

_SHARE: Final = (0.0, 1.0)

SCORE_CALIBRATION: Final = Dataset(
    name="score_calibration",
    layer="statistics",
    description="How often patterns were right at each level of confidence, reliability and boosted score, "
    "with intervals, beside the same scores on random walks.\n\n"
    "Of all symbols that are judged, tracked and imported, whatever the partition's venue, as of the end "
    "of the run's last day. A score that ranks is right more often where it is higher; the check "
    "`increasing` warns where that was not seen.",
    group=GROUP,
    tables=[CALIBRATION_STATS],
    reads=["pattern_outcomes", "pattern_confidence"],
    versions=[LOGIC_VERSION, outcomes.LOGIC_VERSION, confidence.LOGIC_VERSION],
    refreshed_by=REFRESH_REACTIONS_JOB,
    rules=RuleSet(
        known=("right_share", "paid_share", "base_rate", "mean_score", "note"),
        between={
            **dict.fromkeys(("right_share", "paid_share", "base_rate", "walk_right", "walk_paid"), _SHARE),
            **dict.fromkeys(("predicted", "trend_p", "walk_trend_p"), _SHARE),
            "clusters": (1, None),
            "place": (0, max(len(score.levels) for score in SCORES)),
        },
        ordered=(
            *(("right_low", "right_share"), ("right_share", "right_high"), ("paid_low", "paid_share")),
            *(("paid_share", "paid_high"), ("walk_low", "walk_right"), ("walk_right", "walk_high")),
            *(("slope_low", "slope"), ("slope", "slope_high"), ("mean_atr_low", "mean_atr_high")),
            *(("paid_share", "right_share"), ("walk_paid", "walk_right")),
            *(("clusters", "evidence"), ("evidence", "n"), ("walk_clusters", "walk_evidence")),
        ),
        among={"score": tuple(score.name for score in SCORES)},
    ),
    checks=[
        Check(
            "rules",
            "Shares from 0 to 1 within their intervals, counts that fit together, scores by name.",
            checks.calibration_rules,
            blocking=True,
        ),
        Check(
            "increasing",
            "Each score is right more often where it is higher, by the interval of its trend; it warns where "
            "that was not seen.",
            checks.increasing,
        ),
    ],
)
DATASETS: Final = (SCORE_CALIBRATION,)
