"""Models in the database: trained at first need, held against their hash, replaced by a user's own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from candle_frames import register
from cli_support import run
from text_scoring_support import NOW, News, Scoring, store_news

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collected_assets import collected_asset
from alphapulse_assets.news.scoring import child, comparing
from alphapulse_assets.news.scoring.assets import sentiment_model
from alphapulse_assets.news.scoring.corpus import Labelled, package_texts
from alphapulse_assets.news.scoring.dataset import LINKS, SENTIMENT_DATA
from alphapulse_assets.news.scoring.model import VERDICT_SCHEMA
from alphapulse_assets.news.scoring.store import serving_linear
from alphapulse_assets.news.scoring.versions import version_of
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.resources import DatabaseResource, GatewayResource
from alphapulse_resources.settings import get_settings

GOOD = News("Bitcoin surges to record high as ETF inflows jump")


class Optimist:
    """A user's own scorer: everything is good."""

    name, version, data_hash = "optimist", "7", "none"

    def read(self, texts: Sequence[str]) -> pl.DataFrame:
        told = pl.DataFrame({"score": [0.75] * len(texts), "confidence": [1.0] * len(texts)})
        return told.with_columns(
            **{name: pl.lit(None, pl.Float64) for name in ("negative", "neutral", "positive")}
        ).select(VERDICT_SCHEMA.names())


def models(database: Database) -> list[tuple[str, str, bool]]:
    """Model, origin, and whether it serves."""
    return [
        (row["model"], row["origin"], row["serves"])
        for row in database.rows(
            "SELECT model, origin,"
            " coalesce(activated_at = max(activated_at) OVER (PARTITION BY model), false) AS serves"
            " FROM sentiment_models ORDER BY model, activated_at NULLS FIRST"
        )
    ]


def test_the_first_need_trains_and_the_next_process_takes_the_numbers(database: Database) -> None:
    first = serving_linear(database)
    assert first.version == version_of(package_texts().data_hash)
    (row,) = database.rows("SELECT * FROM sentiment_models WHERE model = 'linear'")
    assert (row["origin"], row["texts"], row["data_hash"]) == (
        "built_in", package_texts().frame.height, package_texts().data_hash,
    )  # fmt: skip
    assert len(row["artefact"]) < 1_000_000
    assert serving_linear(database) is first


def test_a_process_that_scores_has_nothing_of_what_training_needs(database: Database) -> None:
    code = (
        "import os, sys\n"
        "from alphapulse_assets.news.scoring.store import serving_linear\n"
        "from alphapulse_resources.database.client import Database\n"
        "model = serving_linear(Database(os.environ['DSN']))\n"
        "print(model.read(['Bitcoin crashes'])['score'][0] < -0.3)\n"
        "print('sklearn' in sys.modules, 'scipy' in sys.modules)"
    )
    env = {**os.environ, "DSN": database.dsn}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=240)
    assert told.stdout.split() == ["True", "False", "False"], told.stderr


def test_a_training_that_fails_is_told_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "__name__", "no_such_module")
    with pytest.raises(child.TrainingFailedError, match=r"not be trained: .*No module named no_such_module"):
        child.trained_apart.__wrapped__()


def test_numbers_that_were_spoiled_are_made_again(database: Database) -> None:
    text = [GOOD.title]
    before = serving_linear(database).probabilities(text)
    database.execute("UPDATE sentiment_models SET artefact = 'spoiled', artefact_hash = 'other'")
    assert (serving_linear(database).probabilities(text) == before).all()
    (row,) = database.rows("SELECT artefact_hash FROM sentiment_models")
    assert row["artefact_hash"] != "other"


def test_a_users_own_model_serves_until_the_packages_is_trained_again(
    environment: pytest.MonkeyPatch, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    words = {"negative": "frobs", "neutral": "sits in", "positive": "foobles"}
    lines = [f'"Vaporcoin {words[label]} the market, {n}",{label}' for n in range(40) for label in words]
    path.write_text("text,label\n" + "\n".join(lines) + "\n")
    built_in = serving_linear(database)
    said = run("news", "train", "--data", str(path), "--only", "--json")
    assert said.code == 0, said.err
    own = serving_linear(database)
    assert own.version == said.json["model_version"] != built_in.version
    frob = ["Vaporcoin 5 frobs the market"]
    assert own.read(frob)["score"][0] < -0.5 < built_in.read(frob)["score"][0]
    assert models(database) == [("linear", "built_in", False), ("linear", "own", True)]
    listed = run("news", "models", "--format", "json").json
    assert [(row["origin"], row["serves"]) for row in listed] == [("own", True), ("built_in", False)]
    assert run("news", "train").code == 0
    assert serving_linear(database).version == built_in.version


def test_a_file_that_cannot_be_read_is_one_clear_line(
    environment: pytest.MonkeyPatch, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("headline,label\nx,1\n")
    said = run("news", "train", "--data", str(path))
    assert said.code == 1
    assert "it has to name text and label" in said.err
    assert "name a file with --data" in run("news", "train", "--only").err


def test_texts_are_scored_from_the_command_line_with_the_words_that_count() -> None:
    rows = run("news", "score", "ETH is mooning, very bullish", "--format", "json").json
    assert [row["model"] for row in rows] == ["lexicon", "linear"]
    assert all(row["score"] > 0.3 for row in rows)
    assert rows[0]["words"] == "mooning +3.2, bullish +2.6"


def test_labelled_texts_are_held_against_the_models_as_they_are_and_trained_on_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Labelled(package_texts().frame.gather_every(6), "a sixth")  # so that it does not take long
    monkeypatch.setattr(comparing, "package_texts", lambda: few)
    path = tmp_path / "labelled.csv"
    words = {"positive": "rallies", "negative": "crashes", "neutral": "newsletter"}
    lines = [
        f"Vaporcoin {word} number {n},{label},2024-01-{n % 28 + 1:02d}"
        for n in range(60)
        for label, word in words.items()
    ]
    path.write_text("text,label,date\n" + "\n".join(lines) + "\n")
    found = run("news", "evaluate", str(path), "--json").json
    as_they_are, trained = found.values()
    assert [each["name"] for each in as_they_are] == ["majority", "vader", "lexicon", "linear"]
    assert [each["texts"] for each in trained] == [90] * 4
    assert trained[3]["macro_f1"] > 0.95 > trained[0]["macro_f1"]


def test_the_asset_shows_the_card_and_leaves_a_users_model_in_its_place(
    environment: pytest.MonkeyPatch, database: Database
) -> None:
    serving_linear(database)
    database.execute("UPDATE sentiment_models SET origin = 'own', model_version = '0.mine'")
    own = DatabaseResource.of(get_settings())
    result = dg.materialize([sentiment_model], resources={"database": own})
    assert result.success
    (event,) = result.get_asset_materialization_events()
    told = event.materialization.metadata
    assert told["picture"].value.startswith("![Sentiment model")
    assert told["serves"].value is False
    figures = {row.data["name"]: row.data["macro_f1"] for row in told["figures"].records}
    assert figures["linear"] > figures["lexicon"] > figures["vader"]
    assert models(database) == [("linear", "built_in", False), ("linear", "own", True)]


def test_a_scorer_of_ones_own_is_preferred_and_can_be_left_out_again(database: Database) -> None:
    register(database, ["BTC/USDT"])
    store_news(database, [GOOD])
    Scoring(database, {"scorers": f"{__name__}:Optimist", "linear": False}).round()
    rows = Scoring(database).rows("sentiment_data", "model", coin="BTC")
    assert [(row["model"], row["score"] == 0.75, row["is_preferred"]) for row in rows] == [
        ("lexicon", False, False),
        ("optimist", True, True),
    ]
    assert Scoring(database, {"linear": False}).round().written["texts_read"].changed == 1


def checked(database: Database, *, lightweight: bool) -> dict[str, dg.AssetCheckResult]:
    """The promises of a day, held."""
    scope = CheckScope(DerivedStore(database), [f"{NOW:%Y-%m-%d}"], lightweight)
    found = [(each, check) for each in (SENTIMENT_DATA, LINKS) for check in each.checks]
    return {f"{each.name} {check.name}": check.run(scope, each) for each, check in found}


def test_checks_pass_on_what_is_scored_tell_shares_and_catch_what_is_wrong(database: Database) -> None:
    register(database, ["BTC/USDT"])
    store_news(database, [GOOD, News("Weekly letter"), News("Bitcoin se desploma", language="es")])
    Scoring(database).round()
    for lightweight in (True, False):
        found = checked(database, lightweight=lightweight)
        assert all(result.passed for result in found.values()), found
    shares: dict[str, Any] = {
        name: value.value for name, value in found["sentiment_data texts_scored"].metadata.items()
    }
    assert (shares["texts"], shares["in_a_supported_language"], shares["scored"]) == (3, 2, 2)
    assert shares["linked"] >= 1
    database.execute("UPDATE text_scores SET negative = 0.9 WHERE model = 'linear' AND score IS NOT NULL")
    assert not checked(database, lightweight=True)["sentiment_data scores_explained"].passed
    database.execute("UPDATE text_scores SET score = 1.5 WHERE score IS NOT NULL")
    assert not checked(database, lightweight=True)["sentiment_data rules"].passed
    database.execute("UPDATE text_scores SET score = NULL, note = NULL")
    assert not checked(database, lightweight=True)["sentiment_data texts_scored"].passed


def test_a_materialization_of_a_day_scores_it_and_shows_the_coins_told_of(
    environment: pytest.MonkeyPatch, database: Database
) -> None:
    register(database, ["BTC/USDT"])
    store_news(database, [GOOD])
    own = DatabaseResource.of(get_settings())
    result = dg.materialize(
        [collected_asset(LINKS), collected_asset(SENTIMENT_DATA)],
        partition_key=f"{NOW:%Y-%m-%d}",
        resources={"database": own, "gateway": GatewayResource.of(get_settings(), own)},
    )
    assert result.success
    told = {
        each.materialization.asset_key.to_user_string(): each.materialization.metadata
        for each in result.get_asset_materialization_events()
    }
    (first, _) = told["sentiment_data"]["coins"].records
    assert (first.data["coin"], first.data["stories"]) == ("BTC", 1)
    assert told["text_links"]["dagster/partition_row_count"].value == 1
