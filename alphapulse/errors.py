"""What can go wrong when data are asked for: each error says what, why, and what to do next."""


class AlphaPulseError(Exception):
    """Anything that this package refuses or could not do. The message is complete and shows no secret."""


class ConnectError(AlphaPulseError, ConnectionError):
    """There is no database or API where it was looked for, or it does not answer."""


class AccessError(ConnectError):
    """It answers, and does not let us in: a password, a token, or a right is missing."""


class NotFoundError(AlphaPulseError, LookupError):
    """A symbol, venue, timeframe, relation or moment of which there is nothing; names what is near."""


class ParameterError(AlphaPulseError, ValueError):
    """A parameter that cannot be. `parameter` is its name."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class QueryError(AlphaPulseError):
    """The database refused a statement, or gave it up for taking too long."""


class AnswerError(AlphaPulseError):
    """The API answered with what is no answer of it: an error of its own, or of something on the way."""


class MissingBarsWarning(UserWarning):
    """A frame of bars has holes, or bars that lack minutes. `gaps(symbol)` says why each is missing."""


class DemoDataWarning(UserWarning):
    """The data are of the demo's simulated markets: nobody ever traded at these prices."""
