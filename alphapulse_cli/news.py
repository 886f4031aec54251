"""`alphapulse news`: scores texts, holds models against labelled ones, trains them on a user's own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from alphapulse_assets.news.scoring import comparing
from alphapulse_assets.news.scoring.built_in import built_in
from alphapulse_assets.news.scoring.corpus import package_texts, read_labelled, together
from alphapulse_assets.news.scoring.evaluation import Figures
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import LABELS, Scorer
from alphapulse_assets.news.scoring.store import card_of, keep_built_in, keep_own
from alphapulse_assets.news.scoring.tiers import trained_tiers
from alphapulse_assets.news.scoring.training import Tier
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.output import console, notes, parse_format, print_json, print_records
from alphapulse_resources.database.client import statement
from alphapulse_resources.settings import get_settings

_COLUMNS: Final = ("model", "texts", "accuracy", "macro_f1", *(f"recall_{label}" for label in LABELS))
_LISTED: Final = (
    "model", "model_version", "origin", "texts", "serves", "macro_f1", "activated_at", "data_hash",
)  # fmt: skip


def score(texts: Sequence[str], form: str) -> None:
    """Each text by each tier, and the words that the lexicon counted."""
    words = lexicon()
    models: list[Scorer] = [words, *(built_in(tier).model for tier in _tiers())]
    rows = []
    for each in models:
        for text, verdict in zip(texts, each.read(texts).iter_rows(named=True), strict=True):
            counted = ", ".join(f"{word} {value:+.1f}" for word, value in words.explain(text).items())
            shown = {name: None if value is None else round(value, 4) for name, value in verdict.items()}
            rows.append({"text": text, "model": each.name, **shown, "words": counted})
    print_records(rows, list(rows[0]), parse_format(form))


def evaluate(file: Path, *, as_json: bool) -> None:
    """Figures of the models as they are, and of one that was trained on a part of the texts."""
    labelled = read_labelled(file)
    found = comparing.compare(labelled, _tiers())
    if as_json:
        print_json({each.how: [asdict(one) for one in each.figures] for each in found})
        return
    for each in found:
        console().print(f"\n{each.how}", markup=False)
        print_records([_row(one) for one in each.figures], _COLUMNS, parse_format("table"))


def train(files: Sequence[Path], *, only: bool, as_json: bool) -> None:
    """Train on the package's texts, on a user's as well or alone, and let that model score."""
    if only and not files:
        raise CommandError("--only trains on --data alone: name a file with --data")
    tiers = _tiers()
    database = open_database()
    own = [read_labelled(path) for path in files]
    labelled = together(own if only else [package_texts(), *own]) if own else package_texts()
    told = []
    for tier in tiers:
        if own:
            model = keep_own(database, labelled, tier)
        else:
            model = keep_built_in(database, activate=True, tier=tier)
        made = {"model": model.name, "model_version": model.version, "data_hash": model.data_hash}
        told.append({**made, **card_of(database, model)})
    if as_json:
        linear, *others = told
        print_json({**linear, **{each["model"]: each for each in others}})
        return
    for each in told:
        _print_trained(each, labelled.frame.height)


def _print_trained(card: Mapping[str, Any], texts: int) -> None:
    console().print(
        f"model {card['model']} {card['model_version']} of {texts} texts scores from now on; texts of "
        "the last days are read again within minutes, older ones by a backfill of sentiment_data",
        markup=False,
    )
    figures = [Figures(**each) for each in card["figures"]]
    print_records([_row(each) for each in figures], _COLUMNS, parse_format("table"))
    notes().print(f"by {card['evaluation']}; calibration error {card['calibration_error']:.3f}")


def _tiers() -> list[Tier]:
    return trained_tiers(get_settings().sentiment)


def models(form: str) -> None:
    """All versions of all models, the newest first."""
    rows = open_database().rows(statement("news/models"))
    print_records(rows, _LISTED, parse_format(form))


def _row(figures: Figures) -> dict[str, Any]:
    return {
        "model": figures.name,
        "texts": figures.texts,
        "accuracy": round(figures.accuracy, 3),
        "macro_f1": round(figures.macro_f1, 3),
        **{
            f"recall_{label}": round(figures.recall[label], 3) if label in figures.recall else None
            for label in LABELS
        },
    }
