"""A trained model as plain arrays: what it says of rows of terms, and its file, held against its hash. Pure.

P(right after costs) is told in two factors (after Anatolyev & Gospodinov, "Modeling financial return dynamics
via decomposition", 2010): that the price moves by more than the costs at all, which follows from the costs in
ATR and has nothing to do with direction, times that such a move goes the event's way. Volatility can be told
on a random walk too; direction cannot. So skill is a matter of the second factor alone.
"""

import io
import json
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from alphapulse_assets.models import kernels
from alphapulse_assets.models.model import Floats, Integers, digest
from alphapulse_assets.models.terms import features_digest

KINDS: Final = ("table", "logistic", "boosting")
"""The ladder, in the order of the kernel's codes."""
LEVEL: Final = 0.95
_Z: Final = NormalDist().inv_cdf(1 - (1 - LEVEL) / 4)
"""Each of the two factors at 97.5 %, so that both hold in 95 cases of 100 (Bonferroni)."""


class WrongArtefactError(ValueError):
    """The numbers of a model are not those that its hash stands for, or of other features."""


def _empty() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Numbers:
    """The arrays of a model, as `kernels.predict` takes them."""

    edges: Floats
    size: Floats
    size_n: Floats
    table: Floats
    table_n: Floats
    columns: Integers
    mean: Floats
    scale: Floats
    weights: Floats
    roots: Integers
    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    missing_left: Integers
    value: Floats
    baseline: Floats  # one number
    platt: Floats
    x: Floats
    y: Floats
    bins: Floats
    bins_n: Floats


WHOLE: Final = ("columns", "roots", "feature", "left", "right", "missing_left")


def numbers(**arrays: Any) -> Numbers:
    """Those given; the others empty."""
    given = {name: _empty() for name in Numbers.__dataclass_fields__} | {"baseline": np.zeros(1)} | arrays
    made: dict[str, Any] = {
        name: np.ascontiguousarray(each, dtype=np.int64 if name in WHOLE else np.float64)
        for name, each in given.items()
    }
    return Numbers(**made)


@dataclass(frozen=True, eq=False)
class Model:
    """A model of one horizon."""

    kind: str  # one of KINDS
    horizon: int  # bars
    trained_until: datetime
    cost: float  # of a round trip, a fraction: what "right" means
    data_digest: str
    version: str
    numbers: Numbers

    def predict(self, rows: Floats) -> Floats:
        """Probability, lower and upper bound, probability of a move: a row for each row of TERMS."""
        out = np.empty((len(rows), kernels.OUTPUTS))
        of = self.numbers
        kernels.predict(
            rows, KINDS.index(self.kind), of.edges, of.size, of.size_n, of.table, of.table_n, of.columns,
            of.mean, of.scale, of.weights, of.roots, of.feature, of.threshold, of.left, of.right,
            of.missing_left, of.value, float(of.baseline[0]), of.platt, of.x, of.y, of.bins, of.bins_n,
            _Z, out,
        )  # fmt: skip
        return out


def to_bytes(model: Model) -> bytes:
    """The model as one file of plain arrays (.npz); the same model gives the same bytes."""
    header = {
        "kind": model.kind,
        "horizon": model.horizon,
        "trained_until": model.trained_until.isoformat(),
        "cost": model.cost,
        "data_digest": model.data_digest,
        "version": model.version,
        "features_digest": features_digest(),
    }
    text = np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, header=text, **vars(model.numbers))
    return file.getvalue()


def from_bytes(data: bytes, artefact_hash: str) -> Model:
    """The model of a file that `to_bytes` made.

    Raises:
        WrongArtefactError: it is not the file of this hash, or its features are not those of this version.
    """
    if (found := digest(data)) != artefact_hash:
        raise WrongArtefactError(
            f"the numbers of a probability model have the hash {found[:12]} instead of {artefact_hash[:12]}: "
            "they were changed or cut off; materialize probability_model again"
        )
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    header: dict[str, Any] = json.loads(arrays.pop("header").tobytes().decode())
    if header.pop("features_digest") != features_digest():
        raise WrongArtefactError(
            f"probability model {header['version']} was made of other features than this version has; "
            "materialize probability_model again"
        )
    header["trained_until"] = datetime.fromisoformat(header["trained_until"])
    return Model(**header, numbers=numbers(**arrays))
