"""Volume patterns, daily volume profiles, and what price did after patterns, as data sets."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import dagster as dg
import numpy as np
import polars as pl

from alphapulse_assets.core.statistics import bootstrap
from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import REFRESH_REACTIONS_JOB, Check, Dataset
from alphapulse_assets.datasets.derivation import DAY, Derivation, DerivationResult
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.derived_checks import check_rules, no_look_ahead, rules, rules_of
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.regime.rules import LOGIC_VERSION as REGIME_VERSION
from alphapulse_assets.volume import batch, definitions, profile, reactions
from alphapulse_assets.volume.picture import counts_picture
from alphapulse_assets.volume.reaction_stats import REACTION_STATS
from alphapulse_assets.volume.tables import PROFILES, VOLUME_PATTERN_EVENTS
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import BarReader, DerivedStore

GROUP: Final = "volume"


def pattern_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Volume patterns of the closed bars that open in [start, end)."""
    candles = pl.concat([bars.before(start, definitions.WARM_UP), bars.between(start, end)])
    return batch.detect(candles, bars.timeframe, start=start)


def patterns_until(bars: BarReader, bar: datetime) -> datetime:
    """Windows count bars: so many later ones see this one, however long that takes."""
    return bars.opens_after(bar, definitions.WARM_UP + 1) + timedelta(microseconds=1)


def profile_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Profiles of the days that begin in [start, end) and are over."""
    minutes = bars.of("1m").between(start, min(end, bars.closed_until))
    found = profile.volume_profiles(minutes, tick=bars.subject.tick_size)
    return found.with_columns((pl.col("known_at") - DAY).alias("ts"))


VOLUME_DERIVATION: Final = Derivation(
    "volume_patterns", VOLUME_PATTERN_EVENTS, definitions.LOGIC_VERSION, pattern_rows, patterns_until
)
DAILY_PROFILES: Final = Derivation(
    "volume_profiles",
    PROFILES,
    profile.LOGIC_VERSION,
    profile_rows,
    lambda bars, bar: bar + DAY,
    timeframes=("1d",),
    by_timeframe=False,
)


def _shown(store: DerivedStore, derived: DerivationResult) -> Mapping[str, Any]:
    picture = counts_picture(store.database, derived)
    return {"picture": picture} if picture else {}


def _check_reactions(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The statistics as of the end of the run's last day."""
    frame = scope.store.database.read(
        statement("derived/reactions_to_check"), (scope.venues, *scope.last_day)
    )
    return check_rules("rules", frame, rules_of(dataset))


VOLUME_PATTERNS: Final = Dataset(
    name="volume_patterns",
    description="Volume patterns from 1m to 1w, each at the bar at whose close it was known: spike, "
    "divergence, climax, dry-up, accumulation and distribution, breakout, fake-out, exhaustion; with "
    "strength and confidence.",
    group=GROUP,
    tables=[VOLUME_PATTERN_EVENTS],
    reads=BARS,
    versions=[definitions.LOGIC_VERSION],
    derivation=VOLUME_DERIVATION,
    show=_shown,
    rules=RuleSet(
        known=("known_at", "price_change"),
        between={"confidence": (0.0, 1.0), "volume_ratio": (0.0, None)},
        ordered=(("ts", "known_at"),),
        among={
            "pattern": tuple(definitions.VOLUME_CATALOGUE),
            "direction": definitions.DIRECTIONS,
            "strength": definitions.STRENGTHS,
        },
    ),
    checks=[
        rules("Patterns, directions, strengths by name, confidence from 0 to 1, known at the close."),
        no_look_ahead("A bar computed again as if it were the newest shows the patterns stored for it."),
    ],
    warm_up=batch.detect,
)
VOLUME_PROFILES: Final = Dataset(
    name="volume_profiles",
    layer="daily",
    description="How much of each symbol was traded at which price on each day that is over: the point of "
    "control with the most volume, and the value area around it.",
    group=GROUP,
    tables=[PROFILES],
    reads=["ohlcv_1m", "ohlcv_1d"],
    reads_before=False,
    versions=[profile.LOGIC_VERSION],
    derivation=DAILY_PROFILES,
    rules=RuleSet(
        known=("known_at", "volume", "bin_width"),
        between={"minutes": (1, 1440), "volume": (0.0, None), "bin_width": (0.0, None)},
        ordered=(("value_area_low", "poc"), ("poc", "value_area_high")),
    ),
    checks=[rules("The point of control within the value area, volumes not negative, at most 1440 minutes.")],
    warm_up=lambda candles, timeframe: profile.volume_profiles(candles),
)
VOLUME_REACTIONS: Final = Dataset(
    name="volume_reactions",
    layer="statistics",
    description="What price did 1 to 50 bars after volume patterns, with intervals, beside what it did "
    "anyway.\n\n"
    "Statistics are of the symbols of a venue as far as outcomes were known at the end of the day; a run "
    "over several days makes those of the last one. What has the base rate within its interval is no edge.",
    group=GROUP,
    tables=[REACTION_STATS],
    reads=["volume_patterns", "market_regime"],
    versions=[reactions.LOGIC_VERSION, definitions.LOGIC_VERSION, REGIME_VERSION],
    refreshed_by=REFRESH_REACTIONS_JOB,
    rules=RuleSet(
        known=("share_up", "mean_pct", "base_share_up"),
        between={"share_up": (0.0, 1.0), "base_share_up": (0.0, 1.0), "n": (1, None), "clusters": (1, None)},
        ordered=(
            *(("share_up_low", "share_up"), ("share_up", "share_up_high")),
            *(("clusters", "n"), ("n", "base_n")),
            *(("mean_pct_low", "mean_pct_high"), ("median_pct_low", "median_pct_high")),
        ),
        among={"edge": (reactions.NO_EDGE, reactions.ABOVE, reactions.BELOW)},
    ),
    checks=[
        Check(
            "rules",
            "Shares from 0 to 1 within their intervals, counts that fit together, edges by their names.",
            _check_reactions,
        )
    ],
    warm_up=lambda candles, timeframe: bootstrap(np.arange(4.0), np.arange(4)),
)
DATASETS: Final = (VOLUME_PATTERNS, VOLUME_PROFILES, VOLUME_REACTIONS)
