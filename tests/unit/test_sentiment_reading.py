"""What is read of a text, and what is said where there is nothing to read."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
import pytest

from alphapulse_assets.news.model import SCORE_SCHEMA, TEXT_SCHEMA
from alphapulse_assets.news.scoring import reading, tiers
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import MOST_CHARACTERS, VERDICT_SCHEMA, Translate
from alphapulse_resources.settings.sections import Sentiment

AT = datetime(2024, 3, 20, tzinfo=UTC)


class Silent:
    """A model that reads every second text."""

    name, version, data_hash = "silent", "1", "none"

    def read(self, texts: Sequence[str]) -> pl.DataFrame:
        score = [0.5 if place % 2 else None for place, _ in enumerate(texts)]
        return pl.DataFrame({"score": score}).with_columns(
            **{name: pl.lit(None, pl.Float64) for name in VERDICT_SCHEMA if name != "score"}
        )


class Short(Silent):
    """A model that loses a text."""

    def read(self, texts: Sequence[str]) -> pl.DataFrame:
        return super().read(texts[1:])


def plug() -> Silent:
    """What a setting may name."""
    return Silent()


def spanish(text: str, language: str) -> str | None:
    """A translation that knows one sentence."""
    if language == "fr":
        raise ConnectionError("nobody there")
    return "Bitcoin crashes" if language == "es" else None


def texts(*rows: tuple[str, str | None, str | None, str | None]) -> pl.DataFrame:
    """Texts of kind, title, body and language."""
    return pl.DataFrame(
        [
            (n, AT, kind, "rss", "x", title, body, language, n)
            for n, (kind, title, body, language) in enumerate(rows)
        ],
        schema=TEXT_SCHEMA,
        orient="row",
    )


def notes(frame: pl.DataFrame, translate: Translate | None = None) -> list[tuple[float | None, str | None]]:
    """Scores (rounded) and notes of the lexicon."""
    found = reading.scores(frame, [lexicon()], translate)
    assert found.schema == SCORE_SCHEMA
    return [
        (None if score is None else round(score, 2), note)
        for score, note in found.select("score", "note").iter_rows()
    ]


def test_a_headline_is_scored_without_its_description_and_a_post_with_title_and_body() -> None:
    assert reading.words_of("news", "Bitcoin falls", "Great offer!") == "Bitcoin falls"
    assert reading.words_of("news", None, "Body") == "Body"
    assert reading.words_of("social", "Title", "Body") == "Title\nBody"
    assert len(reading.words_of("social", None, "x" * 5_000)) == MOST_CHARACTERS


def test_languages_that_no_model_reads_have_no_score() -> None:
    frame = texts(
        ("news", "Bitcoin crashes", None, "en"),
        ("news", "Bitcoin crashes", None, None),
        ("news", "Bitcoin crashes", None, "de"),
    )
    score = notes(frame)[0][0]
    assert notes(frame) == [(score, None), (score, None), (None, "language de is not supported")]


def test_a_translation_that_is_plugged_in_is_scored_and_said() -> None:
    frame = texts(
        ("news", "Bitcoin se desploma", None, "es"),
        ("news", "Bitcoin stürzt ab", None, "de"),
        ("news", "Bitcoin chute", None, "fr"),
    )
    (score, said), german, french = notes(frame, spanish)
    assert score is not None
    assert score < -0.3
    assert said == "translated from es"
    assert german == (None, "language de is not supported, and was not translated")
    assert french == (None, "translation from fr failed: ConnectionError: nobody there")


def test_addresses_and_signs_are_no_words() -> None:
    frame = texts(
        ("social", None, "https://example.com/to-the-moon", "en"), ("social", None, "🚀🚀 !!", None)
    )
    assert notes(frame) == [(None, "no words to read")] * 2


def test_a_model_without_an_answer_leaves_a_row_that_says_so() -> None:
    frame = texts(("news", "One two", None, "en"), ("news", "Three four", None, "en"))
    found = reading.scores(frame, [Silent()])
    assert found.select("score", "note").rows() == [(None, reading.NOT_READ), (0.5, None)]


def test_a_model_that_loses_texts_is_not_believed() -> None:
    with pytest.raises(ValueError, match="gave 1 verdicts of 2 texts"):
        reading.scores(texts(("news", "One two", None, "en"), ("news", "Three", None, "en")), [Short()])


def test_a_model_that_fails_is_told_and_stops_no_other() -> None:
    failed: dict[str, str] = {}
    rows = texts(("news", "One two", None, "en"), ("news", "Three four", None, "en"))
    found = reading.scores(rows, [lexicon(), Short()], failed=failed)
    assert found["model"].to_list() == ["lexicon", "lexicon"]
    assert failed == {"model silent 1": "ValueError: model silent 1 gave 1 verdicts of 2 texts"}


def test_what_reads_changes_with_models_coins_and_settings() -> None:
    made = {
        reading.reading_of([lexicon()], ["BTC"], {}),
        reading.reading_of([lexicon(), Silent()], ["BTC"], {}),
        reading.reading_of([lexicon()], ["BTC", "ETH"], {}),
        reading.reading_of([lexicon()], ["BTC"], {"translate": "x"}),
    }
    assert len(made) == 4
    assert reading.reading_of([lexicon()], ["ETH", "BTC"], {}) in made


def test_settings_name_scorers_and_a_translation() -> None:
    settings = Sentiment(scorers=f" {__name__}:plug, {__name__}:plug ", translate=f"{__name__}:spanish")
    assert settings.scorer_names == [f"{__name__}:plug"]
    translate = tiers.translation(settings)
    assert translate is not None
    assert translate("x", "es") == "Bitcoin crashes"
    assert tiers.translation(Sentiment()) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "neither an entry point of alphapulse.sentiment nor of the form package.module:name"),
        ("no.such.module:x", "cannot be had: No module named"),
        (f"{__name__}:nobody", "cannot be had: .* has no attribute 'nobody'"),
        (f"{__name__}:AT", "which is a datetime and cannot be called"),
    ],
)
def test_a_name_that_cannot_be_had_is_told(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tiers.translation(Sentiment(translate=name))
