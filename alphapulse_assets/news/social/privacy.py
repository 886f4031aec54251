"""What is taken out of posts before they are stored: who wrote them, and whom they name. Pure."""

import hashlib
import re
from typing import Final

HASH_BYTES: Final = 16
PERSON: Final = b"alphapulse-authr"
"""Keeps these hashes apart from any other use of the same key."""
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PROFILE: Final = re.compile(
    r"(?i)(?:https?://)?(?:www\.|old\.|new\.|m\.|mobile\.)?"
    r"(?:reddit\.com/u(?:ser)?/|(?:x|twitter)\.com/(?!i/|search|hashtag/|home\b)|t\.me/|instagram\.com/"
    r"|discord\.(?:gg|com/invite)/|facebook\.com/|youtube\.com/@|tiktok\.com/@)[\w.+-]+(?:/\S*)?"
)
_REDDITOR: Final = re.compile(r"(?<![\w/.])/?u(?:ser)?/[\w-]{2,}")
_HANDLE: Final = re.compile(r"(?<![\w@])@\w{1,30}")
_PHONE: Final = re.compile(
    r"(?<![\w.,+])\+\d{1,3}(?:[ ().-]{1,2}\d{2,4}){2,5}(?![\w%])|(?<![\w.,])\(\d{3}\) ?\d{3}-\d{4}(?!\w)"
)
TOKENS: Final = {
    "email": "[email]",
    "profile": "[profile]",
    "redditor": "u/[user]",
    "handle": "@[user]",
    "phone": "[phone]",
}
"""What stands in the place of what was taken out."""


def author_hash(salt: bytes, provider: str, author: str) -> str:
    """32 hexadecimal digits that tell authors of a provider apart, by a key that never leaves the database.

    Whoever has the key can test a guess of a name; whoever has not cannot.
    """
    told = f"{provider}\x1f{author.lower()}".encode()
    return hashlib.blake2b(told, digest_size=HASH_BYTES, key=salt, person=PERSON).hexdigest()


def without_names(text: str | None) -> str | None:
    """A text with tokens where it named people: users, profiles, addresses of mail, telephone numbers.

    Names in plain words stay: nobody could tell them from those that news are about.
    """
    if text is None:
        return None
    for pattern, token in (
        (_EMAIL, TOKENS["email"]),
        (_PROFILE, TOKENS["profile"]),
        (_REDDITOR, TOKENS["redditor"]),
        (_HANDLE, TOKENS["handle"]),
        (_PHONE, TOKENS["phone"]),
    ):
        text = pattern.sub(token, text)
    return text.replace("\x00", "").strip() or None
