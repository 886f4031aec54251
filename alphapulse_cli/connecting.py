"""`alphapulse db dsn-file` and `db psql`: ways to the database for other programs, as analyst or as owner."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from sqlalchemy.engine import make_url

from alphapulse_cli.database import CommandError, find_dsn, here
from alphapulse_cli.output import hint
from alphapulse_resources.database.analyst import analyst_dsn
from alphapulse_resources.postgres.binaries import find_bin_dir
from alphapulse_resources.postgres.process import EmbeddedPostgresError
from alphapulse_resources.settings import Settings


def run_dsn_file(path: Path | None, *, owner: bool = False) -> str:
    """`alphapulse db dsn-file`: write the connection URL where only this user can read it; the path."""
    settings = here()
    target = path or settings.home / ("owner.dsn" if owner else "analyst.dsn")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.touch(mode=0o600)
    temporary.write_text(_dsn(settings, owner=owner) + "\n")
    temporary.replace(target)
    if owner:
        hint("the owner may change and delete everything; for notebooks and reports leave --owner away")
    return str(target)


def run_psql(arguments: Sequence[str], *, owner: bool = False) -> NoReturn:
    """`alphapulse db psql`: become psql, logged in as the analyst or the owner; Ctrl-D leaves it.

    The password is in psql's environment and not among its arguments, which every user of the machine sees.
    """
    settings = here()
    program, url = find_psql(settings), make_url(_dsn(settings, owner=owner))
    if os.isatty(0):
        who = (
            "owner, who may change and delete everything"
            if owner
            else "analyst, who reads only (see --owner)"
        )
        hint(f"psql as the {who}. \\d lists tables and views, \\q leaves.")
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    shown = url.set(password="").render_as_string(hide_password=False).replace(":@", "@", 1)
    os.execve(program, [program, shown, *arguments], environment)


def find_psql(settings: Settings) -> str:
    """The psql of the embedded server's programs, else that of the PATH; raises CommandError without one."""
    try:
        program = find_bin_dir(settings.database.postgres_bin) / "psql"
        if program.is_file():
            return str(program)
    except EmbeddedPostgresError:
        pass  # a server elsewhere needs no programs here
    if found := shutil.which("psql"):
        return found
    raise CommandError(
        "there is no psql: neither beside the embedded server nor on the PATH. Install PostgreSQL's client, "
        "or use `alphapulse sql`; `alphapulse db dsn-file` writes the address for other clients"
    )


def _dsn(settings: Settings, *, owner: bool) -> str:
    dsn = find_dsn(settings)
    return dsn if owner else analyst_dsn(settings, dsn)
