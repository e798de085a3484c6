"""Pictures as SVG that is the same for the same data. The one module that knows matplotlib."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from assistant.foreign_text import one_line
from eval.statistics import Figure as Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 430
"""Of every picture, in its own units, of which a letter has 13: shown 350 pixels wide, as on a phone, it can still be read."""
INK, SOFT, GRID, PAPER = "#1d1b18", "#55514a", "#dcd7cd", "#ffffff"
BLUE, PALE_BLUE = "#0072b2", "#a6cfea"
RED, PALE_RED = "#b34700", "#f3c3a0"
"""Blue and vermilion of Okabe and Ito 2008, which colour-blind readers tell apart; vermilion darkened for lines on white."""
_ONE_AT_A_TIME = threading.Lock()
"""matplotlib's settings and the warnings' filters are the process's."""
_LABEL = 26
_ROW = 25
_FONT = "DejaVu Sans"  # comes with matplotlib: what is measured with it is the same everywhere
_STYLE: Any = {
    "font.family": [_FONT], "font.size": 12.5, "text.color": INK, "text.parse_math": False,
    "axes.edgecolor": SOFT, "axes.labelcolor": INK, "axes.spines.top": False, "axes.spines.right": False,
    "axes.linewidth": 0.8, "axes.axisbelow": True, "axes.titlesize": 12.5, "axes.titlelocation": "left",
    "axes.formatter.use_mathtext": False, "axes.unicode_minus": False,
    "xtick.color": SOFT, "ytick.color": SOFT, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "grid.color": GRID, "grid.linewidth": 0.8, "legend.frameon": False, "legend.fontsize": 12,
    "figure.facecolor": PAPER, "axes.facecolor": PAPER,
    "svg.fonttype": "none", "svg.hashsalt": "onrecord",
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """A row of horizontal bars: a share with its interval, in blue or, to set it apart, in red."""

    label: str
    figure: Measured
    red: bool = False


def draw(height: float, paint: Callable[[Figure], None]) -> str:
    """The SVG element of what `paint` draws, `WIDTH` wide.

    Letters stay letters, which the reader's own fonts show: tags may be in any script. matplotlib lays them out with its own font,
    and need not have them.
    """
    import matplotlib
    from matplotlib.figure import Figure

    out = StringIO()
    with _ONE_AT_A_TIME, matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph|Matplotlib currently does not support")
        figure = Figure(figsize=(WIDTH / 72, height / 72), layout="constrained")
        paint(figure)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    return svg[svg.index("<svg") :].replace(f"'{_FONT}'", "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif")


def bars(rows: Sequence[Bar], label: str) -> str:
    """Horizontal bars, the first one on top, each with its interval, its value and its number."""

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for place, row in enumerate(rows):
            _bar(axes, place, row)
        axes.set_yticks(range(len(rows)), [one_line(row.label, _LABEL) for row in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel(label)
        share_axis(axes)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)

    return draw(58 + _ROW * len(rows), paint)


def share_axis(axes: Axes, which: str = "x") -> None:
    """Makes an axis one of shares, from 0 to 1, with a light grid."""
    ticks = [0, 0.25, 0.5, 0.75, 1]
    shown = ["0", "0.25", "0.5", "0.75", "1"]
    if which == "x":
        axes.set_xlim(0, 1)
        axes.set_xticks(ticks, shown)
    else:
        axes.set_ylim(0, 1)
        axes.set_yticks(ticks, shown)
    axes.grid(True, axis="x" if which == "x" else "y")


def _bar(axes: Axes, place: int, row: Bar) -> None:
    found, strong, pale = row.figure, RED if row.red else BLUE, PALE_RED if row.red else PALE_BLUE
    value, low, high = (0.0 if v is None else min(1.0, max(0.0, v)) for v in (found.mean, found.low, found.high))
    axes.barh(place, value, height=0.66, color=pale)
    axes.plot([low, high], [place, place], color=INK, linewidth=1.6, solid_capstyle="butt", clip_on=False)
    axes.plot([value], [place], "o", color=strong, markersize=7, markeredgecolor=PAPER, clip_on=False)
    side = axes.get_yaxis_transform()
    axes.text(1.05, place, f"{value:.2f}", transform=side, va="center", weight="bold")
    axes.text(1.2, place, f"n {found.n}", transform=side, va="center", color=SOFT)
