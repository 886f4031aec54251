"""Archives and what is no candle file: one limit for all that is unpacked, and a way on for the rest."""

import bz2
import gzip
import io
import lzma
import resource
import zipfile
from pathlib import Path

import pytest
from candle_file_support import bars, read, text, write

from alphapulse_resources.candle_files import CandleFileError, wrapping

ROWS = text(bars(40)).encode()


def zip_of(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files_are_read_alone_and_in_a_zip(tmp_path: Path, pack: object) -> None:
    packed = pack(ROWS)  # type: ignore[operator]  # one of the three above
    assert read(write(tmp_path / "a.bin", packed)).candles.height == 40
    assert read(write(tmp_path / "b.zip", zip_of(a=packed))).candles.height == 40


@pytest.mark.parametrize("members", [1, 3, 12])
def test_all_that_is_unpacked_counts_together(members: int) -> None:
    each = gzip.compress(b"x" * (18_000 // members))
    nested = zip_of(**{f"{n}.gz": each for n in range(members)})

    def unpack(limit: int) -> int:
        return len(list(wrapping.unwrap(nested, "a.zip", lambda _: True, wrapping.Budget("a.zip", limit))))

    assert unpack(20_000) == members
    with pytest.raises(CandleFileError, match="all members and levels together"):
        unpack(17_900)


def test_a_small_archive_that_unpacks_to_much_is_refused_without_taking_the_memory(tmp_path: Path) -> None:
    line = b"2025-03-01T00:00:00Z,100,101,99,100,1\n"
    bomb = gzip.compress(line * 3_000_000, compresslevel=1)  # 114 MB
    path = write(tmp_path / "bomb.zip", zip_of(**{f"{n}.csv.gz": bomb for n in range(6)}))
    del bomb
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CandleFileError, match=r"bomb\.zip: unpacks to more than"):
        read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_member_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    honest = zip_of(**{"a.csv": b"x" * 5_000})
    at = honest.index(b"PK\x01\x02")
    lying = honest[: at + 24] + (10).to_bytes(4, "little") + honest[at + 28 :]
    with pytest.raises(CandleFileError):
        read(write(tmp_path / "lying.zip", lying))


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    many = zip_of(**{str(n): b"" for n in range(wrapping.MOST_MEMBERS // 2)})
    assert len(many) < 5_000_000
    with pytest.raises(CandleFileError, match="all levels together"):
        list(wrapping.unwrap(zip_of(a=many, b=many), "a", lambda _: True, wrapping.Budget("a")))


def test_members_that_are_not_wanted_are_never_unpacked() -> None:
    data = zip_of(**{"ETHUSDT-1m-2025-03.csv": b"y" * 10_000_000, "BTCUSDT-1m-2025-03.csv": ROWS})
    small = wrapping.Budget("all.zip", 10_000)
    found = list(wrapping.unwrap(data, "all.zip", lambda name: name.startswith("BTC"), small))
    assert found == [("all.zip/BTCUSDT-1m-2025-03.csv", ROWS)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (zip_of(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "an Excel workbook"),
        (zip_of(mimetype=b"x", **{"content.xml": b"<x/>"}), "OpenDocument"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "old Excel workbook"),
        (b"SQLite format 3\0" + b"x" * 99, "SQLite"),
        (b"\x89HDF\r\n" + b"x" * 99, "HDF5"),
        (zip_of(), "holds no files"),
    ],
)
def test_what_cannot_be_read_is_told_with_a_way_on(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(CandleFileError, match=told):
        read(write(tmp_path / "a.xlsx", content))


def test_what_comes_with_the_data_in_an_archive_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/", "")
        archive.writestr("data/BTCUSDT_1m.csv", ROWS)
        for name in (
            "README.txt",
            "LICENSE",
            "sha256sums.txt",
            "terms.html",
            "Thumbs.db",
            ".hidden.csv",
            "~$a.csv",
        ):
            archive.writestr(f"data/{name}", "These candles, of which some are late, are as they are.")
    assert read(path).candles.height == 40
