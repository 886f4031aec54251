"""alternative.me: the fear and greed index of crypto markets, daily since 2018-02-01, without a key.

Documented: alternative.me/crypto/fear-and-greed-index (section API: `/fng/`, parameter `limit`, 0 for all
days; to be shown with the source's name). What is wrong is told in `metadata.error`, also with
HTTP status 200.
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.model import ErrorKind


class AlternativeMeError(Exception):
    """A body that says itself that it is no answer."""


_REFUSED: Final = "The provider says that it cannot answer: it is tried again; if it stays so, report it."
ALTERNATIVE_ME: Final = Provider(
    name="alternative_me",
    host="api.alternative.me",
    # ours: no figure is published for the index; it changes once a day
    limits=ProviderLimits(a_minute=30),
    errors=(
        Rule(ErrorKind.VENUE_DOWN, True, _REFUSED, exceptions=(AlternativeMeError,)),
        *COMMON_RULES,
    ),
)
