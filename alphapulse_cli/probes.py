"""Whether a process does its work, not only whether it lives: asked as those ask who need it, within a time.

A killed or hung server of the definitions hides behind Dagster's code server, whose own health check stays
green; a ping is handed on to it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

import requests

from alphapulse_cli.processes import ProcessError

ASK_SECONDS: Final = 5.0
"""Time limit of one question (ours)."""
FORBIDDEN: Final = "mutation { __typename }"
"""What our guard refuses by GET; Dagster alone runs it."""
PING: Final = "/api.DagsterApi/Ping"
"""Answered by the process that has the definitions (dagster/_grpc/protos/dagster_api.proto)."""


class State(Enum):
    """What came of a question."""

    ANSWERS = "answers"
    GONE = "gone"  # somebody says that what was asked for is not there
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question, and what was heard."""

    state: State
    heard: str = ""


Probe = Callable[[], Answer]
ANSWERS: Final = Answer(State.ANSWERS)
SILENT: Final = Answer(State.SILENT)
NOBODY: Final = Answer(State.SILENT, "nothing listens")


def ask_code_server(host: str, port: int, *, seconds: float = ASK_SECONDS) -> Answer:
    """Ping the process that has the definitions, through the code server before it."""
    import grpc

    with grpc.insecure_channel(f"{host}:{port}") as channel:
        try:
            channel.unary_unary(PING)(b"", timeout=seconds)  # no bytes: a PingRequest without text
        except grpc.RpcError as error:
            code = error.code()
            if code is grpc.StatusCode.DEADLINE_EXCEEDED:
                return SILENT
            if code is grpc.StatusCode.UNAVAILABLE:
                return NOBODY
            return Answer(State.GONE, _short(error.details() or code.name))
    return ANSWERS


def _short(details: str) -> str:
    """Of a nested gRPC error what is to be understood."""
    if "UNAVAILABLE" in details or "failed to connect" in details:
        return "its process with the definitions is gone"
    if "No available client" in details:
        return "it has no process with the definitions"
    lines = details.strip().splitlines()
    return lines[0][:120] if lines else ""


class WebProbe:
    """Ask the web server, and with its first answer whether it is guarded (see web_guard)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._guarded = False

    def __call__(self) -> Answer:
        """Raises ProcessError where other web pages could start and end runs."""
        answer = ask_web_server(self._url)
        if answer.state is State.ANSWERS and not self._guarded:
            try:
                said = requests.get(f"{self._url}/graphql", params={"query": FORBIDDEN}, timeout=60)
            except requests.RequestException:
                return SILENT
            if said.status_code != requests.codes.forbidden:
                raise ProcessError(
                    f"the web server answers {said.status_code} to what other pages may not ask: is another "
                    "version of dagster-webserver installed?"
                )
            self._guarded = True
        return answer


def ask_web_server(url: str, *, seconds: float = ASK_SECONDS) -> Answer:
    """Ask the web server who it is."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy has no business here
            answer = session.get(f"{url}/server_info", timeout=seconds)
    except requests.Timeout:
        return SILENT
    except requests.RequestException:
        return NOBODY
    return ANSWERS if answer.ok else Answer(State.GONE, f"it answers {answer.status_code}")


def ask_api(url: str, *, seconds: float = ASK_SECONDS) -> Answer:
    """Ask the API whether it answers; that its database is away is not its fault."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{url}/api/v1/health", timeout=seconds)
    except requests.Timeout:
        return SILENT
    except requests.RequestException:
        return NOBODY
    if answer.status_code in (requests.codes.ok, requests.codes.service_unavailable):
        return ANSWERS
    return Answer(State.GONE, f"it answers {answer.status_code}")


def judge_heartbeat(beat_at: float | None, *, started: float, since: float, limit: float) -> Answer:
    """A daemon that was started then by its newest sign of life; `since` then the database could take one."""
    if beat_at is None or beat_at < started:
        return Answer(State.SILENT, "no sign of life since its start")
    age = time.time() - max(beat_at, since)
    return ANSWERS if age <= limit else Answer(State.SILENT, f"no sign of life for {age:.0f} s")
