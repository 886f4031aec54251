"""Texts made ready to be read: one form of each character, without addresses and handles. Pure."""

from typing import Final

import polars as pl

_INVISIBLE: Final = (
    "[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_ADDRESSES: Final = (
    r"(?i)(?:https?://|www\.)\S+"
    r"|\S+@\S+\.\w+"  # of mail
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|co|xyz)\b(?:/\S*)?"  # domains alone
    r"|\b\w+\.eth\b"  # names of wallets
    r"|(?:^|\s)/?[ru]/\w+"  # subreddits and their users
)
_HANDLES: Final = r"@\w+"
_APOSTROPHES: Final = "[\u2018\u2019\u02bc\u2032`\u00b4]"
_HYPHENS: Final = "[\u2010\u2011]"
_CYRILLIC: Final = (
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455"
)
_GREEK: Final = (
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03b1\u03bd"
)
_LOOKALIKES: Final = str.maketrans(
    _CYRILLIC + _GREEK, "ABEKMHOPCTYXSIJ" + "aeopcyxijs" + "ABEZHIKMNOPTYX" + "oav"
)


def clean(column: str) -> pl.Expr:
    """A column of texts: NFKC, nothing invisible, no addresses, handles and subreddits; "" for null."""
    text = pl.col(column).fill_null("").str.normalize("NFKC").str.replace_all(_INVISIBLE, "")
    return (
        text.str.replace_all(_ADDRESSES, " ")
        .str.replace_all(_HANDLES, " ")
        .str.replace_all(_APOSTROPHES, "'")
        .str.replace_all(_HYPHENS, "-")
    )


def folded(word: str) -> str:
    """Latin letters for Cyrillic and Greek ones that look like them, in a word that has both."""
    latin = word.translate(_LOOKALIKES)
    return (
        latin if latin.isascii() and any(letter.isascii() and letter.isalpha() for letter in word) else word
    )
