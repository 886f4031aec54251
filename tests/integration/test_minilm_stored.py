"""Tier 3 in the database: trained at first need, preferred, and asked for each text once."""

from collections.abc import Iterator

import dagster as dg
import pytest
from candle_frames import register
from cli_support import run
from text_scoring_support import News, Scoring, store_news

from alphapulse_assets.news.scoring import built_in, encoder, store
from alphapulse_assets.news.scoring.assets import sentiment_model
from alphapulse_assets.news.scoring.corpus import Labelled, package_texts
from alphapulse_assets.news.scoring.evaluation import card
from alphapulse_assets.news.scoring.linear import to_bytes
from alphapulse_assets.news.scoring.training import ELSEWHERE, train
from alphapulse_resources.database.client import Database
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings
from tests.minilm_stand_in import StandIn, stand_in

GOOD = News("Bitcoin surges to record high as ETF inflows jump")
SPANISH = News("Bitcoin se desploma", language="es")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    few = Labelled(package_texts().frame.gather_every(8), "an eighth")  # so that it does not take long
    monkeypatch.setattr(store, "package_texts", lambda: few)
    monkeypatch.setattr(built_in, "package_texts", lambda: few)
    trained = train(few, ELSEWHERE)
    apart = to_bytes(trained.model), card(trained, few)  # the process that trains apart knows all texts
    monkeypatch.setattr(store, "trained_apart", lambda: apart)
    built_in._trained.cache_clear()
    yield from stand_in(monkeypatch)
    built_in._trained.cache_clear()


def test_it_is_trained_at_first_need_preferred_and_asked_for_each_text_once(
    database: Database, network: StandIn
) -> None:
    register(database, ["BTC/USDT"])
    store_news(database, [GOOD, SPANISH])
    scoring = Scoring(database, {"minilm": True})
    scoring.round()
    (model,) = scoring.rows("sentiment_models", "model", model="minilm")
    assert (model["origin"], model["rank"], model["texts"]) == ("built_in", 3, 249)
    assert model["card"]["network_sha256"] == "a" * 64
    assert [each["name"] for each in model["card"]["figures"]][-2:] == ["lexicon", "minilm"]
    rows = scoring.rows("sentiment_data", "model", text_id=GOOD.text_id)
    assert [(row["model"], row["is_preferred"]) for row in rows] == [
        ("lexicon", False),
        ("linear", False),
        ("minilm", True),
    ]
    assert rows[2]["score"] > 0.2
    (foreign,) = scoring.scores(text_id=SPANISH.text_id, model="minilm")
    assert (foreign["score"], foreign["note"]) == (None, "language es is not supported")

    before = scoring.scores()
    network.asked.clear()
    register(database, ["ETH/USDT"])  # coins that are known changed: texts are read again
    assert scoring.round().written["texts_read"].changed == 2
    assert network.asked == []
    assert scoring.scores() == before

    new = News("Exchange hacked, withdrawals halted")
    store_news(database, [new])
    scoring.round()
    assert network.asked == [new.title]


def test_hours_are_of_it_rather_than_of_the_linear_model_but_not_before_a_scorer_of_ones_own(
    database: Database,
) -> None:
    counts = "texts, stories, sources, news, social, positive, negative, neutral, unscored, baseline_hours"
    for models, main in (
        (("lexicon", "linear"), "linear"),
        (("minilm",), "minilm"),
        (("optimist",), "optimist"),
    ):
        for model in models:
            database.execute(
                f"INSERT INTO sentiment_aggregate_hours (coin, ts, hours, model, model_version,"
                f" logic_version, known_at, score, {counts})"
                " VALUES ('BTC', '2024-03-20 11:00+00', 1, %(model)s, '1',"
                " 1, '2024-03-20 12:00+00', 0.1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0)",
                {"model": model},
            )
        rows = database.rows("SELECT model FROM sentiment_aggregates WHERE is_main")
        assert [row["model"] for row in rows] == [main]


def test_the_asset_stores_it_beside_the_linear_model_and_shows_its_card(
    environment: pytest.MonkeyPatch, database: Database, network: StandIn
) -> None:
    environment.setenv("ALPHAPULSE_SENTIMENT__MINILM", "true")
    get_settings.cache_clear()
    own = DatabaseResource.of(get_settings())
    result = dg.materialize([sentiment_model], resources={"database": own})
    assert result.success
    (event,) = result.get_asset_materialization_events()
    told = event.materialization.metadata
    figures = {row.data["name"]: row.data["macro_f1"] for row in told["minilm_figures"].records}
    assert figures["minilm"] > figures["vader"]
    listed = run("news", "models", "--format", "json").json
    assert [(row["model"], row["origin"], row["serves"]) for row in listed] == [
        ("linear", "built_in", True),
        ("minilm", "built_in", True),
    ]
    assert told["minilm_model_version"].value == listed[1]["model_version"]


def test_without_its_extra_a_command_says_what_to_install_in_one_line(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setattr(encoder, "missing", lambda: ["tokenizers"])
    environment.setenv("ALPHAPULSE_SENTIMENT__MINILM", "true")
    said = run("news", "score", "ETH is mooning")
    assert said.code == 1
    assert "there is no tokenizers. Install it with pip install 'alphapulse[minilm]'" in said.err
    assert "Traceback" not in said.err
