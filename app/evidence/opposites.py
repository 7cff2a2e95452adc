"""Words that say the opposite of each other, or another degree: `before` and `after`, `all` and `some`."""

from __future__ import annotations

from itertools import permutations

from app.evidence.words import key_of

# A line holds sides; words of one side may stand for each other, those of different sides may not.
_GROUPS = """
all every each any both whole entire / some several few certain part
most many / few some
more / less fewer
most / least
over above / under below
before until / after since
in into inside within / out outside beyond
on / off
up / down
to / from
only / also
once / twice
same / other different
must shall required mandatory / may might can could optional
will / might
always / sometimes often rarely never
he him his / she her hers
minimum / maximum
모든 전체 전부 각 / 일부 어떤
전 이전 / 후 이후 뒤
이상 / 이하 미만
초과 / 이하 미만 이내
이내 / 이후 이상
최대 / 최소
가능 / 불가능
"""


def _pairs() -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for line in _GROUPS.strip().splitlines():
        sides = [[key_of(word) for word in side.split()] for side in line.split("/")]
        for one, other in permutations(sides, 2):
            found.update((mine, its) for mine in one for its in other)
    return frozenset(found)


_OPPOSED = _pairs()


def opposed(one: str, other: str) -> bool:
    """Whether two words, as `app.evidence.words.every_word` keys them, exclude each other."""
    return (one, other) in _OPPOSED
