"""The tiers of scoring: what they say, that they are what they were trained to be, and what they refuse."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.news.scoring import evaluation, features, linear, training
from alphapulse_assets.news.scoring.corpus import (
    LabelledTextsError,
    check_enough,
    package_texts,
    read_labelled,
    together,
)
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import LABELS, digest
from alphapulse_assets.news.scoring.versions import version_of

HEADLINES = (
    "Bitcoin plunges as exchange halts withdrawals",
    "ETH is mooning, very bullish",
    "What is a blockchain?",
    "SEC approves spot Ether ETF; XRP up 12%",
    "BTC/USDT: $64,000 holds \u2014 won\u2019t break? https://example.com/x",
    "",
)


@pytest.fixture(scope="module")
def trained() -> training.Trained:
    """A model of a part of the package's texts: enough to be one, and soon there."""
    texts = package_texts()
    return training.train(type(texts)(texts.frame.gather_every(4), "a quarter"))


@pytest.mark.parametrize(
    ("text", "sign", "word"),
    [
        ("Bitcoin plunges as exchange halts withdrawals", -1, "plunges"),
        ("ETH is mooning, very bullish", 1, "mooning"),
        ("Bitcoin hits all-time high", 1, "all-time-high"),
        ("Exit scam: project rug pulled its holders", -1, "rugpull"),
        ("Binance to delist token after exploit", -1, "delist"),
        ("Upgrade doubles throughput", 1, "upgrade"),
    ],
)
def test_the_lexicon_knows_what_vader_misses_and_says_by_which_words(text: str, sign: int, word: str) -> None:
    assert lexicon().read([text])["score"][0] * sign > 0.2
    assert word in lexicon().explain(text) or sign == lexicon().explain(text).get(word, sign)


def test_words_that_mean_something_else_here_are_not_counted() -> None:
    texts = ["Grayscale Bitcoin Trust files for shares in the United States", "Block 840,000 is next"]
    told = lexicon().read(texts)
    assert told["score"].to_list() == [0.0, 0.0]
    assert told["positive"].null_count() == 2


def test_names_of_coins_and_figures_are_nothing_a_model_could_learn() -> None:
    one = features.tokens("Bitcoin falls 12% to $64,000")
    other = features.tokens("SOL falls 3% to $140.5")
    assert one == other == [features.COIN, "falls", "0%", "to", "$0"]


def test_weights_of_n_grams_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = package_texts().frame["text"].head(300).to_list()
    words = [features.tokens(text) for text in texts]
    asked = [features.tokens(text) for text in (*HEADLINES, *texts[:20])]
    for kind in features.KINDS:
        reference = TfidfVectorizer(
            analyzer=lambda made, kind=kind: list(kind.grams(made)), sublinear_tf=True, min_df=kind.least
        )
        reference.fit(words)
        vocabulary = features.vocabulary_of(words, kind)
        assert vocabulary == list(reference.get_feature_names_out())
        places = {gram: place for place, gram in enumerate(vocabulary)}
        idf = features.idf_of(features.counted(words, kind, places), len(texts), len(vocabulary))
        counts = features.counted(asked, kind, places)
        held = np.zeros((len(asked), len(vocabulary)))
        held[counts[0], counts[1]] = features.weighted(counts, idf, len(asked))
        assert np.abs(held - reference.transform(asked).toarray()).max() < 1e-12


def test_parts_of_words_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    theirs = CountVectorizer(
        analyzer="char_wb", ngram_range=(features.SHORTEST, features.LONGEST)
    ).build_analyzer()
    text = "plunges as a sell-off hits miners"
    # theirs pads a word shorter than a length once, and so do ours
    assert sorted(set(features.part_grams(text.split()))) == sorted(set(theirs(text)))


def test_scores_are_those_of_the_logistic_regression_that_was_trained(trained: training.Trained) -> None:
    from sklearn.linear_model import LogisticRegression

    model = trained.model
    reference = LogisticRegression()
    reference.classes_ = np.arange(3)
    reference.coef_ = np.concatenate([*model.weights, model.dense]).T
    reference.intercept_ = model.bias
    words = [features.tokens(text) for text in HEADLINES]
    blocks = []
    for place, kind in enumerate(features.KINDS):
        places = {gram: n for n, gram in enumerate(model.vocabularies[place])}
        counts = features.counted(words, kind, places)
        block = np.zeros((len(HEADLINES), len(places)))
        block[counts[0], counts[1]] = features.weighted(counts, model.idf[place], len(HEADLINES))
        blocks.append(block)
    told = np.concatenate([*blocks, features.dense(HEADLINES, lexicon())], axis=1)
    assert np.abs(reference.decision_function(told) - model.decisions(HEADLINES)).max() < 1e-12
    plain = linear.calibrated(model.decisions(HEADLINES), np.array([1.0, 0, 0, 0]))
    assert np.abs(reference.predict_proba(told) - plain).max() < 1e-12


def test_probabilities_are_one_together_and_the_score_is_their_difference(trained: training.Trained) -> None:
    told = trained.model.read(HEADLINES)
    assert told.height == len(HEADLINES)
    assert (told.select(pl.sum_horizontal(LABELS)).to_series() - 1).abs().max() < 1e-12
    assert (told["score"] - (told["positive"] - told["negative"])).abs().max() == 0
    assert told["confidence"].is_between(1 / 3, 1).all()
    assert told["score"][0] < -0.3 < 0.3 < told["score"][1]


def test_a_text_is_scored_alike_whatever_is_scored_with_it(trained: training.Trained) -> None:
    together_ = trained.model.probabilities(HEADLINES)
    alone = np.concatenate([trained.model.probabilities([text]) for text in HEADLINES])
    assert np.abs(together_ - alone).max() < 1e-14


def test_no_text_gives_no_row(trained: training.Trained) -> None:
    assert trained.model.read([]).height == lexicon().read([]).height == 0


def test_the_same_texts_give_the_same_numbers_in_another_process(trained: training.Trained) -> None:
    code = (
        "from alphapulse_assets.news.scoring import linear, training\n"
        "from alphapulse_assets.news.scoring.corpus import package_texts\n"
        "texts = package_texts()\n"
        "part = type(texts)(texts.frame.gather_every(4), 'a quarter')\n"
        "print(linear.digest(linear.to_bytes(training.train(part).model)))"
    )
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    assert told.stdout.strip() == digest(linear.to_bytes(trained.model))


def test_a_model_comes_back_from_its_file_and_the_file_is_small(trained: training.Trained) -> None:
    data = linear.to_bytes(trained.model)
    assert len(data) < 1_000_000
    back = linear.from_bytes(data, digest(data))
    assert (back.version, back.data_hash) == (trained.model.version, trained.model.data_hash)
    assert (back.probabilities(HEADLINES) == trained.model.probabilities(HEADLINES)).all()


def test_numbers_that_were_changed_are_not_loaded(
    trained: training.Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = linear.to_bytes(trained.model)
    with pytest.raises(linear.WrongArtefactError, match="changed or cut off; train again"):
        linear.from_bytes(data[:99] + bytes([data[99] ^ 1]) + data[100:], digest(data))
    monkeypatch.setattr(features, "FEATURES_VERSION", features.FEATURES_VERSION + 1)
    with pytest.raises(linear.WrongArtefactError, match="version 1 of the features, and this is 2"):
        linear.from_bytes(data, digest(data))


def test_the_version_follows_from_the_texts_without_training(trained: training.Trained) -> None:
    assert trained.model.version == version_of(trained.model.data_hash)
    assert trained.model.version != version_of(package_texts().data_hash)


def test_the_model_does_better_than_what_needs_none_on_unseen_texts(trained: training.Trained) -> None:
    quarter = package_texts().frame.gather_every(4)
    card = evaluation.card(trained, type(package_texts())(quarter, "a quarter"))
    f1 = {each["name"]: each["macro_f1"] for each in card["figures"]}
    assert f1["linear"] > f1["lexicon"] > f1["vader"] + 0.05 > f1["majority"] + 0.3
    assert card["calibration_error"] < 0.06
    assert sum(row["texts"] for row in card["reliability"]) == 3 * quarter.height


def test_figures_of_a_worked_example() -> None:
    labels = np.array([0, 0, 1, 2, 2, 2])
    found = evaluation.figures("x", labels, np.array([0, 1, 1, 2, 2, 0]))
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.recall == pytest.approx({"negative": 1 / 2, "neutral": 1, "positive": 2 / 3})
    assert found.macro_f1 == pytest.approx((2 / 4 + 2 / 3 + 4 / 5) / 3)
    two = evaluation.figures("x", np.array([0, 2]), np.array([1, 2]))
    assert (two.macro_f1, set(two.recall)) == (0.5, {"negative", "positive"})


def test_reliability_of_a_worked_example() -> None:
    table = evaluation.reliability(np.array([[0.8, 0.15, 0.05], [0.05, 0.05, 0.9]]), np.array([0, 1]))
    assert table.rows() == [
        (0, 3, pytest.approx(0.05), pytest.approx(1 / 3)),
        (1, 1, pytest.approx(0.15), 0.0),
        (8, 1, pytest.approx(0.8), 1.0),
        (9, 1, pytest.approx(0.9), 0.0),
    ]
    assert evaluation.calibration_error(table) == pytest.approx((3 * (1 / 3 - 0.05) + 0.15 + 0.2 + 0.9) / 6)


# labelled texts --------------------------------------------------------------------------------------------


def test_the_labelled_texts_of_the_package_are_many_and_each_is_there_once() -> None:
    frame = package_texts().frame
    assert frame.height >= 1_500
    assert frame.group_by("label").len()["len"].min() >= 500
    assert frame["text"].str.to_lowercase().n_unique() == frame.height


def test_a_file_of_ones_own_is_read_with_its_dates(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    rows = '"BTC, up",1,2024-01-02\nfee,neutral,2024-01-03T10:00:00+02:00\n'
    path.write_text("# mine\ntext,label,date\n" + rows)
    frame = read_labelled(path).frame
    assert frame["label"].to_list() == ["positive", "neutral"]
    assert [str(date) for date in frame["date"]] == ["2024-01-02 00:00:00+00:00", "2024-01-03 08:00:00+00:00"]
    twice = together([read_labelled(path), read_labelled(path)])
    assert twice.frame.height == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title,label\na,1\n", "the header has title, label; it has to name text and label"),
        ("text,label\na,good\n", "line 2: label 'good'; a line needs a text and one of negative, neutral"),
        ("# x\ntext,label\na,1\n,1\n", "line 4: no text"),
        ("text,label,date\na,1,yesterday\n", "line 2: date 'yesterday' is not ISO 8601"),
        ("text,label\n", "no texts below its header"),
        ("", "the header has nothing"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_is_expected(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(LabelledTextsError, match=words):
        read_labelled(path)


def test_a_class_with_few_texts_is_not_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("text,label\n" + "".join(f"text {n},{n % 2}\n" for n in range(100)))
    with pytest.raises(LabelledTextsError, match="30 texts of each class, and there are of negative: 0"):
        check_enough(read_labelled(path))
