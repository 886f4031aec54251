"""Labelled texts: those that come with the package, written by us, and files of users.

A file is CSV with a header: `text` and `label` (negative, neutral, positive; -1, 0, 1 are read too), and
perhaps `date` (ISO 8601), by which evaluations are ordered. Lines before the header that begin with # are
comments.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_assets.news.scoring.model import LABELS, NEGATIVE, NEUTRAL, POSITIVE, digest

PACKAGE_FILE: Final = Path(__file__).parent / "labelled_texts.csv"
LABELLED_SCHEMA: Final = pl.Schema(
    {"text": pl.String(), "label": pl.String(), "date": pl.Datetime("us", "UTC")}
)
_OTHER_NAMES: Final = {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE, "bearish": NEGATIVE, "bullish": POSITIVE}
LEAST: Final = 30
"""Labelled texts of each class without which there is no training (ours)."""


class LabelledTextsError(ValueError):
    """A file of labelled texts cannot be read: which, where and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Texts with their labels (LABELLED_SCHEMA), and where they are from."""

    frame: pl.DataFrame
    source: str

    @property
    def data_hash(self) -> str:
        """SHA-256 of the texts and labels in their order."""
        return digest(*self.frame["text"].to_list(), *self.frame["label"].to_list())


@lru_cache(maxsize=1)
def package_texts() -> Labelled:
    """The texts that come with the package."""
    return read_labelled(PACKAGE_FILE)


def read_labelled(path: Path) -> Labelled:
    """A file of labelled texts.

    Raises:
        LabelledTextsError: it cannot be read; the message names the file and line, and says what is expected.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelledTextsError(f"{path} cannot be read: {error}") from error
    lines = text.splitlines(keepends=True)
    words = next((place for place, line in enumerate(lines) if not line.startswith("#")), len(lines))
    rows = csv.DictReader(io.StringIO("".join(lines[words:])))
    if not {"text", "label"} <= set(rows.fieldnames or ()):
        raise LabelledTextsError(
            f"{path}: the header has {', '.join(rows.fieldnames or ()) or 'nothing'}; it has to name text "
            "and label, and may name date"
        )
    made = [_row(path, words + rows.line_num, row) for row in rows]
    if not made:
        raise LabelledTextsError(f"{path} has no texts below its header")
    return Labelled(pl.DataFrame(made, schema=LABELLED_SCHEMA, orient="row"), path.name)


def together(files: Sequence[Labelled]) -> Labelled:
    """All texts of files; a text that is in several counts once, with the label of the last."""
    frame = pl.concat([each.frame for each in files])
    frame = frame.unique("text", keep="last", maintain_order=True)
    return Labelled(frame, ", ".join(each.source for each in files))


def check_enough(labelled: Labelled) -> None:
    """Raise LabelledTextsError where a class has too few texts to be learnt."""
    counts = dict(labelled.frame.group_by("label").len().iter_rows())
    few = [f"{label}: {counts.get(label, 0)}" for label in LABELS if counts.get(label, 0) < LEAST]
    if few:
        raise LabelledTextsError(
            f"{labelled.source}: a model needs {LEAST} texts of each class, and there are of "
            f"{', '.join(few)}; train on the package's texts as well (without --only)"
        )


def _row(path: Path, line: int, row: dict[str, str | None]) -> tuple[str, str, datetime | None]:
    text, told = (row.get("text") or "").strip(), (row.get("label") or "").strip().lower()
    label = _OTHER_NAMES.get(told, told)
    if not text or label not in LABELS:
        wrong = f"label {told!r}" if text else "no text"
        raise LabelledTextsError(
            f"{path}, line {line}: {wrong}; a line needs a text and one of {', '.join(LABELS)}"
        )
    return text, label, _date(path, line, row.get("date"))


def _date(path: Path, line: int, told: str | None) -> datetime | None:
    if not told or not told.strip():
        return None
    try:
        date = datetime.fromisoformat(told.strip())
    except ValueError as error:
        raise LabelledTextsError(f"{path}, line {line}: date {told!r} is not ISO 8601 ({error})") from error
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def as_csv(rows: Iterable[tuple[str, str]], words: Sequence[str]) -> str:
    """A file of labelled texts with what is said of it."""
    file = io.StringIO()
    file.writelines(f"# {line}\n" for line in words)
    made = csv.writer(file, lineterminator="\n")
    made.writerow(("text", "label"))
    made.writerows(rows)
    return file.getvalue()
