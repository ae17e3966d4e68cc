"""The plots of a report, as SVG to stand inside a page. The only file that imports matplotlib.

Words in a plot stay text that the reader's browser draws, and only words of ours stand there: no font has to
be found for what documents say.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import InputError
from rag.selective import Bin

COLOURS = {"text": "#a3978a", "vector": "#d0a24c", "hybrid": "#5b84b1", "graph": "#2f7d5b"}
ANSWERED = {"right": "#2f7d5b", "wrong": "#d0a24c", "nothing answers it": "#b4533f"}
_LINES = ("#2f7d5b", "#5b84b1", "#d0a24c", "#b4533f")
INK, _FAINT, LOSS = "#4a4f57", "#e4e2dc", "#b4533f"
_POINTS = 400
"""Of a curve that are drawn at most."""
PICTURES = (".png", ".svg", ".pdf")
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "jujube",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": "#c9c6be",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def recall_curves(curves: Mapping[str, Mapping[int, float]]) -> str:
    """mode -> k -> recall, as lines over k."""
    figure, axes = new_figure()
    low = min((value for curve in curves.values() for value in curve.values()), default=0.0)
    for mode, curve in curves.items():
        heavy = mode == "graph"
        axes.plot(
            list(curve),
            list(curve.values()),
            color=COLOURS[mode],
            linewidth=2.6 if heavy else 1.8,
            marker="o",
            markersize=4 if heavy else 3,
            label=mode,
        )
    axes.set_xlabel("first k hits")
    axes.set_ylabel("recall")
    axes.set_xticks(range(1, 11))
    axes.set_ylim(max(0.0, low - 0.05), 1.01)
    axes.legend(frameon=False, loc="lower right")
    return as_svg(figure)


def gains(values: Sequence[float], k: int) -> str:
    """A bar a question: recall at k with the graph minus recall without, the largest first."""
    figure, axes = new_figure()
    ordered = sorted(values, reverse=True)
    colours = [COLOURS["graph"] if value > 0 else LOSS for value in ordered]
    axes.bar(range(1, len(ordered) + 1), ordered, color=colours, width=1.0 if len(ordered) > 60 else 0.8)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlabel("questions, by gain")
    axes.set_ylabel(f"recall@{k}, graph minus hybrid")
    reach = 1.05 * max((abs(value) for value in ordered), default=0.0) or 1.0
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0.4, len(ordered) + 0.6)
    axes.grid(axis="x", visible=False)
    return as_svg(figure)


def latencies(milliseconds: Mapping[str, Sequence[float]]) -> str:
    """mode -> milliseconds of each question, as boxes: median, quartiles, 5th and 95th percentile."""
    figure, axes = new_figure()
    boxes = axes.boxplot(
        list(milliseconds.values()),
        orientation="horizontal",
        whis=(5, 95),
        showfliers=False,
        patch_artist=True,
        widths=0.55,
        medianprops={"color": "white", "linewidth": 2},
        tick_labels=list(milliseconds),
    )
    for mode, box in zip(milliseconds, boxes["boxes"], strict=True):
        box.set(facecolor=COLOURS[mode], edgecolor=COLOURS[mode])
    for part in (*boxes["whiskers"], *boxes["caps"]):
        part.set(color="#a9a69e")
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("milliseconds a question")
    axes.grid(axis="y", visible=False)
    return as_svg(figure)


def coverage(curves: Mapping[str, Sequence[float]], marks: Mapping[str, float]) -> str:
    """What silence buys: accuracy over coverage.

    Args:
        curves: name -> accuracy of the k most confident answers, k = 1 .. n.
        marks: words -> a coverage to point out.
    """
    figure, axes = new_figure()
    _draw_coverage(axes, curves, marks)
    return as_svg(figure)


def reliability(found: Sequence[Bin]) -> str:
    """Share of right answers over confidence; on the diagonal the confidence is true."""
    figure, axes = new_figure()
    _draw_reliability(axes, found)
    return as_svg(figure)


def confidences(values: Mapping[str, Sequence[float]]) -> str:
    """How many answers of each sort (keys of `ANSWERED`) have which confidence."""
    figure, axes = new_figure()
    shown = {name: list(own) for name, own in values.items() if own}
    axes.hist(
        list(shown.values()),
        bins=np.linspace(0, 1, 21).tolist(),
        stacked=True,
        color=[ANSWERED[name] for name in shown],
        label=list(shown),
    )
    axes.set_xlabel("confidence")
    axes.set_ylabel("questions")
    axes.set_xlim(0, 1)
    axes.grid(axis="x", visible=False)
    axes.legend(frameon=False, loc="best", fontsize=9)
    return as_svg(figure)


def check_picture(path: Path) -> None:
    """Raises InputError for a file name that says no kind of picture that can be written."""
    if path.suffix.lower() not in PICTURES:
        raise InputError(f"cannot draw {path}: a picture ends in {', '.join(PICTURES)}")


def picture(
    path: Path, curves: Mapping[str, Sequence[float]], marks: Mapping[str, float], found: Sequence[Bin]
) -> bytes:
    """Coverage curve and reliability side by side: the bytes of a file of the kind that `path` ends in.

    Raises:
        InputError: no such kind, or matplotlib is not installed.
    """
    check_picture(path)
    figure, (left, right) = new_figure(9.2, 3.6, columns=2)
    _draw_coverage(left, curves, marks)
    left.set_title("Silence buys accuracy", loc="left", fontsize=11)
    _draw_reliability(right, found)
    right.set_title("Confidence against truth", loc="left", fontsize=11)
    out = io.BytesIO()
    kind = path.suffix.lower().lstrip(".")
    nothing = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    figure.savefig(out, format=kind, dpi=160, facecolor="white", metadata=nothing[kind])
    return out.getvalue()


def _draw_coverage(axes: Any, curves: Mapping[str, Sequence[float]], marks: Mapping[str, float]) -> None:
    low = 1.0
    for number, (name, curve) in enumerate(curves.items()):
        if not len(curve):
            continue
        at = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), _POINTS)).round().astype(int))
        values = np.asarray(curve)[at]
        axes.plot(
            100 * (at + 1) / len(curve),
            100 * values,
            color=_LINES[number % len(_LINES)],
            linewidth=2.6 if number == 0 else 1.8,
            linestyle="--" if "exact" in name else "-",
            label=name,
        )
        low = min(low, float(values[at + 1 >= 0.05 * len(curve)].min()))  # the first few say little
    for (words, place), style in zip(marks.items(), (":", "-."), strict=False):
        axes.axvline(100 * place, color=INK, linewidth=1, linestyle=style, label=words)
    axes.set_xlabel("% of the questions answered, surest first")
    axes.set_ylabel("% of these right")
    axes.set_xlim(0, 100)
    axes.set_ylim(max(0.0, 100 * low - 5), 101)
    axes.legend(loc="lower left", fontsize=9, facecolor="white", edgecolor="none", framealpha=0.85)


def _draw_reliability(axes: Any, found: Sequence[Bin]) -> None:
    most = max((one.count for one in found), default=1)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    axes.plot(
        [one.confidence for one in found], [one.right for one in found], color=COLOURS["graph"], linewidth=1.8
    )
    axes.scatter(
        [one.confidence for one in found],
        [one.right for one in found],
        s=[20 + 100 * one.count / most for one in found],
        color=COLOURS["graph"],
        zorder=3,
    )
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)


def new_figure(width: float = 4.6, height: float = 3.1, columns: int = 1) -> tuple[Any, Any]:
    """A figure in the house's style, with its axes. Raises InputError: matplotlib is not installed."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError(
            "plots need matplotlib, which is not installed: pip install 'jujube-qa[report]'"
        ) from error
    matplotlib.rcParams.update(_STYLE)  # drawn without a display: a Figure of its own has no window
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(1, columns)


def as_svg(figure: Any) -> str:
    """The <svg> element alone: no declaration, no metadata, nothing that names another file."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r' (?:width|height)="[\d.]+pt"', "", text, count=2)
    return re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1; font-family: inherit", text)
