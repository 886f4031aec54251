"""Probabilities of one instrument at the moment its candles close: as batch, live. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from alphapulse_assets.models.features import CLOSES, features_of
from alphapulse_assets.models.scoring import History, Models, probabilities_of
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.signals.live import Closed, PatternRows


class ProbabilityState:
    """The last closes of each timeframe, and what is known of models and success rates."""

    def __init__(
        self,
        closes: Mapping[str, Sequence[float]] | None = None,
        models: Models | None = None,
        history: History | None = None,
        configuration: PatternConfiguration = DEFAULT,
    ) -> None:
        """`closes`: by timeframe those before the next bar, the newest last; the last CLOSES - 1 matter.

        Models and rates may be given before they are taken as known; give newer ones by `learn`.
        """
        self._configuration: Final = configuration
        self._closes: dict[str, deque[float]] = {
            name: deque((closes or {}).get(name, ()), maxlen=CLOSES) for name in PATTERN_TIMEFRAMES
        }
        self.learn(models or Models(), history or History())

    def learn(self, models: Models, history: History) -> None:
        """Use these from the next moment on."""
        self._models, self._history = models, history

    def update(self, closed: Mapping[str, Closed], rows: PatternRows) -> list[dict[str, Any]]:
        """Rows of PROBABILITY_SCHEMA of the bars that closed at one moment, and what was told of them."""
        for timeframe, each in closed.items():
            self._closes[timeframe].append(each.bar.close)
        if not rows.emitted.confidences:
            return []
        told = features_of(
            rows.events,
            rows.emitted.confidences,
            {name: each.regime for name, each in closed.items()},
            self._closes,
            configuration=self._configuration,
        )
        return probabilities_of(told, self._models, self._history, configuration=self._configuration)
