"""Probabilities of being right after costs, the models that tell them, and features for one's own."""

import polars as pl

from alphapulse.client.base import Names
from alphapulse.client.patterns import Patterns
from alphapulse.moments import Moment


class Models(Patterns):
    """Methods about models."""

    def probabilities(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        direction: Names | None = None,
        shape: Names | None = None,
        min_probability: float | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """How probable it is that each piece of evidence is right after costs, oldest first.

        A row per bar, direction and shape: patterns of one shape are one piece of evidence, whatever their
        names. probability: that the return its way at `horizon` bars exceeds the costs, 0 to 1, with
        probability_low and probability_high at 95 %; break_even: the share right at which wins pay for losses
        and costs. as_of: only what was known by then.

        >>> "break_even" in db.probabilities(min_probability=0.3, limit=1).columns
        True
        """
        filters = {"direction": direction, "shape": shape, "min_probability": min_probability}
        return self._by_bar("event_probability", symbol, venue, timeframe, filters, start, end, limit, as_of)

    def signal_grades(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        grade: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Signals with the probability of their evidence and their grade, oldest first.

        grade: A where the lower bound of the probability is above break-even, B where the probability is,
        else C, which has no demonstrated value. No A at all is a fine answer.

        >>> set(db.signal_grades(limit=100)["grade"]) <= {"A", "B", "C"}
        True
        """
        filters = {"grade": grade}
        return self._by_bar("signal_grades", symbol, venue, timeframe, filters, start, end, limit, as_of)

    def models(self, *, verdict: Names | None = None, horizon: int | None = None) -> pl.DataFrame:
        """The models of probability, each with what it was worth on time it had not seen, oldest first.

        verdict: `demonstrated predictive value`, `no demonstrated predictive value`, `worse than the base
        rate` or `too little data`. brier_skill and log_loss_skill: above the base rate known then, with
        intervals; auc: of the direction, 0.5 is chance; shuffled_auc: what leakage would look like;
        top_decile_bps: return after costs of the most probable tenth.

        >>> "brier_skill_low" in db.models(verdict="no demonstrated predictive value").columns
        True
        """
        return self._rows("model_cards", {"verdict": verdict, "horizon": horizon})

    def features(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        direction: Names | None = None,
        shape: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
    ) -> pl.DataFrame:
        """Features as of a time for one's own models: a row per piece of evidence, oldest first.

        Every feature was known at `known_at`; the labels gross_return, net_return and is_right only at
        `label_known_at`, and they are null before: learn only from rows whose label was known when the model
        is made. `alphapulse features` writes the same to a file, with a data card.

        >>> {"move_before_atr", "net_return", "label_known_at"} <= set(db.features(limit=1).columns)
        True
        """
        filters = {"direction": direction, "shape": shape}
        return self._by_bar("event_features", symbol, venue, timeframe, filters, start, end, limit, None)
