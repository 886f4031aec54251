"""Payloads: what goes over the bus, cut to what a notification may carry. Pure.

A payload is `<transaction> [version, publisher, number, [item, ...]]`. The transaction's id is put before it
by the database (or by whoever publishes after the commit): with it a reader knows exactly whether what it
read from tables has the item already. Numbers of one publisher run on by one: who misses one knows it.

An item is `[code, instrument_id, [values of the feed's columns]]`; `[code, instrument_id, null, [key]]` where
the row is too large: it is to be read from its table. `["!", data set]` says that a data set has new rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

VERSION: Final = 1
MOST_BYTES: Final = 7_800
"""Of a payload: PostgreSQL takes 7,999 bytes, and a longer one ends the transaction it is in (measured)."""
_TRANSACTION: Final = 21
"""Bytes of a transaction's id, a number of 64 bits, and the blank behind it."""
NEW_ROWS: Final = "!"
_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class UnreadableError(ValueError):
    """A payload that is none of ours, or of another version."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a notification said. `transaction`: id of the one that stored it, None where it stored nothing."""

    transaction: int | None
    publisher: str
    number: int
    items: Sequence[Sequence[Any]]


def item(code: str, instrument_id: int, values: Sequence[Any]) -> bytes:
    """An item of a row; times become RFC 3339, what is no number becomes null.

    Raises: TypeError for what JSON cannot say.
    """
    return orjson.dumps((code, instrument_id, values), option=_OPTIONS)


def large_item(code: str, instrument_id: int, key: Sequence[Any]) -> bytes:
    """An item in place of a row that fits in no payload."""
    return orjson.dumps((code, instrument_id, None, key), option=_OPTIONS)


def new_rows(dataset: str) -> bytes:
    """An item that says that a data set has new rows."""
    return orjson.dumps((NEW_ROWS, dataset))


def most_of_item(publisher: str) -> int:
    """Bytes that an item may have at most."""
    return MOST_BYTES - len(_head(publisher, 2**63)) - len("]]") - _TRANSACTION


def pack(publisher: str, first: int, items: Iterable[bytes]) -> list[bytes]:
    """Payloads of these items in order, numbered from `first`; one without items where there are none.

    Raises: ValueError for an item of more than `most_of_item` bytes.
    """
    most = most_of_item(publisher)
    groups: list[list[bytes]] = [[]]
    size = 0
    for each in items:
        if len(each) > most:
            raise ValueError(f"an item of {len(each)} bytes fits in no payload (at most {most})")
        if groups[-1] and size + len(each) + 1 > most:
            groups.append([])
            size = 0
        groups[-1].append(each)
        size += len(each) + 1
    return [_head(publisher, first + place) + b",".join(group) + b"]]" for place, group in enumerate(groups)]


def unpack(payload: bytes) -> Payload:
    """The payload in a notification. Raises: UnreadableError."""
    text, _, body = payload.partition(b" ")
    try:
        version, publisher, number, items = orjson.loads(body)
        transaction = int(text) or None
    except (ValueError, TypeError) as error:
        raise UnreadableError(f"a payload that is none of ours: {payload[:80]!r}") from error
    if version != VERSION:
        raise UnreadableError(f"a payload of version {version}, ours is {VERSION}: update the older side")
    return Payload(transaction, publisher, number, items)


def _head(publisher: str, number: int) -> bytes:
    return b'[%d,"%s",%d,[' % (VERSION, publisher.encode(), number)
