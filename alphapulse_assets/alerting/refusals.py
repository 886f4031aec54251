"""What is refused of what somebody asks to be stored: a sentence, and the parameter that it is about."""

import psycopg


class RefusedError(ValueError):
    """A rule or watchlist that cannot be; the message is a complete sentence.

    `parameter` is what it is about, as the API calls it; `missing`: what was named does not exist.
    """

    def __init__(self, parameter: str, words: str, *, missing: bool = False) -> None:
        self.parameter, self.missing = parameter, missing
        super().__init__(words)


def reword(error: psycopg.Error, parameter: str) -> Exception:
    """The database's refusal of a value as one of ours; any other error as it is."""
    if not isinstance(error, psycopg.errors.DataError | psycopg.errors.IntegrityError):
        return error
    words = error.diag.message_primary or str(error)
    if isinstance(error, psycopg.errors.UniqueViolation):
        parameter = "name"
        if "duplicate key" in words:
            words = "this name is taken already"
    return RefusedError(parameter, words)
