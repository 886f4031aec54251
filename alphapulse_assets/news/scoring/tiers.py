"""Which models score now: the tiers, those that settings name, and the user's translation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final

from alphapulse_assets.news.scoring.encoder import MissingExtraError, check_installed
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.minilm import MiniLm
from alphapulse_assets.news.scoring.minilm_training import MINILM
from alphapulse_assets.news.scoring.model import Scorer, Translate
from alphapulse_assets.news.scoring.store import BUILT_IN, PLUGIN, serves, serving_linear, serving_trained
from alphapulse_assets.news.scoring.training import LINEAR, Tier
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings.sections import Sentiment

ENTRY_POINTS: Final = "alphapulse.sentiment"
"""Group of entry points by whose names settings may name a scorer or a translation."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What texts are read with now. `missing` is what settings name and cannot be had, with the reason."""

    models: Sequence[Scorer]
    translate: Translate | None
    missing: Mapping[str, str]


def serving(database: Database, settings: Sentiment) -> Serving:
    """The models that score now, the least preferred first; what each is stands in `sentiment_models`.

    What a user plugged in or switched on and cannot be had is told and left out: the others score all the
    same.
    """
    models: list[Scorer] = []
    missing: dict[str, str] = {}
    words = lexicon()
    serves(database, words, BUILT_IN)
    models.append(words)
    if settings.linear:
        models.append(serving_linear(database))
    if settings.minilm:
        try:
            models.append(_minilm(database, settings.minilm_threads))
        except MissingExtraError as error:
            missing[f"model {MINILM.name}"] = str(error)
    for name in settings.scorer_names:
        try:
            plugged: Scorer = _made(name)
            serves(database, plugged, PLUGIN)
        except Exception as error:
            missing[f"scorer {name}"] = f"{type(error).__name__}: {error}"
        else:
            models.append(plugged)
    try:
        translate = translation(settings)
    except ValueError as error:
        missing[f"translation {settings.translate}"], translate = str(error), None
    return Serving(models, translate, missing)


def trained_tiers(settings: Sentiment) -> list[Tier]:
    """What is trained on labelled texts: the linear model, and MiniLM where it is wanted.

    Raises:
        MissingExtraError: MiniLM is wanted, and its extra is not installed.
    """
    if not settings.minilm:
        return [LINEAR]
    check_installed()
    return [LINEAR, MINILM]


def _minilm(database: Database, threads: int) -> Scorer:
    check_installed()
    found = serving_trained(database, MINILM)
    return replace(found, threads=threads) if isinstance(found, MiniLm) and threads > 1 else found


def translation(settings: Sentiment) -> Translate | None:
    """The user's translation; None where none is set.

    Raises:
        ValueError: the settings name one that cannot be had.
    """
    if settings.translate is None:
        return None
    found: Translate = _named(settings.translate)
    return found


@lru_cache
def _made(name: str) -> Any:
    return _named(name)()


@lru_cache
def _named(name: str) -> Callable[..., Any]:
    """What an entry point or a dotted name (`package.module:name`) stands for."""
    for entry in entry_points(group=ENTRY_POINTS, name=name):
        return _callable(name, entry.load())
    module, colon, attribute = name.partition(":")
    if not colon:
        raise ValueError(
            f"{name!r} is neither an entry point of {ENTRY_POINTS} nor of the form package.module:name"
        )
    try:
        return _callable(name, getattr(import_module(module), attribute))
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the settings name {name!r}, which cannot be had: {error}") from error


def _callable(name: str, found: Any) -> Callable[..., Any]:
    if not callable(found):
        raise ValueError(
            f"the settings name {name!r}, which is a {type(found).__name__} and cannot be called"
        )
    made: Callable[..., Any] = found
    return made
