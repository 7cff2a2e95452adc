"""Lines of forms, `Invoice no.: 1042` and `Total £168.00`: no headings, and no prose that runs on."""

from __future__ import annotations

import re

from ingest.loaders.pdf.line import Line

_LABEL = re.compile(r"[A-Z가-힣#(][^:：!?\d]{0,40}[:：]\s?\S")
_MOST_WORDS = 5
_AMOUNT = r"-?\d{1,3}(?:[,.' ]\d{3})*(?:[.,]\d{2})?"
# Behind a label: words with figures alone, or an amount that a currency or its form gives away.
_VALUE = re.compile(
    rf"[:：]\s*(?:[A-Z]{{3}}\s|[₩$€£¥]\s?)?\S*\d\S*(?:\s\S*\d\S*){{0,3}}\s?(?:[A-Z]{{3}}|[€$원정]+)?$"
    rf"|\s(?:[₩￦$€£¥]|[A-Z]{{3}}\s)\s?{_AMOUNT}$|\s{_AMOUNT}\s?(?:[€$£]|[A-Z]{{3}}|원정?)$"
    rf"|[^\W\d].*\s-?\d{{1,3}}(?:[,.]\d{{3}})*[.,]\d{{2}}$|[^\W\d].*\s\d{{1,3}}(?:,\d{{3}})+$"
)
# A blank that parts two columns of a form, in multiples of the type's size.
_COLUMN = 1.8


def is_entry(text: str) -> bool:
    """Whether a line begins with a label and its colon."""
    label = _LABEL.match(text)
    return label is not None and len(label[0].split()) <= _MOST_WORDS + 1


def has_value(text: str) -> bool:
    """Whether a line ends in the figures that its label stands for."""
    return len(text) <= 120 and bool(_VALUE.search(text.rstrip()))


def parted(line: Line) -> str:
    """The text of a line, with a tab where a wide blank parts two columns."""
    text = line.text
    for gap in line.gaps:
        if gap.after - gap.before >= _COLUMN * line.size and text[gap.at : gap.at + 1] == " ":
            text = f"{text[: gap.at]}\t{text[gap.at + 1 :]}"
    return text
