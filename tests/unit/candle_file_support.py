"""Candle files of own making for the tests of their reading."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from alphapulse_resources.candle_files import CandleFile, read_candles

START = datetime(2025, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HEADER = "timestamp,open,high,low,close,volume"


def bars(
    count: int, price: float = 100.0, *, step: timedelta = MINUTE, start: datetime = START, extra: str = ""
) -> list[str]:
    """Lines of a market that goes up and down a little; `extra` ends each."""
    lines = []
    opened = price
    for n in range(count):
        close = price * (1 + ((n * 7) % 11 - 5) / 1000)
        high, low = max(opened, close) * 1.001, min(opened, close) * 0.999
        moment = f"{start + n * step:%Y-%m-%dT%H:%M:%SZ}"
        lines.append(f"{moment},{opened:.6f},{high:.6f},{low:.6f},{close:.6f},{1.25 + n % 5}{extra}")
        opened = close
    return lines


def text(lines: list[str], header: str = HEADER) -> str:
    """A whole file."""
    return "\n".join([header, *lines]) + "\n"


def write(path: Path, content: str | bytes) -> Path:
    """The file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, symbol: str | None = "BTC/USDT", timeframe: str = "1m", **options: object) -> CandleFile:
    """Read a file as asked."""
    return read_candles(path, timeframe=timeframe, symbol=symbol, **options)  # type: ignore[arg-type]  # options vary


def level(file: CandleFile) -> float:
    """The price around which a file's candles are."""
    return round(float(file.candles["close"].mean()), -1)  # type: ignore[arg-type]  # polars' mean is a union
