"""Reading the next file while the present one is stored: parsing and the database share the work."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from alphapulse_resources.candle_files.model import CandleFile


def read_ahead(
    paths: Sequence[Path], read: Callable[[Path], CandleFile]
) -> Iterator[tuple[Path, Future[CandleFile]]]:
    """Each path with its file to come, in order; one file more than the caller holds is in memory at most.

    `result()` of the future is the file, or raises what `read` raised for it.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
        coming: Future[CandleFile] | None = None
        for index, path in enumerate(paths):
            present = coming or pool.submit(read, path)
            coming = pool.submit(read, paths[index + 1]) if index + 1 < len(paths) else None
            yield path, present
