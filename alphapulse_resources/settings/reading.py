"""Reading the settings: what is unknown or wrong is refused, by name, and no secret is shown."""

import os
import re
import sys
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from alphapulse_resources.settings.model import DELIMITER, ENV_FILE, PREFIX, Settings, fields_by_variable
from alphapulse_resources.settings.other_variables import OTHER_VARIABLES
from alphapulse_resources.settings.sections import AlertSinkSettings

SINK_VARIABLE: Final = re.compile(
    rf"{PREFIX}ALERTS__SINKS__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__({'|'.join(AlertSinkSettings.model_fields)})",
    re.IGNORECASE,
)
"""Variables of named sinks: any name, and a field of theirs."""
NEAR: Final = 0.5
"""How alike a name must be to be suggested (ours): 1 is the same, in words and in letters."""
OF_LETTERS: Final = 0.8
"""What letters alone are worth where no word is the same, as in a mistyped one (ours)."""


class SettingsError(ValueError):
    """A variable that is no setting, or a value that its setting cannot have; complete sentences."""


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once, when they are first asked for.

    Raises:
        SettingsError: a variable of the environment or of `.env` is unknown or has a wrong value.
    """
    return read_settings()


def read_settings() -> Settings:
    """The settings as the environment and `.env` have them now; raises `SettingsError`."""
    refuse_unknown(os.environ, "the environment")
    if Path(ENV_FILE).is_file():
        refuse_unknown(dotenv_values(ENV_FILE, interpolate=False), ENV_FILE)
    try:
        return Settings()
    except ValidationError as error:
        # without its cause: that has the values
        raise SettingsError("\n".join(_wrong_value(dict(each)) for each in error.errors())) from None


def end_if_refused() -> None:
    """For a program's first line: where its settings are refused it ends, saying why, with exit code 1."""
    try:
        get_settings()
    except SettingsError as error:
        sys.exit(str(error))


def refuse_unknown(names: Iterable[str], where: str) -> None:
    """Raise `SettingsError` if one of the names begins with ALPHAPULSE_ but is nothing that we know."""
    known = fields_by_variable()
    unknown = [
        name
        for name in sorted(names)
        if name.upper().startswith(PREFIX)
        and name.upper() not in known.keys() | OTHER_VARIABLES.keys()
        and not SINK_VARIABLE.fullmatch(name.upper())
    ]
    if unknown:
        raise SettingsError("\n".join(_unknown(name, where, known) for name in unknown))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like it, in words and then in letters; none if nothing is like it."""
    likeness, best = max((_likeness(name.upper(), each), each) for each in known)
    return best if likeness >= NEAR else None


def _unknown(name: str, where: str, known: Iterable[str]) -> str:
    meant = nearest(name, known)
    advice = f"did you mean {meant}?" if meant else ".env.example and docs/operations.md list all there are"
    return f"{name} (in {where}) is not a setting; {advice}"


def _likeness(name: str, other: str) -> float:
    ours, theirs = _words(name), _words(other)
    shared = len(set(ours) & set(theirs)) / min(len(ours), len(theirs))
    letters = SequenceMatcher(None, "_".join(ours), "_".join(theirs)).ratio()
    return max((shared + letters) / 2, OF_LETTERS * letters)


def _words(name: str) -> list[str]:
    """The words after ALPHAPULSE_, as singulars: STREAM_SHARDS and STREAMS__SHARDS have the same."""
    words = [word for word in name.removeprefix(PREFIX).split("_") if word]
    return [word.removesuffix("S") if len(word) > 3 else word for word in words]


def _wrong_value(problem: dict[str, Any]) -> str:
    """One problem of a value: its variable, what it is unless that is a secret, and what was wanted."""
    variable = PREFIX + DELIMITER.join(str(part) for part in problem["loc"]).upper()
    field = fields_by_variable().get(variable)
    secret = field is None or SecretStr in getattr(field.annotation, "__args__", (field.annotation,))
    value = "" if secret else f" is {str(problem['input'])!r}"
    wanted = str(problem["msg"])
    about = "" if field is None else f" ({field.description})"
    return f"{variable}{value}: {wanted[0].lower()}{wanted[1:]}{about}"
