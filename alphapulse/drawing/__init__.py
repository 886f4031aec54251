"""Charts of candles: in a terminal, as one HTML file, as a PNG. Pure; who has read the bars calls these.

>>> from datetime import UTC, datetime, timedelta
>>> day = datetime(2026, 11, 1, tzinfo=UTC)
>>> rows = [dict(ts=day, open=1.0, high=3.0, low=0.5, close=2.0, volume=9.0)]
>>> chart = Chart.of("binance BTC/USDT 1h", timedelta(hours=1), rows)
>>> chart.missing, chart.bars[0].rose
(0, True)
"""

from alphapulse.drawing.html import to_html, to_svg
from alphapulse.drawing.model import Bar, Chart, Mark, Plan
from alphapulse.drawing.terminal import to_terminal

__all__ = ["Bar", "Chart", "Mark", "Plan", "to_html", "to_png", "to_svg", "to_terminal"]


def to_png(chart: Chart) -> bytes:
    """The chart as a PNG; matplotlib is imported only now, as it takes a second."""
    from alphapulse.drawing.png import to_png as draw

    return draw(chart)
