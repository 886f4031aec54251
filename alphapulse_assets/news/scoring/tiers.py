"""Which models score now: the tiers, those that settings name, and the user's translation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final

from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import Scorer, Translate
from alphapulse_assets.news.scoring.store import BUILT_IN, PLUGIN, serves, serving_linear
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

    What a user plugged in and cannot be had is told and left out: the tiers score all the same.
    """
    models: list[Scorer] = []
    missing: dict[str, str] = {}
    words = lexicon()
    serves(database, words, BUILT_IN)
    models.append(words)
    if settings.linear:
        models.append(serving_linear(database))
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
