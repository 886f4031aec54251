"""What OKX's refusals mean: okx.com/docs-v5, "Error Code". Pure: no I/O."""

from typing import Final

from alphapulse_resources.venues.error_rules import DOWN, SLOW, SYMBOL, WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

ERRORS: Final = (
    # "Rate limit reached": with 429, and windows are two seconds long
    Rule(ErrorKind.BANNED, True, WAIT, codes=frozenset({"50011"}), pause=2),
    # "Systems are busy", "System error", "Service temporarily unavailable", "API is offline or unavailable"
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, codes=frozenset({"50013", "50026", "50001", "50005"})),
    Rule(ErrorKind.TIMEOUT, True, SLOW, codes=frozenset({"50004"})),
    # "Instrument ID ... doesn't exist", and "Parameter instId error"
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, codes=frozenset({"51001"})),
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, codes=frozenset({"51000"}), text="instid"),
)
