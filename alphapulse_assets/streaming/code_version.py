"""Which code a process runs: a digest of the sources that streams are made of."""

import hashlib
from functools import lru_cache
from typing import Final

from alphapulse_resources.settings import PACKAGES_ROOT, PROJECT_ROOT

SOURCES: Final = (
    (PACKAGES_ROOT, "alphapulse_assets/**/*.py"),
    (PACKAGES_ROOT, "alphapulse_resources/**/*.py"),
    (PROJECT_ROOT, "sql/**/*.sql"),
)


@lru_cache(maxsize=1)
def code_version() -> str:
    """The digest as the files were when this process first asked; other code, other digest."""
    digest = hashlib.blake2b(digest_size=6)
    for root, pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
