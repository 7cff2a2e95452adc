"""The names of a collection's files and folders, as people write them after an @, and what they mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from app.chat.retrieve.hangul import folded, initials, only_initials, strokes
from app.errors import MentionError

if TYPE_CHECKING:
    from ingest.catalog import FileRecord
    from ingest.collection import Collection

_MOST_SHOWN = 5
# What Korean puts behind a name without a blank, longest first; and the English genitive.
_PARTICLES = re.compile(
    "(?:에서는|에서도|에서의|에게서|으로는|에서|에게|에는|에도|에만|에선|으로|까지|부터|처럼|보다|이랑|하고|이나|로는|"
    "에|로|랑|나|만|도|은|는|이|가|을|를|과|와|의|['’]s)$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A file or a folder of a collection.

    Attributes:
        name: as it is written after an @: `hr/handbook.pdf`, or `hr/` for a folder.
        ids: of the file, or of all files in the folder.
        path: folded, from the folder that was indexed, that folder included.
        label: what it is called by itself: the last part of its name.
    """

    name: str
    ids: tuple[str, ...]
    path: str
    label: str

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


_known: WeakKeyDictionary[Collection, tuple[list[FileRecord], tuple[Place, ...]]] = WeakKeyDictionary()


def places(collection: Collection) -> tuple[Place, ...]:
    """The folders and files of a collection; made once for each state of it."""
    records = collection.records()
    held = _known.get(collection)
    if held is None or held[0] is not records:
        held = _known[collection] = records, tuple(_places(records))
    return held[1]


def _places(records: Sequence[FileRecord]) -> Iterator[Place]:
    inside: dict[tuple[str, str], list[str]] = {}
    files: list[tuple[FileRecord, str]] = []
    for record in records:
        root = "" if record.root == record.path else record.root.rstrip("/").rpartition("/")[2]
        files.append((record, root))
        for folder in _above(record.source):
            inside.setdefault((root, folder), []).append(record.id)
        if root:
            inside.setdefault((root, ""), []).append(record.id)
    twice = _repeated([record.source for record, _ in files])
    twice |= _repeated([folder for _, folder in inside])
    for (root, folder), ids in sorted(inside.items()):
        full = f"{root}/{folder}" if root else folder
        name = full if not folder or folder in twice else folder
        yield Place(name, tuple(ids), folded(f"/{full}"), name.rstrip("/").rpartition("/")[2])
    for record, root in files:
        full = f"{root}/{record.source}" if root else record.source
        name = full if record.source in twice else record.source
        yield Place(name, (record.id,), folded(f"/{full}"), record.source.rpartition("/")[2])


def _above(source: str) -> Iterator[str]:
    """`a/b/c.pdf` -> `a/`, `a/b/`."""
    for index, letter in enumerate(source):
        if letter == "/" and "://" not in source:
            yield source[: index + 1]


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


# -- what a name means -----------------------------------------------------------------------------------


def meant(typed: str, known: Sequence[Place]) -> Place:
    """The one file or folder that is called so.

    A name is a path or the end of one, with or without its suffix, or the beginning of a name or a path if
    only one begins so; case does not matter. Korean particles behind it (`@휴가규정에서`) are not part of it.

    Raises:
        MentionError: there is none, or there are several; the message names the nearest.
    """
    for wanted, exact in _readings(typed):
        for level in _EXACT if exact else (_begins,):
            found = [place for place in known if level(place, wanted)]
            if len(found) == 1:
                return found[0]
            if found:
                raise _ambiguous(typed, found)
    raise _unknown(typed, known)


def _readings(typed: str) -> Iterator[tuple[str, bool]]:
    """The name as it stands and without particles: first as a whole name, then as the beginning of one."""
    wanted = folded(typed).replace("\\", "/").strip()
    bare = _PARTICLES.sub("", wanted)
    forms = [wanted, bare] if bare and bare != wanted else [wanted]
    yield from ((form, True) for form in forms)
    yield from ((form, False) for form in forms)


def _is_whole(place: Place, wanted: str) -> bool:
    return folded(place.name) == wanted


def _is_end(place: Place, wanted: str) -> bool:
    return place.path.endswith(f"/{wanted.lstrip('/')}")


def _is_end_without_suffix(place: Place, wanted: str) -> bool:
    bare = place.path[:-1] if place.is_folder else _without_suffix(place.path)
    return bare.endswith(f"/{wanted.lstrip('/')}")


_EXACT = (_is_whole, _is_end, _is_end_without_suffix)


def _begins(place: Place, wanted: str) -> bool:
    inside = f"/{wanted.lstrip('/')}" in place.path[: -1 if place.is_folder else None]
    last = place.path.rstrip("/").rpartition("/")[2]
    return inside if "/" in wanted.strip("/") else last.startswith(wanted.strip("/"))


def _without_suffix(path: str) -> str:
    stem, dot, suffix = path.rpartition(".")
    return stem if dot and "/" not in suffix and not stem.endswith("/") else path


# -- names that come near --------------------------------------------------------------------------------


def best(typed: str, known: Sequence[Place], limit: int) -> list[Place]:
    """The places that somebody who has typed so much may mean, the likeliest first.

    Names that begin so come first, then those with a word that does, then any that contain it. Korean may be
    half typed, or initials alone.
    """
    wanted = folded(typed).replace("\\", "/").strip().strip('"“”')
    ranked = [
        (rank, not place.is_folder, len(place.name), place.path, place)
        for place in known
        if (rank := _rank(place, wanted)) is not None
    ]
    return [place for *_, place in sorted(ranked, key=lambda one: one[:-1])[:limit]]


def _rank(place: Place, wanted: str) -> int | None:
    if not wanted:
        return 0
    label = folded(place.label)
    if only_initials(wanted):
        at = initials(label).find(wanted)
        return None if at < 0 else 0 if at == 0 else 2
    keys, name = strokes(wanted), strokes(label)
    if name.startswith(keys):
        return 0
    if re.search(rf"[\s_.()\[\]-]{re.escape(keys)}", name):
        return 1
    return 2 if keys in name else 3 if keys in strokes(place.path) else None


def nearest(typed: str, known: Sequence[Place], limit: int = _MOST_SHOWN) -> list[str]:
    """Names that look most like a wrong one."""
    stems = {_without_suffix(folded(place.label)): place.name for place in known}
    wanted = _without_suffix(folded(typed).strip("/"))
    alike = [stems[stem] for stem in get_close_matches(wanted, list(stems), limit, 0.5)]
    inside = [place.name for place in best(typed, known, limit)]
    return list(dict.fromkeys([*alike, *inside]))[:limit]


def quoted(name: str) -> str:
    """A name as a mention: `@hr/handbook.pdf`, `@"annual report.pdf"`."""
    return f'@"{name}"' if re.search(r"[\s@,;]", name) else f"@{name}"


def _ambiguous(typed: str, found: Sequence[Place]) -> MentionError:
    names = [quoted(place.name) for place in found[:_MOST_SHOWN]]
    more = ", …" if len(found) > _MOST_SHOWN else ""
    return MentionError(
        f"{quoted(typed)} may be any of these: {', '.join(names)}{more}. Write more of the name.",
        name=typed,
        nearest=", ".join(names),
    )


def _unknown(typed: str, known: Sequence[Place]) -> MentionError:
    names = [quoted(name) for name in nearest(typed, known)]
    near = f"The nearest names are: {', '.join(names)}." if names else "No name is like it."
    return MentionError(
        f"No file or folder of this collection is called {quoted(typed)}. {near} "
        f"Where no file is meant, write \\@{typed}.",
        name=typed,
        nearest=", ".join(names),
    )
