"""Text as it is compared: without what nobody sees, look-alike letters as those that they look like."""

from __future__ import annotations

import re
import unicodedata

# Zero-width letters and joiners, soft hyphens, marks of direction, variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0e\ufeff\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Between two letters of scripts that need no joiner, or many in a row, they hide something.
_BROKEN_WORD = re.compile(
    "[A-Za-z\u00c0-\u024f\u0400-\u04ff가-힣][\u200b-\u200d\u2060-\u2064\ufeff]+(?=[A-Za-z\u00c0-\u024f\u0400-\u04ff가-힣])"
)
_RUN = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u180e]{8,}")
_TURNED = re.compile("[\u202d\u202e]")
_FEW_BREAKS = 3

# Letters of other scripts that look like Latin ones; see Unicode Technical Standard 39.
_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝӏьАВЕКМНОРСТУХІЈЅԌԚԜαεικνορτυχγηΑΒΕΖΗΙΚΜΝΟΡΤΥΧɑɡɩıⅼ",
    "aeopcyxijshdqwlbABEKMHOPCTYXIJSGQWaeiknoptuxynABEZHIKMNOPTYXagiil",
)
_MIXED = re.compile(r"\w*[A-Za-z]\w*")
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f\u0250-\u02af\u2170-\u217f]")
_SPACED = re.compile(r"(?<!\w)(?:[A-Za-z가-힣][ .·_\-*]{1,2}){5,}[A-Za-z가-힣](?!\w)")
_SEPARATOR = re.compile(r"[ .·_\-*]")


def visible(text: str) -> str:
    """The text without the characters that show nothing."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def normal(text: str) -> str:
    """The text as it is compared with patterns: visible, composed, spelled in plain letters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", visible(text)).replace("’", "'").replace("‘", "'")
        text = text.replace("“", '"').replace("”", '"')
        if _FOREIGN.search(text):
            text = _MIXED.sub(_latin, text)
    return _SPACED.sub(_closed, text)


def _latin(word: re.Match[str]) -> str:
    return word[0].translate(_ALIKE)


def _closed(match: re.Match[str]) -> str:
    """`i g n o r e  a l l` as `ignore all`; where words are not told apart, as one word."""
    text = match[0]
    if re.search(r"[ ]{2}", text):
        return " ".join(_SEPARATOR.sub("", word) for word in text.split("  "))
    return _SEPARATOR.sub("", text)


def hides(text: str) -> bool:
    """Whether letters that show nothing are used to hide words or to show them in another order."""
    if text.isascii():
        return False
    breaks = sum(1 for _ in _BROKEN_WORD.finditer(text))
    return breaks >= _FEW_BREAKS or bool(_RUN.search(text) or _TURNED.search(text))
