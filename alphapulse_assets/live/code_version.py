"""Which code a process runs: a digest of the sources that streams are made of."""

import hashlib
from functools import lru_cache
from typing import Final

from alphapulse_resources.settings import PROJECT_ROOT

PACKAGES: Final = ("alphapulse_assets", "alphapulse_resources", "sql")
SUFFIXES: Final = frozenset({".py", ".sql"})


@lru_cache(maxsize=1)
def code_version() -> str:
    """The digest as the files were when this process first asked; other code, other digest."""
    digest = hashlib.blake2b(digest_size=6)
    for package in PACKAGES:
        for path in sorted((PROJECT_ROOT / package).rglob("*")):
            if path.suffix in SUFFIXES:
                digest.update(f"{path.relative_to(PROJECT_ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
