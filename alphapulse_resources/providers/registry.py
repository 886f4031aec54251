"""All providers that are no venues, a line each: limits, keys and errors are told in their folders."""

from typing import Final

from alphapulse_resources.providers.provider import Provider

PROVIDERS: Final[tuple[Provider, ...]] = ()
