"""What Deribit's refusals mean: docs.deribit.com, "RPC Error Codes". Pure: no I/O.

They come as `{"error": {"code": 10028, "message": "too_many_requests"}}`, mostly with HTTP 400.
"""

from typing import Final

from alphapulse_resources.venues.error_rules import BODY, DOWN, OURS, SYMBOL, WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind

_PAUSE: Final = 10.0
"""Seconds (ours): credits come back at twenty requests a second, and nothing in the answer says when."""

ERRORS: Final = (
    Rule(ErrorKind.BANNED, True, WAIT, text="too_many_requests", pause=_PAUSE),  # 10028
    Rule(ErrorKind.BANNED, True, WAIT, text="too_many_concurrent_requests", pause=_PAUSE),  # 10066
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, text="settlement_in_progress"),  # 10041: seconds, at 08:00 UTC
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, text="system_maintenance"),  # 11051
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, text="internal_server_error"),  # 11094
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, text="temporarily_unavailable"),  # 13028
    Rule(ErrorKind.VENUE_DOWN, True, DOWN, text='"retry"'),  # 10040
    Rule(ErrorKind.TIMEOUT, True, DOWN, text="timed_out"),  # 13888
    Rule(ErrorKind.BAD_KEY, False, OURS, text='"unauthorized"'),  # 13009: nothing that is asked wants a key
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, text="invalid_or_unsupported_instrument"),  # 10020
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, text='"not_found"'),  # 13020
    Rule(ErrorKind.BAD_BODY, True, BODY, text="parse error"),  # -32700
)
"""Other codes follow the rules for all venues: HTTP 400 is a request that was wrong."""
