"""The embedded server under different accounts, in private directories, and its errors: all for real."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from postgres_places import answer_of, mode, place, start_python

from alphapulse_resources.postgres import cluster as postgres_cluster
from alphapulse_resources.postgres.binaries import find_bin_dir
from alphapulse_resources.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresError, RunningServer
from alphapulse_resources.postgres.process import Account, can_enter, lives

NOBODY = 65534
needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root: here every other test runs unprivileged"
)

UNPRIVILEGED = """
import json, os, sys
from pathlib import Path
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
os.setgroups([]); os.setgid(65534); os.setuid(65534)
postgres = EmbeddedPostgres(Path(sys.argv[1]))
server = postgres.ensure()
owner = server.data_dir.stat().st_uid
print(json.dumps([str(server.data_dir), owner, postgres.ensure().adopted, postgres.stop(), postgres.stop()]))
"""


@pytest.fixture
def fresh() -> Iterator[Path]:
    """An empty place of the test's own."""
    with place() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """A home with an initialized data directory, for tests that leave it usable but may stop its server."""
    with place() as folder:
        EmbeddedPostgres(folder / "home").ensure()
        yield folder / "home"


@pytest.fixture
def postgres(shared_home: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(shared_home)


@pytest.fixture
def server(postgres: EmbeddedPostgres) -> RunningServer:
    return postgres.ensure()


# accounts and private directories


def test_server_never_runs_as_root_and_home_keeps_its_owner_and_mode(
    shared_home: Path, server: RunningServer
) -> None:
    process = psutil.Process(server.pid)
    assert process.uids().real == server.data_dir.stat().st_uid != 0
    assert shared_home.stat().st_uid == os.geteuid()
    assert mode(shared_home.parent) == 0o755
    assert server.data_dir == shared_home / "pgdata"


@needs_root
def test_an_ordinary_user_keeps_everything_in_home(fresh: Path) -> None:
    if not can_enter(find_bin_dir(), Account("nobody", NOBODY, NOBODY)):
        pytest.skip("uid 65534 cannot enter the installed package on this machine")
    home = fresh / "nobody" / "home"
    home.parent.mkdir()
    os.chown(home.parent, NOBODY, NOBODY)
    answer = answer_of(start_python(UNPRIVILEGED, str(home)))
    assert answer == [str(home / "pgdata"), NOBODY, True, True, False]
    assert {path.stat().st_uid for path in home.iterdir()} == {NOBODY}


@needs_root
def test_root_in_a_users_home_leaves_it_the_users(fresh: Path) -> None:
    home = fresh / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    EmbeddedPostgres(home).ensure()
    assert {path.stat().st_uid for path in home.iterdir()} == {NOBODY}


@needs_root
def test_programs_in_a_private_tree_are_copied_and_the_tree_stays_private(fresh: Path) -> None:
    bin_dir = find_bin_dir()
    package = bin_dir.parents[1]
    private = fresh / "private"
    shutil.copytree(bin_dir.parent, private / package.name / bin_dir.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, private / libraries.name)
    private.chmod(0o700)
    unreachable = private / package.name / bin_dir.parent.name / "bin"
    home = fresh / "home"
    server = EmbeddedPostgres(home, bin_dir=unreachable).ensure()
    program = psutil.Process(server.pid).exe()
    assert program.startswith(str(home / "postgres.binaries"))
    assert mode(private) == 0o700
    EmbeddedPostgres(home, bin_dir=unreachable).stop()
    assert psutil.Process(EmbeddedPostgres(home, bin_dir=unreachable).ensure().pid).exe() == program


@needs_root
def test_data_of_a_home_below_a_private_directory_goes_to_the_shelter(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_cluster, "SHELTER", fresh / "shelter")
    private = fresh / "private"
    private.mkdir(mode=0o700)
    home = private / "home"
    server = EmbeddedPostgres(home).ensure()
    assert server.data_dir.parents[1] == fresh / "shelter"
    assert (home / "postgres.location").read_text().strip() == str(server.data_dir.parent)
    assert not (home / "pgdata").exists()
    assert (mode(private), private.stat().st_uid) == (0o700, 0)
    assert EmbeddedPostgres(home).stop() is True
    again = EmbeddedPostgres(home).ensure()
    assert (again.data_dir, again.system_identifier) == (server.data_dir, server.system_identifier)


@needs_root
def test_a_new_home_does_not_take_over_the_data_of_a_deleted_one(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_cluster, "SHELTER", fresh / "shelter")
    home = fresh / "private" / "home"
    home.parent.mkdir(mode=0o700)
    old = EmbeddedPostgres(home).ensure()
    EmbeddedPostgres(home).stop()
    shutil.rmtree(home)
    assert EmbeddedPostgres(home).ensure().system_identifier != old.system_identifier
    assert (old.data_dir / "PG_VERSION").exists()


# errors


def test_fixed_port_that_is_taken_is_reported(fresh: Path, server: RunningServer) -> None:
    postgres = EmbeddedPostgres(fresh / "home", settings={"port": str(server.port)})
    with pytest.raises(EmbeddedPostgresError, match=r"(?s)the port is taken.*What to do.*Log: "):
        postgres.ensure()
    assert lives(server.pid)


def test_wrong_setting_is_reported_by_name(shared_home: Path, postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    with pytest.raises(EmbeddedPostgresError, match=r"(?s)a server setting is wrong.*no_such_setting"):
        EmbeddedPostgres(shared_home, settings={"no_such_setting": "1"}).ensure()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("PG_VERSION", b"12\n", r"PostgreSQL 12 made .*ALPHAPULSE_DATABASE__POSTGRES_BIN"),
        ("global/pg_control", b"", "the data directory is damaged"),
        ("postgresql.conf", None, "the data directory is damaged"),
    ],
)
def test_foreign_or_damaged_data_is_refused_and_left_alone(
    postgres: EmbeddedPostgres, server: RunningServer, name: str, content: bytes | None, message: str
) -> None:
    postgres.stop()
    path = server.data_dir / name
    good = path.read_bytes()
    try:
        path.unlink() if content is None else path.write_bytes(content)
        with pytest.raises(EmbeddedPostgresError, match=message):
            postgres.ensure()
    finally:
        path.write_bytes(good)
        os.chown(path, server.data_dir.stat().st_uid, server.data_dir.stat().st_gid)
    assert postgres.ensure().system_identifier == server.system_identifier


def test_directory_that_holds_something_else_is_not_overwritten(fresh: Path) -> None:
    (fresh / "home" / "pgdata").mkdir(parents=True)
    (fresh / "home" / "pgdata" / "diary").touch()
    with pytest.raises(EmbeddedPostgresError, match="PG_VERSION is missing"):
        EmbeddedPostgres(fresh / "home").ensure()
    assert (fresh / "home" / "pgdata" / "diary").exists()


@needs_root
def test_full_disk_is_reported_and_leaves_nothing_behind(fresh: Path) -> None:
    home = fresh / "home"
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0755", "tmpfs", str(home)])
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a small file system")
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"(?s)the disk is full.*free space"):
            EmbeddedPostgres(home).ensure()
        assert not list(home.glob("pgdata*"))
    finally:
        subprocess.run(["umount", str(home)], check=True)


def test_system_programs_serve_in_place_of_the_package(fresh: Path) -> None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not installed:
        pytest.skip("no PostgreSQL below /usr/lib/postgresql on this machine")
    server = EmbeddedPostgres(fresh / "home", bin_dir=installed[-1].parent).ensure()
    assert Path(psutil.Process(server.pid).exe()).parent == installed[-1].parent
