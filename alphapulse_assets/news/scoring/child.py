"""Trains the model of the package's texts in a process of its own: `python -m` this module.

What training needs (scikit-learn, 200 MB of memory) is gone with that process; a poller that runs for weeks
has none of it.
"""

import base64
import json
import os
import subprocess
import sys
from functools import lru_cache
from typing import Any, Final

SECONDS: Final = 600.0
"""How long a training may take (ours): it takes some two seconds of a processor that is not busy."""
WORDS: Final = 500


class TrainingFailedError(RuntimeError):
    """The process that trains ended without a model."""


@lru_cache(maxsize=1)
def trained_apart() -> tuple[bytes, dict[str, Any]]:
    """Numbers and card of the model of the package's texts; one training for a process that asks again.

    Raises:
        TrainingFailedError: with the last words of the process that trained.
    """
    told = subprocess.run(
        [sys.executable, "-m", __name__],
        capture_output=True,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    if told.returncode:
        words = told.stderr.decode(errors="replace").strip()[-WORDS:]
        raise TrainingFailedError(f"the sentiment model could not be trained: {words}")
    answer = json.loads(told.stdout)
    return base64.b64decode(answer["artefact"]), answer["card"]


def _main() -> None:
    from alphapulse_assets.news.scoring.built_in import built_in
    from alphapulse_assets.news.scoring.corpus import package_texts
    from alphapulse_assets.news.scoring.evaluation import card
    from alphapulse_assets.news.scoring.linear import to_bytes

    trained = built_in()
    artefact = base64.b64encode(to_bytes(trained.model)).decode()
    json.dump({"artefact": artefact, "card": card(trained, package_texts())}, sys.stdout)


if __name__ == "__main__":
    _main()
