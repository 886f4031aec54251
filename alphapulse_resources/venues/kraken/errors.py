"""What Kraken's refusals mean: docs.kraken.com, "Errors". Pure: no I/O.

Refusals come with HTTP 200 and `{"error": ["EService:Unavailable"]}`; a letter E, a category, and words.
"""

from typing import Final

from alphapulse_resources.venues.error_rules import DOWN, OURS, SYMBOL, WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

ERRORS: Final = (
    # the counter of an address falls by one every few seconds; so long a pause clears it (ours)
    Rule(ErrorKind.BANNED, True, WAIT, text="rate limit exceeded", pause=15),
    Rule(ErrorKind.BANNED, True, WAIT, text="egeneral:too many requests", pause=15),
    Rule(ErrorKind.BANNED, True, WAIT, text="eservice: throttled", pause=15),
    Rule(ErrorKind.BANNED, True, WAIT, text="egeneral:temporary lockout", pause=900),
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, text="eservice:"),
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, text="egeneral:internal error"),
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, text="equery:unknown asset pair"),
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, text="equery:invalid asset pair"),
    Rule(ErrorKind.BAD_REQUEST, False, OURS, text="egeneral:invalid arguments"),
    Rule(ErrorKind.BAD_REQUEST, False, OURS, text="egeneral:unknown method"),
)
