"""GDELT's DOC 2.0: what online news all over the world say of crypto, without a key.

Documented (blog.gdeltproject.org/gdelt-doc-2-0-api-debuts): ArtList in JSON, at most 250 articles a question,
of the last three months; times as YYYYMMDDHHMMSS, UTC. It wants no more than one request every five seconds
and says so in plain text, some of it with status 200; so does it say what is wrong with a question.
"""

from typing import Final

from alphapulse_resources.providers.provider import COMMON_RULES, Provider, ProviderLimits
from alphapulse_resources.venues.error_rules import WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

NAME: Final = "gdelt"

GDELT: Final = Provider(
    name=NAME,
    host="api.gdeltproject.org",
    limits=ProviderLimits(a_minute=12),  # one every five seconds; what is used of it is one every seven
    errors=(
        Rule(ErrorKind.BANNED, False, WAIT, statuses=frozenset({429}), pause=60),
        *COMMON_RULES,
    ),
)
