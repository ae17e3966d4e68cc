"""The plots of a training report: losses, scores before and after, and what became of each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from api.plots import COLOURS, INK, LOSS, as_svg, new_figure

Points = Sequence[tuple[int, float]]
"""(step, value)."""

TRAINING, VALIDATION = "#a3978a", COLOURS["graph"]
BEFORE, AFTER = "#a3978a", COLOURS["graph"]
_DRAWN = 600
"""Steps that are drawn at most: means of neighbours."""


def losses(training: Points, validation: Points, best: int | None) -> str:
    """Loss over steps, of training and of validation.

    Args:
        best: the step whose weights were kept; None: the last one's.
    """
    figure, axes = new_figure()
    steps, means = _thinned(training)
    axes.plot(steps, means, color=TRAINING, linewidth=1.2, label="training")
    if validation:
        axes.plot(
            [step for step, _ in validation],
            [loss for _, loss in validation],
            color=VALIDATION,
            linewidth=2.2,
            marker="o",
            markersize=4,
            label="validation",
        )
    if best is not None:
        axes.axvline(best, color=INK, linewidth=1, linestyle=":", label="kept")
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats a token)")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc="best", fontsize=9)
    return as_svg(figure)


def scores(rows: Mapping[str, tuple[float, float]]) -> str:
    """Name -> score before and after, 0 to 1, as pairs of bars."""
    figure, axes = new_figure()
    places = np.arange(len(rows))
    for shift, side, colour in ((-0.19, 0, BEFORE), (0.19, 1, AFTER)):
        values = [100 * pair[side] for pair in rows.values()]
        bars = axes.bar(places + shift, values, 0.36, color=colour, label=("before", "after")[side])
        axes.bar_label(bars, fmt="%.1f", fontsize=8, padding=2)
    axes.set_xticks(places, list(rows))
    axes.set_ylabel("score")
    axes.set_ylim(0, 118)
    axes.set_yticks(range(0, 101, 20))
    axes.grid(axis="x", visible=False)
    axes.legend(frameon=False, loc="upper center", ncols=2, fontsize=9)
    return as_svg(figure)


def changes(values: Sequence[float]) -> str:
    """A bar a question: its points after less those before, -1 to 1, the largest gain first."""
    figure, axes = new_figure()
    ordered = sorted(values, reverse=True)
    colours = [COLOURS["graph"] if value > 0 else LOSS for value in ordered]
    axes.bar(range(1, len(ordered) + 1), ordered, color=colours, width=1.0 if len(ordered) > 60 else 0.8)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlabel("questions of the domain, by change")
    axes.set_ylabel("after minus before")
    axes.set_ylim(-1.05, 1.05)
    axes.set_xlim(0.4, max(len(ordered), 1) + 0.6)
    axes.grid(axis="x", visible=False)
    return as_svg(figure)


def rates(points: Points) -> str:
    """The learning rate over steps."""
    figure, axes = new_figure()
    steps, means = _thinned(points)
    axes.plot(steps, means, color=COLOURS["hybrid"], linewidth=2)
    axes.set_xlabel("step")
    axes.set_ylabel("learning rate")
    axes.set_ylim(bottom=0)
    return as_svg(figure)


def _thinned(points: Points) -> tuple[list[float], list[float]]:
    """At most `_DRAWN` of them, each the mean of its neighbours."""
    if not points:
        return [], []
    parts = np.array_split(np.asarray(points, np.float64), min(len(points), _DRAWN))
    means = [part.mean(axis=0) for part in parts]
    return [float(mean[0]) for mean in means], [float(mean[1]) for mean in means]
