"""What a provider is, in one object: where it is asked, how much, and how it says what went wrong. Pure.

A provider's folder beside this module declares one `Provider`. docs/adding_a_fetched_data_set.md tells how.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from alphapulse_resources.venues.error_rules import Rule
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.model import ErrorKind
from alphapulse_resources.venues.registry import BUCKETS

_KEY: Final = (
    "It wants a key, or another one: get one from the provider and set it in the environment; until then "
    "leave this provider out."
)
_REFUSED: Final = (
    "The provider refuses this address (region or firewall) or this key: use another provider or another key."
)
COMMON_RULES: Final = (
    Rule(ErrorKind.BAD_KEY, False, _KEY, statuses=frozenset({401})),
    Rule(ErrorKind.GEO_BLOCKED, False, _REFUSED, statuses=frozenset({403, 451})),
)
"""What providers with keys mean by these statuses; a provider's own rules come before them."""


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """How much may be asked of a provider: a quota a minute, and one a day where it has one (0: none).

    All our processes together use at most `limits.SHARE` of each, whoever of them asks: a quota of a day is
    spread over the day, a tenth of it at once.
    """

    a_minute: float
    a_day: float = 0.0


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. `name` is in every row, ledger and log about it, and no venue's name."""

    name: str
    host: str
    limits: ProviderLimits
    key_header: str | None = None  # where a key goes: never into an address, which is logged
    errors: tuple[Rule, ...] = COMMON_RULES
    used_weight: Callable[[Mapping[str, Any]], float | None] | None = None  # what it counts as used
    reset_seconds: Callable[[Mapping[str, Any], datetime], float | None] | None = None  # beside Retry-After

    @property
    def budgets(self) -> dict[str, Bucket]:
        """Its quotas by the names they have in `rate_limits`, the shortest first."""
        quotas = {f"{self.name}-minute": Bucket(self.limits.a_minute, 60)}
        if self.limits.a_day:
            quotas[f"{self.name}-day"] = Bucket(self.limits.a_day, 86_400)
        return quotas


def all_budgets(providers: Iterable[Provider] = ()) -> dict[str, Bucket]:
    """The budgets of the venues and of these providers, for a limiter that serves both."""
    return {**BUCKETS, **{name: bucket for each in providers for name, bucket in each.budgets.items()}}
