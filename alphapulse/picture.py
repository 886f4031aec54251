"""A chart to look at: in a notebook, in a terminal, in a file."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

from alphapulse.drawing import Chart, to_html, to_png, to_svg, to_terminal
from alphapulse.errors import ParameterError

_HEIGHT = 640
"""Pixels of the frame in a notebook (ours)."""


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """Bars with patterns and signals. A notebook shows it; `print` draws it in text; `save` writes a file."""

    chart: Chart

    def save(self, path: str | Path) -> Path:
        """Write .html (one file that loads nothing), .png or .svg. Raises: ParameterError, OSError."""
        file = Path(path)
        match file.suffix.lower():
            case ".html":
                file.write_text(to_html(self.chart), encoding="utf-8")
            case ".png":
                file.write_bytes(to_png(self.chart))
            case ".svg":
                file.write_text(to_svg(self.chart), encoding="utf-8")
            case other:
                raise ParameterError(
                    "path", f"a chart is written as .html, .png or .svg, not {other or 'nothing'!r}"
                )
        return file

    def __str__(self) -> str:
        return "\n".join(line.plain.rstrip() for line in to_terminal(self.chart))

    def __repr__(self) -> str:
        if (study := self.chart.study) is not None:
            return f"<chart of {self.chart.title}: {len(self.chart.bars)} bars, {study.kind} {study.id}>"
        marks, plans = len(self.chart.marks), len(self.chart.plans)
        return f"<chart of {self.chart.title}: {len(self.chart.bars)} bars, {marks} marks, {plans} signals>"

    def _repr_html_(self) -> str:
        page = escape(to_html(self.chart), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:{_HEIGHT}px;border:0"></iframe>'
