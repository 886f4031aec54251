"""Every request to a venue or another provider goes through here: limiter, breaker, retries, and a record.

Who is asked is a name: of a venue in the registry, or of a `Provider` that the gateway was made with. What is
asked for it need not know.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Generic, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from alphapulse_resources.providers.provider import Provider, all_budgets
from alphapulse_resources.venues.breaker import Breaker
from alphapulse_resources.venues.error_rules import Failure, Rule
from alphapulse_resources.venues.errors import describe, find_rule, read_retry_after
from alphapulse_resources.venues.model import ErrorKind, Fetch, VenueError
from alphapulse_resources.venues.rate_limit import RateLimiter
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.venue import RestApi

T = TypeVar("T")

ATTEMPTS: Final = 4  # ours
FIRST_BACK_OFF: Final = 0.5  # seconds, doubled each time with full jitter (ours)
LONGEST_BACK_OFF: Final = 8.0  # seconds (ours)
NEARLY_FULL: Final = 0.95  # of the venue's own count: others share the address, so all of us stop (ours)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what about, where to, at what cost."""

    source: str
    provider: str  # a venue, or another provider
    subject: str  # for messages: venue and symbol, provider and series
    host: str
    path: str
    start: datetime
    end: datetime
    buckets: tuple[str, ...]  # budgets it is paid from, the shortest first
    weight: float

    def __str__(self) -> str:
        return f"{self.subject} [{self.start:%Y-%m-%d %H:%M}, {self.end:%Y-%m-%d %H:%M}) from {self.source}"


@dataclass(slots=True)
class Seen:
    """What a request showed while it ran; the sender fills it in, also when it fails."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    rows: int = 0
    checksum: str | None = None


@dataclass(frozen=True, slots=True)
class Response(Generic[T]):
    """What came back, and a `Fetch` for each try it took."""

    value: T
    seen: Seen
    asked_at: datetime
    fetches: list[Fetch]


class _FailedError(Exception):
    """A try that went out and failed; tenacity decides by its rule."""

    def __init__(self, rule: Rule, error: VenueError) -> None:
        super().__init__(str(error))
        self.rule = rule
        self.error = error


def _may_retry(error: BaseException) -> bool:
    return isinstance(error, _FailedError) and error.rule.retryable


class Gateway:
    """The shared way out. One per client; safe to use from several threads."""

    def __init__(self, limiter: RateLimiter, providers: Iterable[Provider] = ()) -> None:
        """`limiter` has to know the budgets of `providers` too (`all_budgets`)."""
        self._limiter = limiter
        self._providers = {each.name: each for each in providers}
        self._budgets = all_budgets(self._providers.values())
        self._breakers: dict[str, Breaker] = defaultdict(Breaker)
        self._distances: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def clock_distance(self, venue: str) -> tuple[float, float] | None:
        """Seconds that our clock is ahead of a venue's, by its latest answer's Date, and when that came.

        True to a second or so: dates are whole seconds, and when on its way an answer was dated is unknown.
        """
        return self._distances.get(venue)

    def ask(self, question: Request, send: Callable[[Seen], T]) -> Response[T]:
        """Send until it works or makes no sense any more.

        `send` does the request and reads the answer; it raises what its library raises, or a `VenueError`
        for an answer it cannot use. Fails with a `VenueError` that carries every try as a `Fetch`.
        """
        fetches: list[Fetch] = []
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=FIRST_BACK_OFF, max=LONGEST_BACK_OFF),
            retry=retry_if_exception(_may_retry),
            reraise=True,
        )
        try:
            return retrying(self._try_once, question, send, fetches)
        except _FailedError as failed:
            raise failed.error from failed.__cause__
        except VenueError as error:  # no request went out this time
            error.fetches = [*fetches, *error.fetches]
            raise

    def _try_once(self, question: Request, send: Callable[[Seen], T], fetches: list[Fetch]) -> Response[T]:
        breaker = self._breaker(question.host)
        self._check(breaker, question)
        for bucket in question.buckets:
            self._limiter.acquire(bucket, question.weight)
        seen, asked_at, began = Seen(), datetime.now(UTC), time.perf_counter()
        try:
            value = send(seen)
        except Exception as error:
            latency = (time.perf_counter() - began) * 1000
            raise self._fail(question, error, seen, asked_at, latency, fetches) from error
        breaker.succeed()
        if question.source == "rest" and (dated := read_date(seen.headers)) is not None:
            came = time.time()
            middle = (asked_at.timestamp() + came) / 2
            self._distances[question.provider] = (middle - dated, came)
        fetches.append(self._record(question, seen, asked_at, (time.perf_counter() - began) * 1000))
        self._mind_used_weight(question, fetches[-1])
        return Response(value, seen, asked_at, fetches)

    def _breaker(self, host: str) -> Breaker:
        with self._lock:
            return self._breakers[host]

    def _check(self, breaker: Breaker, question: Request) -> None:
        if blocked := breaker.blocked_seconds():
            raise VenueError(
                ErrorKind.GEO_BLOCKED,
                f"{question}: {question.host} refused this address a moment ago, "
                f"it is not asked again for {blocked:.0f} s.",
                retry_after=blocked,
            )
        if wait := breaker.wait_seconds():
            raise VenueError(
                ErrorKind.VENUE_DOWN,
                f"{question}: {question.host} failed several times in a row, next try in {wait:.0f} s.",
                retry_after=wait,
            )

    def _fail(
        self,
        question: Request,
        error: Exception,
        seen: Seen,
        asked_at: datetime,
        latency_ms: float,
        fetches: list[Fetch],
    ) -> _FailedError:
        """Record the try, tell breaker and limiter, and say what it means."""
        trouble = Failure(question.provider, error, seen.status, seen.body)
        api, now = self._api(question), datetime.now(UTC)
        rule = find_rule(trouble, api.errors if api else ())
        what, wait = describe(trouble), None
        record = self._record(question, seen, asked_at, latency_ms)
        fetches.append(replace(record, rows=0, error_kind=str(rule.kind), error=what))
        breaker = self._breaker(question.host)
        if rule.kind is ErrorKind.BANNED:
            asked = read_retry_after(seen.headers, now, api.reset_seconds if api else None)
            wait = asked if asked is not None else rule.pause
            self._limiter.penalize(question.buckets[0], now + timedelta(seconds=wait or 0), what)
        elif rule.kind is ErrorKind.GEO_BLOCKED:
            breaker.block()
        if rule.kind in (ErrorKind.VENUE_DOWN, ErrorKind.TIMEOUT):
            breaker.fail()
        else:
            breaker.succeed()
        advice = rule.advice if question.provider in VENUES else rule.advice.replace("venue", "provider")
        message = f"{question}: {what}. {advice}"
        return _FailedError(rule, VenueError(rule.kind, message, retry_after=wait, fetches=list(fetches)))

    def _mind_used_weight(self, question: Request, fetch: Fetch) -> None:
        bucket = question.buckets[0]
        budget = self._budgets[bucket]
        if fetch.used_weight is None or fetch.used_weight < NEARLY_FULL * budget.limit:
            return
        now = datetime.now(UTC)
        rest = budget.period - now.timestamp() % budget.period
        who = "the venue" if question.provider in VENUES else question.provider
        reason = f"{who} counts {fetch.used_weight:g} of {budget.limit:g} used"
        self._limiter.penalize(bucket, now + timedelta(seconds=rest), reason)

    def _record(self, question: Request, seen: Seen, asked_at: datetime, latency_ms: float) -> Fetch:
        return Fetch(
            source=question.source,
            url=question.host + question.path,
            window_start=question.start,
            window_end=question.end,
            started_at=asked_at,
            latency_ms=latency_ms,
            http_status=seen.status,
            weight=question.weight,
            used_weight=self._used_weight(question, seen.headers),
            rows=seen.rows,
            checksum=seen.checksum,
        )

    def _api(self, question: Request) -> RestApi | Provider | None:
        """The words of who is asked; None: nobody whose words are known."""
        if provider := self._providers.get(question.provider):
            return provider
        venue = VENUES.get(question.provider)
        return None if venue is None else venue.api

    def _used_weight(self, question: Request, headers: Mapping[str, Any]) -> float | None:
        """What who is asked counts as used; None where it does not tell, or not in numbers."""
        api = self._api(question)
        if api is None or api.used_weight is None:
            return None
        try:
            return api.used_weight(headers)
        except ValueError:
            return None


def read_date(headers: Mapping[str, Any]) -> float | None:
    """The middle of the second in which an answer was made, by its Date; None: out of a cache, or undated."""
    if "Age" in headers or "Date" not in headers:
        return None
    try:
        date = parsedate_to_datetime(str(headers["Date"]))
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC).timestamp() + 0.5
