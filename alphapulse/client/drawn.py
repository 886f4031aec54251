"""One picture of one signal or one pattern, by its id or by where and when it was."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from alphapulse.client.base import one_name
from alphapulse.client.lookalikes import Lookalikes
from alphapulse.errors import NotFoundError, ParameterError
from alphapulse.moments import Moment, moment
from alphapulse.readings.catalogue import BY_NAME
from alphapulse.readings.filters import MINUTES
from alphapulse.readings.identity import Identity, identity
from alphapulse.readings.reading import RefusedError

if TYPE_CHECKING:
    from alphapulse.drawing.model import Bar, Chart, Study
    from alphapulse.picture import Picture

KINDS: Final = ("signal", "pattern")
BEFORE: Final = 60
AFTER: Final = 30
MOST: Final = 400
"""Bars drawn before what is shown and after it ended, and in all (ours)."""
_MOMENT: Final = timedelta(microseconds=1)
Rows = list[dict[str, Any]]


class Drawn(Lookalikes):
    """Methods that draw one thing."""

    def draw(
        self,
        what: Literal["signal", "pattern"],
        id: str | None = None,
        *,
        symbol: str | None = None,
        timeframe: str = "1h",
        venue: str | None = None,
        at: Moment | None = None,
        pattern: str | None = None,
    ) -> "Picture":
        """A picture of one signal or pattern: candles around it, its lines and levels, and what became of it.

        id: the column `id` of `signals`, `patterns` or `chart_patterns`. Without it the newest one of symbol,
            timeframe and venue that was known `at` a moment; pattern: of that name.

        `print` draws it in text, `.save("signal.html")` or `.png` writes it, `.chart.as_dict()` has all of
        it.

        Raises: NotFoundError, ParameterError.

        >>> db.draw("signal", symbol="BTC/USDT", timeframe="15m", venue="binance")
        <chart of binance BTC/USDT 15m: ...>
        """
        from alphapulse.picture import Picture

        one_name("what", what, KINDS)
        wanted = self._wanted(what, id, symbol, timeframe, venue, moment("at", at), pattern)
        return Picture(self._drawn_signal(wanted) if what == "signal" else self._drawn_pattern(wanted))

    def _wanted(
        self,
        what: str,
        id: str | None,
        symbol: str | None,
        timeframe: str,
        venue: str | None,
        at: datetime | None,
        pattern: str | None,
    ) -> Identity:
        if id is not None:
            try:
                named = identity(what, id)
            except RefusedError as error:
                raise ParameterError("id", str(error)) from None
            place, name = self._one_instrument(named.symbol, named.venue)
            return Identity(place, name, named.timeframe, named.ts, named.pattern, named.pattern_id)
        if symbol is None:
            raise ParameterError("id", f"say which {what}: its id, or symbol, timeframe and perhaps a time")
        place, name = self._one_instrument(symbol, venue)
        timeframe = one_name("timeframe", timeframe, tuple(MINUTES))
        return self._newest(what, Identity(place, name, timeframe, pattern=pattern), at)

    def _newest(self, what: str, wanted: Identity, at: datetime | None) -> Identity:
        """The newest one of what was known at a moment."""
        step = timedelta(minutes=MINUTES[wanted.timeframe])
        end = None if at is None else at - step + _MOMENT
        filters: dict[str, Any] = {"pattern": wanted.pattern} if what == "pattern" else {}
        name = "signals" if what == "signal" else "patterns"
        rows = self._one(name, wanted, filters, end=end, limit=50 if what == "signal" else 1)
        rows = [row for row in rows if what == "pattern" or row["stop"] is not None] or rows
        if not rows:
            named = f" {wanted.pattern}" if wanted.pattern else ""
            then = "" if at is None else f" at {at:%Y-%m-%d %H:%M} UTC"
            raise NotFoundError(
                f"no {what}{named} of {wanted.venue} {wanted.symbol} {wanted.timeframe} is known{then}"
            )
        row = rows[-1]
        place = (wanted.venue, wanted.symbol, wanted.timeframe)
        if what == "signal":
            return Identity(*place, row["ts"])
        if row["family"] == "chart":
            return Identity(*place, pattern_id=int(row["reference"]))
        return Identity(*place, row["ts"], row["pattern"])

    def _drawn_signal(self, wanted: Identity) -> "Chart":
        from alphapulse.drawing.studies import signal_study

        ts = self._ts(wanted)
        rows = self._one("signals", wanted, start=ts, end=ts + _MOMENT)
        if not rows:
            raise NotFoundError(f"there is no signal {wanted}: db.signals(...) has their ids")
        row = rows[-1]
        outcomes = (
            self._one("signal_outcomes", wanted, start=ts, end=ts + _MOMENT)
            if "signal_outcomes" in BY_NAME
            else []
        )
        outcome = outcomes[-1] if outcomes else None
        over = (outcome or {}).get("closed_at") or row["expires_at"] or row["known_at"]
        bars, step = self._around(wanted, ts, over)
        return self._chart(wanted, bars, signal_study(str(wanted), row, outcome, bars, step))

    def _drawn_pattern(self, wanted: Identity) -> "Chart":
        from alphapulse.drawing.studies import bar_pattern_study, chart_pattern_study

        if wanted.pattern_id is not None:
            life = self._one("chart_patterns", wanted, {"pattern_id": wanted.pattern_id})
            life.sort(key=lambda row: row["known_at"])
            if not life:
                raise NotFoundError(
                    f"there is no chart pattern {wanted}: db.chart_patterns(...) has their ids"
                )
            first = min((*(life[-1]["pivot_ts"] or ()), life[0]["ts"]))
            bars, step = self._around(wanted, first, life[-1]["ts"])
            return self._chart(wanted, bars, chart_pattern_study(str(wanted), life, bars, step))
        ts = self._ts(wanted)
        asked = {"pattern": wanted.pattern}
        rows = self._one("patterns", wanted, asked, start=ts, end=ts + _MOMENT)
        if not rows:
            raise NotFoundError(f"there is no pattern {wanted}: db.patterns(...) tells what there is")
        outcomes = self._one("pattern_outcomes", wanted, asked, start=ts, end=ts + _MOMENT)
        bars, _ = self._around(wanted, ts, ts)
        return self._chart(wanted, bars, bar_pattern_study(str(wanted), rows[-1], outcomes, bars))

    def _one(self, name: str, wanted: Identity, more: dict[str, Any] | None = None, **asked: Any) -> Rows:
        filters = {"symbol": [wanted.symbol], "venue": [wanted.venue], "timeframe": [wanted.timeframe]}
        return self._rows(name, {**filters, **(more or {})}, **asked).to_dicts()

    def _ts(self, wanted: Identity) -> datetime:
        if wanted.ts is None:
            raise ParameterError("id", f"{wanted} has no time")
        return wanted.ts

    def _around(self, wanted: Identity, first: datetime, last: datetime) -> tuple[list["Bar"], timedelta]:
        """Closed bars from some before the first moment to some after the last."""
        from alphapulse.drawing.model import Bar

        step = timedelta(minutes=MINUTES[wanted.timeframe])
        start, end = first - BEFORE * step, min(last + AFTER * step, datetime.now(UTC))
        start = max(start, end - MOST * step)
        asked = {"symbol": [wanted.symbol], "venue": [wanted.venue], "timeframe": wanted.timeframe}
        rows = self._rows("candles", asked, start=start, end=max(end, start)).to_dicts()
        if not rows:
            raise NotFoundError(f"the bars around {wanted} are not there (any more): nothing can be drawn")
        names = ("ts", "open", "high", "low", "close", "volume")
        return [Bar(*(row[name] for name in names)) for row in rows], step

    def _chart(self, wanted: Identity, bars: list["Bar"], study: "Study") -> "Chart":
        from alphapulse.drawing.model import Chart

        step = timedelta(minutes=MINUTES[wanted.timeframe])
        title = f"{wanted.venue} {wanted.symbol} {wanted.timeframe}: {study.name.replace('_', ' ')}"
        return Chart(title, step, bars, study=study)
