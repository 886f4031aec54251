"""What PostgreSQL's complaints mean and what to do about them: the words of every embedded-server error."""

from pathlib import Path
from typing import Final

from alphapulse_resources.postgres.process import EmbeddedPostgresError

TAIL_LINES: Final = 15
TAIL_BYTES: Final = 16_384
PORT_TAKEN: Final = "Address already in use"

# the first row with a phrase in the output wins: phrases, cause, cure
_CAUSES: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (
        ("No space left on device", "Check free disk space", "Disk quota exceeded"),
        "the disk is full",
        "free space on the disk, then call again; nothing that was stored is lost",
    ),
    (
        (PORT_TAKEN,),
        "the port is taken",
        "stop the program that listens there, or leave the port free to choose",
    ),
    (
        ("unrecognized configuration parameter", "invalid value for parameter"),
        "a server setting is wrong",
        "correct the setting named below",
    ),
    (
        ("Cannot allocate memory", "could not map anonymous shared memory"),
        "memory is short",
        "free memory, or lower shared_buffers",
    ),
    (
        ("pre-existing shared memory block", "still in use"),
        "processes of an earlier server still use the data",
        "end the postgres processes that work in this data directory, then call again",
    ),
    (
        ("could not look up effective user ID",),
        "the current user has no name in the user database",
        "run as a user listed in /etc/passwd",
    ),
    (
        ("incompatible with server", "not compatible with this version"),
        "the data directory was made by another version",
        "set ALPHAPULSE_DATABASE__POSTGRES_BIN to the version that made it, or run pg_upgrade",
    ),
    (
        (
            "pg_control",
            "checkpoint record",
            "PANIC:",
            "is not a valid data directory",
            "invalid data in file",
            "could not open directory",
            "could not open file",
            "could not access the server configuration file",
        ),
        "the data directory is damaged",
        "restore it from a backup, or move it away to begin with an empty database",
    ),
)
_NO_CAUSE: Final = ("", "read the end of the log, repair the cause and call again")


def cause_and_cure(output: str) -> tuple[str, str]:
    """The cause that `output` tells of ("" if we do not know it) and the advice that goes with it."""
    for phrases, cause, cure in _CAUSES:
        if any(phrase in output for phrase in phrases):
            return cause, cure
    return _NO_CAUSE


def log_tail(path: Path, offset: int) -> str:
    """The last lines that were written to a log after byte `offset`."""
    with path.open("rb") as log:
        log.seek(max(offset, path.stat().st_size - TAIL_BYTES))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-TAIL_LINES:])


def failure(home: Path, what: str, *, cure: str | None = None, output: str = "") -> EmbeddedPostgresError:
    """An error that says what happened, what PostgreSQL said, what to do and where the log is."""
    cause, advice = cause_and_cure(f"{what}\n{output}")
    parts = [f"PostgreSQL in {home}: {what}{f' ({cause})' if cause and not cure else ''}."]
    parts.append(f"What to do: {cure or advice}.")
    if output.strip():
        parts.append(f"It said:\n{output.strip()}\n")
    return EmbeddedPostgresError(" ".join([*parts, f"Log: {home / 'postgres.log'}"]))
