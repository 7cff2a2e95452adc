"""Charts of the benchmarks' tables, as PNG files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no window, no display
from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from benchmarks.scores import Row

_OURS, _THEIRS = "#2b6cb0", "#b8c2cc"


def bars(panels: Mapping[str, tuple[str, Mapping[str, Row]]], path: Path) -> None:
    """One panel a set: its systems as bars of one measure, ours coloured.

    Args:
        panels: by set, the measure that it is known by and its table.
    """
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4.4 * len(panels), 3.2), squeeze=False)
    for axis, (name, (measure, rows)) in zip(axes[0], panels.items(), strict=True):
        systems = list(reversed(rows))
        values = [rows[system][measure] for system in systems]
        ours = [system.startswith("Docent") for system in systems]
        colours = [_OURS if is_ours or not any(ours) else _THEIRS for is_ours in ours]
        axis.bar_label(axis.barh(systems, values, color=colours), fmt="%.3f", padding=3, fontsize=8)
        axis.set(title=f"{name}: {measure}", xlim=(0, max(values) * 1.18))
        _plain(axis)
    _save(figure, path)


def lines(panels: Mapping[str, Mapping[str, Mapping[int, float]]], path: Path, unit: Sequence[str]) -> None:
    """One panel a measure: lines by system over the number of chunks, both axes logarithmic."""
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.4), squeeze=False)
    for axis, (name, systems), label in zip(axes[0], panels.items(), unit, strict=True):
        for system, points in systems.items():
            style = "-" if system.startswith("Docent") else "--"
            axis.plot(list(points), list(points.values()), style, marker="o", label=system)
        axis.set(title=name, xscale="log", yscale="log", xlabel="chunks", ylabel=label)
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.yaxis.set_minor_locator(NullLocator())
        axis.legend(fontsize=7)
        _plain(axis)
    _save(figure, path)


def _plain(axis: pyplot.Axes) -> None:
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(labelsize=8)


def _save(figure: pyplot.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
