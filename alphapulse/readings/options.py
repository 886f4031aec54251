"""Options: contracts, the chain, and what it says of volatility."""

from datetime import timedelta
from typing import Final

from alphapulse.readings.filters import CURRENCY, PROVIDER, Filter, any_of, at_least, one_of
from alphapulse.readings.reading import Reading

EXPIRY: Final = Filter(name="expiry", meaning="Expiry.", kind="time", example="2026-12-25T08:00:00Z")
KIND: Final = one_of("kind", "Kind of option.", "call", "put")
STRIKE: Final = Filter(name="strike", meaning="Strike.", kind="number", example="100000")
OF_CONTRACTS: Final = (CURRENCY, EXPIRY, KIND, STRIKE, any_of("name", "Name of the contract"))

READINGS: Final = (
    Reading(
        name="option_contracts",
        path="options/contracts",
        relation="option_contracts_listed",
        summary="Options that were listed, with expiry, strike and state.",
        filters=(*OF_CONTRACTS, PROVIDER, any_of("state", "State", "open")),
        order=("provider", "name"),
        time=None,
        known="first_seen",
        newest_first=False,
        tags=("options",),
    ),
    Reading(
        name="options_chain",
        path="options/chain",
        relation="options_chain",
        summary="Quotes of all options at each moment: prices, volatility, greeks, open interest.",
        filters=(*OF_CONTRACTS, PROVIDER),
        order=("ts", "provider", "name"),
        span=timedelta(days=1),
        tags=("options",),
    ),
    Reading(
        name="options_chain_now",
        path="options/chain/now",
        relation="options_chain_now",
        summary="The newest quote of each option that has not expired.",
        filters=(*OF_CONTRACTS, PROVIDER),
        order=("provider", "name"),
        time=None,
        known=None,
        no_as_of="it is the newest by definition: ask options/chain",
        newest_first=False,
        limit=5_000,
        is_now=True,
        tags=("options",),
    ),
    Reading(
        name="options_summary",
        path="options/summary",
        relation="options_summary",
        summary="Put/call ratios, max pain, volatility, skew: of all expiries (expiry null) and of each.",
        filters=(CURRENCY, PROVIDER, EXPIRY),
        order=("ts", "provider", "currency", "expiry"),
        may_lack=(("expiry", "-infinity"),),
        tags=("options",),
    ),
    Reading(
        name="options_summary_now",
        path="options/summary/now",
        relation="options_summary_now",
        summary="The newest summary of all expiries (expiry null) and of each.",
        filters=(CURRENCY, PROVIDER, EXPIRY),
        order=("provider", "currency", "expiry"),
        may_lack=(("expiry", "-infinity"),),
        time=None,
        known=None,
        no_as_of="it is the newest by definition: ask options/summary",
        newest_first=False,
        is_now=True,
        tags=("options",),
    ),
    Reading(
        name="options_term_structure",
        path="options/term-structure",
        relation="options_summary",
        summary="Volatility at the money, skew and max pain, expiry by expiry, at present or at a moment.",
        filters=(
            CURRENCY,
            PROVIDER,
            Filter(name="at", meaning="The moment; now where it is not given.", kind="time", inside=True),
        ),
        order=("provider", "currency", "expiry"),
        statement="options_term_structure",
        time=None,
        known=None,
        no_as_of="say `at`: it uses only what was known then",
        newest_first=False,
        is_now=True,
        tags=("options",),
        meanings=(
            ("days", "Days to the expiry."),
            ("max_pain_from_price", "Max pain over the price less 1."),
        ),
    ),
    Reading(
        name="options_open_interest",
        path="options/open-interest",
        relation="options_chain_now",
        summary="Open interest of calls and puts by strike and expiry at present.",
        filters=(CURRENCY, PROVIDER, EXPIRY, at_least("open_interest", "Open interest in coins.", "10")),
        order=("provider", "currency", "expiry", "strike", "kind"),
        statement="options_open_interest",
        time=None,
        known=None,
        no_as_of="it is the newest by definition: ask options/chain",
        newest_first=False,
        limit=5_000,
        is_now=True,
        tags=("options",),
    ),
    Reading(
        name="volatility_index",
        path="options/volatility-index",
        relation="volatility_index",
        summary="The provider's own index of expected volatility, as candles of an hour.",
        filters=(CURRENCY, PROVIDER),
        order=("ts", "provider", "currency"),
        tags=("options",),
    ),
)
