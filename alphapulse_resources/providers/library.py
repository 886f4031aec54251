"""HTTP for client libraries: a session that has a time limit and shows the gateway what it saw."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import requests
from pydantic import SecretStr

from alphapulse_resources.http import make_session
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Seen

T = TypeVar("T")

SHOWN = 2000
"""Characters of an error's body that rules may look at (ours)."""


class WatchedSession(requests.Session):
    """A session to give to a client library, redirected as all of ours are.

    Bodies are shown where an answer is an error or no JSON, never those of answers: they hold people's names
    and texts, and what is shown may end in a log.
    """

    def __init__(self, settings: Settings, secrets: Sequence[SecretStr] = ()) -> None:
        super().__init__()
        ours = make_session(settings)
        self.headers.update(ours.headers)
        for prefix, adapter in ours.adapters.items():
            self.mount(prefix, adapter)
        self._seconds = settings.venues.http_timeout_seconds
        self._secrets = [each.get_secret_value() for each in secrets]
        self._seen: Seen | None = None

    @contextmanager
    def shown_to(self, seen: Seen) -> Iterator[None]:
        """What answers within the block is shown to `seen`; one thread at a time."""
        self._seen = seen
        try:
            yield
        finally:
            self._seen = None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send within the time limit, whatever the library thinks of time, and show what came."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._seconds
        response = super().send(request, **kwargs)
        if self._seen is not None:
            self._seen.status, self._seen.headers = response.status_code, response.headers.copy()
            is_answer = response.ok and "json" in response.headers.get("Content-Type", "")
            self._seen.body = "" if is_answer else self._without_secrets(response.text[:SHOWN])
        return response

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class UnreadableAnswerError(Exception):
    """An answer that is not as documented; the message repeats nothing of what it holds."""


def reading(read: Callable[[Any], T], body: Any) -> T:
    """What a body means; `read` may raise what reading a wrong body raises.

    Raises:
        UnreadableAnswerError: it did; a provider's rules say what that means.
    """
    try:
        return read(body)
    except KeyError as error:
        raise UnreadableAnswerError(f"the body is not as documented: it has no {error}"[:200]) from None
    except ValueError as error:
        raise UnreadableAnswerError(f"the body is not as documented: {error}"[:200]) from None
    except (IndexError, TypeError, AttributeError) as error:
        raise UnreadableAnswerError(f"the body is not as documented: {type(error).__name__}") from None
