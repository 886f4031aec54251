"""Trains in a process of its own: `python -m` this module, with a folder that has what it needs.

What training needs (scikit-learn, some hundred MB of memory) is gone with that process.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from alphapulse_assets.patterns.events.configuration import CostRules, PatternConfiguration

SECONDS: Final = 3600.0
"""How long a training may take (ours): some minutes for a million events."""
WORDS: Final = 500
_FRAME, _TASK, _ARTEFACT, _CARD = "frame.parquet", "task.json", "model.npz", "card.json"


class TrainingFailedError(RuntimeError):
    """The process that trains ended without a model."""


def trained_apart(
    frame: pl.DataFrame, horizon: int, until: datetime, configuration: PatternConfiguration
) -> tuple[bytes, dict[str, Any]] | str:
    """Numbers and card of a model; a sentence where there is too little to learn from.

    Raises:
        TrainingFailedError: with the last words of the process that trained.
    """
    with tempfile.TemporaryDirectory(prefix="alphapulse-model-") as name:
        folder = Path(name)
        frame.write_parquet(folder / _FRAME)
        costs = configuration.costs
        task = {"horizon": horizon, "until": until.isoformat()}
        task |= {"fee_bps": costs.fee_bps, "slippage_bps": costs.slippage_bps}
        (folder / _TASK).write_text(json.dumps(task))
        told = subprocess.run(
            [sys.executable, "-m", __name__, name],
            capture_output=True,
            timeout=SECONDS,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        if told.returncode:
            words = told.stderr.decode(errors="replace").strip()[-WORDS:]
            raise TrainingFailedError(f"the probability model could not be trained: {words}")
        card: dict[str, Any] = json.loads((folder / _CARD).read_text())
        if "too_few" in card:
            return str(card["too_few"])
        return (folder / _ARTEFACT).read_bytes(), card


def _main(folder: Path) -> None:
    from alphapulse_assets.models.artefact import to_bytes
    from alphapulse_assets.models.training import TooFewError, train

    task = json.loads((folder / _TASK).read_text())
    costs = CostRules(task["fee_bps"], task["slippage_bps"])
    try:
        made = train(
            pl.read_parquet(folder / _FRAME),
            task["horizon"],
            datetime.fromisoformat(task["until"]),
            configuration=PatternConfiguration(costs=costs),
        )
    except TooFewError as error:
        (folder / _CARD).write_text(json.dumps({"too_few": str(error)}))
        return
    (folder / _ARTEFACT).write_bytes(to_bytes(made.model))
    (folder / _CARD).write_text(json.dumps(made.card))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
