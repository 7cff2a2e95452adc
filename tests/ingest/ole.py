"""A writer of OLE compound files, for tests of what reads them (MS-CFB, version 3)."""

from __future__ import annotations

import struct
from itertools import pairwise

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file of these streams; "/" in a name parts storages."""
    names = sorted({name[:end] for name in streams for end in _ends(name)})
    entries = ["", *names]  # the root first
    small = {name: data for name, data in streams.items() if 0 < len(data) < CUTOFF}
    mini, mini_fat, starts = _chained(small, MINI)
    sectors, fat, big = _chained(
        {
            **{name: data for name, data in streams.items() if len(data) >= CUTOFF},
            "\0mini": mini,
            "\0minifat": struct.pack(f"<{len(mini_fat)}I", *mini_fat),
            "\0directory": b"\0" * 128 * (len(entries) + -len(entries) % 4),
        },
        SECTOR,
    )
    starts |= big
    directory = _directory(entries, streams, starts, len(mini))
    position = starts["\0directory"] * SECTOR
    sectors = sectors[:position] + directory + sectors[position + len(directory) :]
    first = len(fat)
    count = -(-(first + 1) // 127)  # the table's own sectors are in the table
    fat += [FAT] * count
    fat += [FREE] * (-len(fat) % 128)
    head = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        62,
        3,
        0xFFFE,
        9,
        6,
        0,
        len(fat) // 128,
        starts["\0directory"],
        0,
        CUTOFF,
        starts.get("\0minifat", END),
        -(-len(mini_fat) * 4 // SECTOR),
        END,
        0,
    )
    difat = [first + number for number in range(len(fat) // 128)]
    head += struct.pack("<109I", *difat, *[FREE] * (109 - len(difat)))
    return head + sectors + struct.pack(f"<{len(fat)}I", *fat)


def _ends(name: str) -> list[int]:
    return [index for index, character in enumerate(name) if character == "/"] + [len(name)]


def _chained(streams: dict[str, bytes], size: int) -> tuple[bytes, list[int], dict[str, int]]:
    """The streams one after the other in units of `size`, their chains, and where each starts."""
    data, chain, starts = b"", [], {}
    for name, stream in streams.items():
        if not stream:
            continue
        units = -(-len(stream) // size)
        starts[name] = len(chain)
        chain += [*range(len(chain) + 1, len(chain) + units), END]
        data += stream.ljust(units * size, b"\0")
    return data, chain, starts


def _directory(entries: list[str], streams: dict[str, bytes], starts: dict[str, int], mini: int) -> bytes:
    children: dict[str, list[str]] = {}
    for name in entries[1:]:
        children.setdefault(name.rpartition("/")[0], []).append(name)
    after, below = {}, {}
    for parent, names in children.items():
        names.sort(key=lambda name: (len(name), name.upper()))
        below[parent] = names[0]
        after.update(pairwise(names))
    rows = []
    for name in entries:
        label = (name.rpartition("/")[2] or "Root Entry").encode("utf-16-le")
        kind = 5 if not name else 2 if name in streams else 1
        start = starts.get("\0mini", END) if not name else starts.get(name, END if name in streams else 0)
        size = mini if not name else len(streams.get(name, b""))
        links = [FREE, _number(entries, after.get(name)), _number(entries, below.get(name))]
        rows.append(
            struct.pack(
                "<64sHBB3I16sI16sIQ", label, len(label) + 2, kind, 1, *links, b"", 0, b"", start, size
            )
        )
    rows += [struct.pack("<64sHBB3I48x", b"", 0, 0, 0, FREE, FREE, FREE)] * (-len(rows) % 4)
    return b"".join(rows)


def _number(entries: list[str], name: str | None) -> int:
    return FREE if name is None else entries.index(name)
