"""What is made of patterns is kept by its own version: a new version below asks for new ones above it."""

from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.patterns.calibration import model as calibration
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.evaluation import outcomes, performance, success
from alphapulse_assets.patterns.scoring import confidence, confluence, context
from alphapulse_assets.patterns.signals import batch as signals
from alphapulse_assets.regime import rules
from alphapulse_assets.volume import definitions as volume

DETECTED = {
    "candlestick_patterns": candlestick.LOGIC_VERSION,
    "chart_patterns": chart.LOGIC_VERSION,
    "volume_patterns": volume.LOGIC_VERSION,
    "indicators": registry_version(),
    "market_regime": rules.LOGIC_VERSION,
    "context": context.LOGIC_VERSION,
}
MADE_OF_THEM = {
    "pattern_confidence": confidence.LOGIC_VERSION,
    "pattern_confluence": confluence.LOGIC_VERSION,
    "signals": signals.LOGIC_VERSION,
    "pattern_outcomes": outcomes.LOGIC_VERSION,
    "pattern_success": success.LOGIC_VERSION,
    "pattern_performance": performance.LOGIC_VERSION,
    "score_calibration": calibration.LOGIC_VERSION,
}
TOGETHER = (
    {**dict.fromkeys(DETECTED, 1), "candlestick_patterns": 2, "chart_patterns": 2, "indicators": 2},
    {**dict.fromkeys(MADE_OF_THEM, 2), "score_calibration": 1},
)


def test_a_new_version_of_what_is_detected_is_one_of_what_is_made_of_it() -> None:
    detected, made = TOGETHER
    if detected != DETECTED:
        same = sorted(name for name, version in made.items() if MADE_OF_THEM[name] == version)
        assert same == [], f"raise these too, or their rows replace those made of the old version: {same}"
    assert (DETECTED, MADE_OF_THEM) == TOGETHER, "raised together: write the new versions into TOGETHER"
