"""The data directory of the embedded server: its place, its account, its password and its making."""

import contextlib
import hashlib
import itertools
import logging
import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from alphapulse_resources.postgres.binaries import Binaries
from alphapulse_resources.postgres.diagnosis import failure
from alphapulse_resources.postgres.process import (
    Account,
    can_enter,
    open_private,
    run_program,
    unprivileged_account,
)

_log = logging.getLogger(__name__)

USER: Final = "alphapulse"
SHELTER: Final = Path("/var/lib/alphapulse")
SCRAM_ITERATIONS_SINCE: Final = 16
"""Major version from which iterations can be chosen. They slow down guessing, which a password of 192 random
bits does not need; but they were four fifths of our part of a log-in, and Dagster logs in for each event."""


class Cluster:
    """The files of one server: below `home`, or below `SHELTER` where its account cannot enter `home`.

    `postgres.location` in `home` names the shelter. Making an object touches nothing.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._location_path = home / "postgres.location"

    @property
    def base(self) -> Path:
        """The directory that holds data, password and copied programs."""
        try:
            return Path(self._location_path.read_text().strip())
        except (FileNotFoundError, NotADirectoryError):
            return self.home

    @property
    def data_dir(self) -> Path:
        """PostgreSQL's data directory."""
        return self.base / "pgdata"

    @property
    def copies(self) -> Path:
        """Where programs are copied that the server's account cannot reach."""
        return self.base / "postgres.binaries"

    @property
    def _password_path(self) -> Path:
        return self.base / "postgres.password"

    def password(self) -> str | None:
        """The password of `USER`, None before there is one."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return self._password_path.read_text().strip()
        return None

    def settle(self) -> Account | None:
        """Choose the account that serves the data (None: ourselves) and, at the first start, the place.

        Raises: EmbeddedPostgresError if that account cannot enter the place where data already lives.
        """
        account = unprivileged_account(self.data_dir, self.home)
        if account is None or can_enter(self.base, account):
            return account
        if self.base != self.home or self.data_dir.exists():
            raise failure(
                self.home,
                f"the account {account.name} cannot enter {self.base}, where the data lives",
                cure="let it pass (chmod o+x on the private parent), or choose another ALPHAPULSE_HOME",
            )
        shelter = self._unused_shelter()
        for folder in (SHELTER, shelter):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(0o755)  # whatever the umask: it is ours and holds nothing readable
        _log.warning("%s is closed to the account %s: data goes to %s", self.home, account.name, shelter)
        write_private(self._location_path, f"{shelter}\n")
        return account

    def _unused_shelter(self) -> Path:
        """A directory named after home without data: what a deleted home left there is not taken over."""
        name = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        return next(SHELTER / name for name in names if not (SHELTER / name / "pgdata").exists())

    def initialize(self, binaries: Binaries, account: Account | None, lock: int) -> None:
        """Make the data directory if there is none: beside its place, then renamed, so never half of one.

        `lock` is the descriptor of the held lock. initdb inherits it: should we be killed, nobody clears the
        directory while it still writes.
        """
        if (self.data_dir / "PG_VERSION").exists():
            return
        if self.data_dir.is_dir() and any(self.data_dir.iterdir()):
            raise failure(
                self.home,
                f"{self.data_dir} is not empty, but no data directory either: PG_VERSION is missing",
                cure="restore it from a backup, or move it away to begin with an empty database",
            )
        unfinished = self.base / "pgdata.init"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if account:
            os.chown(unfinished, account.uid, account.gid, follow_symlinks=False)
        write_private(self._password_path, secrets.token_urlsafe(24), account)
        command = [binaries.program("initdb"), "-D", str(unfinished), "-U", USER]
        command += [f"--pwfile={self._password_path}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]
        if binaries.major >= SCRAM_ITERATIONS_SINCE:
            command += ["-c", "scram_iterations=1"]
        result = run_program(command, account, pass_fds=[lock])
        if result.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise failure(self.home, "initdb failed", output=result.stderr)
        unfinished.rename(self.data_dir)
        _sync_directory(self.base)

    def check_version(self, binaries: Binaries) -> None:
        """Raises: EmbeddedPostgresError if another major version made the data directory."""
        made_by = (self.data_dir / "PG_VERSION").read_text().strip()
        if made_by != str(binaries.major):
            raise failure(
                self.home,
                f"PostgreSQL {made_by} made {self.data_dir}, but {binaries.bin_dir} is {binaries.version}",
                cure=f"set ALPHAPULSE_DATABASE__POSTGRES_BIN to programs of PostgreSQL {made_by}, or run "
                "pg_upgrade",
            )


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write a private file all at once: for `account`, else owned as `open_private` does it."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    # O_EXCL: never through a link that somebody put there
    with open(open_private(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as file:
        if account:
            os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _sync_directory(path: Path) -> None:
    """Make a rename in `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
