"""Plain text of what sources send: without HTML, entities, invisible characters and needless space. Pure."""

import html
import re
import unicodedata
from typing import Final

LONGEST_TITLE: Final = 500
"""Characters of a headline that are kept (ours); longer ones are cut at a word and end with an ellipsis."""
LONGEST_BODY: Final = 2000
"""Characters of a description that are kept (ours): feeds send whole articles as descriptions."""
_LONGEST_RAW: Final = 20_000
_END: Final = 500
_UNSEEN: Final = re.compile(
    r"<(script|style|noscript|iframe|template)\b.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE
)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|$)|<!\[CDATA\[|\]\]>", re.DOTALL)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<[a-zA-Z]+\s+[a-zA-Z-]+=[^<>]*$")
_INLINE: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|big|cite|code|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_SPACE: Final = re.compile(r"\s+")
_KEPT_MARKS: Final = frozenset("\u200d")  # joins emoji and letters of some scripts
_TRAILERS: Final = re.compile(
    r"\s*(?:The post .{1,300}? (?:appeared first on|first appeared on) .{1,80}"
    r"|\[?(?:&hellip;|…|\.\.\.)\]?\s*(?:Read more|Continue reading)?.{0,80}"
    r"|\[\+?\d+ chars\])\s*$",
    re.IGNORECASE,
)
"""What feeds put behind every description: it would make all of an outlet's texts alike."""


def plain(text: str | None, longest: int) -> str | None:
    """Plain text of at most `longest` characters; None where nothing is left.

    Entities are decoded twice, as feeds escape what they have escaped before. Control and bidi characters,
    which make a text look like another, are dropped.
    """
    if not text:
        return None
    found = text[:_LONGEST_RAW]
    for _ in range(2):
        found = html.unescape(_without_tags(found))
    found = unicodedata.normalize("NFC", found)
    found = "".join(each for each in found if _is_seen(each))
    return _cut(_SPACE.sub(" ", found).strip(), longest) or None


def description(text: str | None, title: str) -> str | None:
    """The same of what follows a headline, without what feeds put behind each; None where it adds nothing."""
    found = plain(text, _LONGEST_RAW)
    if found is None:
        return None
    found = found[:-_END] + _TRAILERS.sub("", found[-_END:])
    return None if found.casefold() == title.casefold() else _cut(found, LONGEST_BODY) or None


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    text = _COMMENT.sub("", _UNSEEN.sub(" ", text))
    return _TAG.sub(" ", _INLINE.sub("", text))


def _is_seen(character: str) -> bool:
    """Whether it can be seen, or is space: no control, bidi or other formatting character."""
    if character.isspace() or character in _KEPT_MARKS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    shorter = text[: longest - 1]
    at_word = shorter.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > longest // 2 else shorter) + "…"
