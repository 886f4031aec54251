"""Models of probability: no look-ahead, no leakage, and the same numbers wherever they are computed."""

import math
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from model_market import bars, rows, walk

from alphapulse_assets.models import kernels, metrics
from alphapulse_assets.models.artefact import Model, WrongArtefactError, from_bytes, to_bytes
from alphapulse_assets.models.drift import reference, stability
from alphapulse_assets.models.features import features_of
from alphapulse_assets.models.ladder import LADDER, Rung, boosted, fitted, one_thread, raw, trees_of
from alphapulse_assets.models.model import (
    FROM_RATES,
    NO_SKILL,
    SKILL,
    digest,
)
from alphapulse_assets.models.sample import between, divided, known_by, sample_of
from alphapulse_assets.models.scoring import History, Models, probabilities
from alphapulse_assets.models.terms import AT, terms, terms_of
from alphapulse_assets.models.training import TooFewError, train
from alphapulse_assets.models.whole import learnable
from alphapulse_assets.patterns.evaluation.random_walk import matched_walk
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.model import DAILY_DELAY
from tests.models import some_model

HORIZON = DEFAULT.models.horizons[0]
SEEDS = (1, 2)
SHORT = tuple(
    each for each in LADDER if each.name in ("table, prior of 300", "logistic, C 0.1", "boosting, 8 leaves")
)


def trained(frame: pl.DataFrame, ladder: tuple[Rung, ...] = SHORT) -> tuple[Model, dict[str, object]]:
    made = train(frame, HORIZON, frame["label_known_at"].max(), ladder=ladder)  # type: ignore[arg-type]
    return made.model, made.card


def test_the_whole_pipeline_finds_no_skill_on_matched_random_walks() -> None:
    """The leakage test: from bars to the ladder; were the future in a feature, AUC would leave 0.5."""
    found = []
    for seed in SEEDS:
        _, card = trained(rows(seed))
        assert card["verdict"] == NO_SKILL
        found.append(card["auc"])
        for rung in card["configurations"]:
            assert abs(rung["auc"] - 0.5) < 3 * rung["auc_error"], rung
    away = np.mean([auc["value"] - 0.5 for auc in found])
    error = math.sqrt(sum(auc["error"] ** 2 for auc in found)) / len(found)
    assert abs(away) < 2 * error


def test_a_feature_that_knows_the_future_is_found_out() -> None:
    """The leakage test can fail: the same walk, with what came in one column."""
    random = np.random.default_rng(0)
    noise = pl.Series(random.normal(0, 1, rows(1).height))
    leaking = rows(1).with_columns((pl.col("gross_return").sign() + noise).alias("bar_move_atr"))
    _, card = trained(leaking)
    assert card["auc"]["value"] > 0.7
    assert card["verdict"] == SKILL


def test_what_comes_later_changes_no_feature_and_no_label() -> None:
    whole = walk(1)
    assert whole.features["history"].null_count() < whole.features.height / 2
    for cut in (1_003, 2_511):
        seen = learnable({"1h": matched_walk(bars(), 1).head(cut)})
        until = bars()["ts"][cut - 1] + timedelta(hours=1)
        assert seen.features.equals(whole.features.filter(pl.col("known_at") <= until))
        assert seen.labels.equals(whole.labels.filter(pl.col("label_known_at") <= until))


def test_trees_say_what_scikit_learn_says() -> None:
    sample = sample_of(rows(1), HORIZON, DEFAULT)
    moved = sample.of(sample.moved)
    rung = LADDER[-1]
    with one_thread():
        theirs = boosted(rung, moved)
        base = fitted(LADDER[0], sample)
        assert base is not None
        ours = type(base)(**{**vars(base), **trees_of(theirs)})
        strange = moved.rows.copy()
        strange[::3, AT["volatility_percentile"]] = np.nan
        strange[::5] *= 7.0
        for given in (moved.rows, strange):
            said = theirs.predict_proba(given)[:, 1]
            assert np.abs(1 / (1 + np.exp(-raw("boosting", ours, given))) - said).max() < 1e-12
    assert np.isnan(moved.rows).any(), "values that are not known are among them"


def test_one_row_and_many_have_the_same_terms_to_the_last_bit() -> None:
    told = rows(1)
    many, single = terms(told), terms_of(list(told.iter_rows(named=True)))
    assert np.array_equal(many, single, equal_nan=True)
    for name, place in (("sign", kernels.SIGN), ("place", kernels.PLACE), ("shape", kernels.SHAPE)):
        assert AT[name] == place
    assert (AT["regime_with"], AT["cost_atr"]) == (kernels.REGIME_WITH, kernels.COST_ATR)


def test_training_rows_are_purged_and_the_longest_horizon_lies_between() -> None:
    sample = sample_of(rows(1), HORIZON, DEFAULT)
    division = divided(sample)
    hours = 3_600_000_000
    for start, end in [*division.folds, (division.untouched, division.end)]:
        past, test = known_by(sample, start), between(sample, start, end)
        assert len(past)
        assert len(test)
        assert past.told.max() + max(DEFAULT.outcomes.horizons) * hours <= test.known.min()
    ends = [end for _, end in division.folds]
    assert max(ends) <= division.untouched
    assert division.rule == "month"


def test_the_same_data_give_the_same_model_and_changed_numbers_are_refused() -> None:
    few = rows(1).head(1_500)
    (one, _), (other, _) = trained(few, SHORT[:1]), trained(few, SHORT[:1])
    data = to_bytes(one)
    assert to_bytes(other) == data
    loaded = from_bytes(data, digest(data))
    given = terms(few)
    assert np.array_equal(loaded.predict(given), one.predict(given))
    with pytest.raises(WrongArtefactError, match="hash"):
        from_bytes(data, digest(data + b" "))


def test_trees_learn_where_nothing_is_known_of_a_term() -> None:
    sample = sample_of(
        rows(1).with_columns(pl.lit(None, dtype=pl.Float64).alias("target_atr")), HORIZON, DEFAULT
    )
    with one_thread():
        made = fitted(LADDER[-1], sample)
    assert made is not None
    assert AT["target_atr"] not in set(made.feature[made.left >= 0].tolist())


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(TooFewError, match="500"):
        trained(rows(1).head(100))


def test_labels_from_the_future_are_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        train(rows(1), HORIZON, rows(1)["known_at"][500])


def test_a_model_speaks_of_nothing_that_was_known_before_it() -> None:
    told = rows(1)
    first, second = told["known_at"][500], told["known_at"][900]
    models = Models([some_model(second, DEFAULT), some_model(first, DEFAULT)])
    said = probabilities(told, models, History())
    assert (said["known_at"] >= said["trained_until"] + DAILY_DELAY).all()
    assert said["known_at"].min() == told.filter(pl.col("known_at") >= first + DAILY_DELAY)["known_at"].min()
    assert set(said.filter(pl.col("known_at") >= second + DAILY_DELAY)["trained_until"]) == {second}
    assert FROM_RATES not in set(said["model_version"])


def test_costs_in_deviations_and_break_even_are_those_of_a_normal_walk() -> None:
    """Held against a million returns of ten steps, whose bars have the range of a random walk."""
    random = np.random.default_rng(1)
    returns = random.normal(0, math.sqrt(10), 1_000_000)
    cost_atr = 0.7
    cost = cost_atr * math.sqrt(8 / math.pi)  # of steps of deviation 1, whose bars range over sqrt(8 / pi)
    net = returns - cost
    assert kernels.normal(-kernels.in_deviations(cost_atr, 10.0)) == pytest.approx(
        (net > 0).mean(), abs=0.002
    )
    won, lost = net[net > 0].mean(), -net[net <= 0].mean()
    assert kernels.break_even(cost_atr, 10.0) == pytest.approx(lost / (won + lost), abs=0.003)
    assert kernels.break_even(0.0, 10.0) == pytest.approx(0.5)
    assert math.isnan(kernels.break_even(math.nan, 10.0))


def test_auc_skill_and_false_discovery_rates_are_those_of_their_definitions() -> None:
    random = np.random.default_rng(2)
    given, right = random.integers(0, 20, 400) / 20, random.random(400) < 0.4
    pairs = [(a > b) + (a == b) / 2 for a in given[right] for b in given[~right]]
    assert metrics.auc(given, right, np.arange(400)).value == pytest.approx(np.mean(pairs))
    losses, base = metrics.brier(given, right), metrics.brier(np.full(400, 0.4), right)
    assert metrics.skill(losses, base, np.arange(400)).value == pytest.approx(1 - losses.sum() / base.sum())
    assert metrics.adjusted([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])


def test_stability_is_nothing_where_nothing_moved() -> None:
    sample = sample_of(rows(1), HORIZON, DEFAULT)
    then = reference(sample.rows)
    assert max(stability(sample.rows, then).values()) == pytest.approx(0.0)
    moved = sample.rows.copy()
    moved[:, AT["volume"]] = 1.0
    assert stability(moved, then)["volume"] > 0.25


def test_without_a_confidence_an_event_has_no_features() -> None:
    assert features_of([], [], {}, {}) == []
