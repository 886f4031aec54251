"""What Bybit's refusals mean: its v5 documentation, "Error Codes" and "Rate Limit". Pure: no I/O."""

from typing import Final

from alphapulse_resources.venues.error_rules import BLOCKED, DOWN, SLOW, SYMBOL, WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

ERRORS: Final = (
    # 429 is the same everywhere, and stands before what the body says
    Rule(ErrorKind.BANNED, True, WAIT, statuses=frozenset({429}), pause=60),
    # 10006 and 10018 over the limit, 403 "access too frequent" and 10009 banned for ten minutes
    Rule(ErrorKind.BANNED, True, WAIT, codes=frozenset({"403", "10009"}), pause=600),
    Rule(ErrorKind.BANNED, True, WAIT, statuses=frozenset({403}), text="too frequent", pause=600),
    Rule(ErrorKind.BANNED, True, WAIT, codes=frozenset({"10006", "10018"}), pause=5),
    Rule(ErrorKind.GEO_BLOCKED, False, BLOCKED, codes=frozenset({"10024"})),
    Rule(ErrorKind.TIMEOUT, True, SLOW, codes=frozenset({"10000"})),
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, codes=frozenset({"10016"})),
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, codes=frozenset({"10001"}), text="symbol"),
)
