"""The plots of a report, as SVG to stand inside a page. The only file that imports matplotlib.

Words in a plot stay text that the reader's browser draws, and only words of ours stand there: no font has to
be found for what documents say.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from index.errors import InputError

COLOURS = {"text": "#a3978a", "vector": "#d0a24c", "hybrid": "#5b84b1", "graph": "#2f7d5b"}
_INK, _FAINT, _LOSS = "#4a4f57", "#e4e2dc", "#b4533f"
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "jujube",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": "#c9c6be",
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def recall_curves(curves: Mapping[str, Mapping[int, float]]) -> str:
    """mode -> k -> recall, as lines over k."""
    figure, axes = _figure()
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
    return _svg(figure)


def gains(values: Sequence[float], k: int) -> str:
    """A bar a question: recall at k with the graph minus recall without, the largest first."""
    figure, axes = _figure()
    ordered = sorted(values, reverse=True)
    colours = [COLOURS["graph"] if value > 0 else _LOSS for value in ordered]
    axes.bar(range(1, len(ordered) + 1), ordered, color=colours, width=1.0 if len(ordered) > 60 else 0.8)
    axes.axhline(0, color=_INK, linewidth=0.8)
    axes.set_xlabel("questions, by gain")
    axes.set_ylabel(f"recall@{k}, graph minus hybrid")
    reach = 1.05 * max((abs(value) for value in ordered), default=0.0) or 1.0
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0.4, len(ordered) + 0.6)
    axes.grid(axis="x", visible=False)
    return _svg(figure)


def latencies(milliseconds: Mapping[str, Sequence[float]]) -> str:
    """mode -> milliseconds of each question, as boxes: median, quartiles, 5th and 95th percentile."""
    figure, axes = _figure()
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
    return _svg(figure)


def _figure() -> tuple[Any, Any]:
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError(
            "plots need matplotlib, which is not installed: pip install 'jujube-qa[report]'"
        ) from error
    matplotlib.rcParams.update(_STYLE)  # drawn without a display: a Figure of its own has no window
    figure = Figure(figsize=(4.6, 3.1), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Any) -> str:
    """The <svg> element alone: no declaration, no metadata, nothing that names another file."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r' (?:width|height)="[\d.]+pt"', "", text, count=2)
    return re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1; font-family: inherit", text)
