"""The terminal's built page: files whose names say what is in them are kept, the rest is asked again."""

import os
from pathlib import Path
from typing import Final

from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

NAMED_BY_CONTENT: Final = "assets/"
"""Where Vite puts files with a hash in their name."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""The page asks nobody but us."""


UNBUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="dark light"><meta http-equiv="refresh" content="3">
<title>AlphaPulse</title>
<style>body{font:15px/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}</style>
</head><body><h1>The page is not built yet</h1>
<p>The API works: see <a href="/api/v1/openapi.json">what it answers</a>. <code>make demo</code> and
<code>make up</code> build this page while the platform starts, which takes half a minute the first time;
it shows itself as soon as it is there.</p>
<p>If it does not come: <code>make page</code> builds it and says what is wrong; so does
<code>dashboard/build.log</code>.</p></body></html>
"""
"""What stands in the page's place until it is built."""


class Page(StaticFiles):
    """The files of `dashboard/dist`, from when they are there: they are built while the platform starts."""

    def __init__(self, directory: os.PathLike[str]) -> None:
        super().__init__(directory=directory, html=True, check_dir=False)
        self._index = Path(directory, "index.html")

    async def check_config(self) -> None:
        """The directory may come later, and is then another one after each build."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, with how long it may be kept."""
        if path == "." and not self._index.is_file():
            headers = {"cache-control": "no-cache", "content-security-policy": POLICY}
            return HTMLResponse(UNBUILT, 503, headers)
        response = await super().get_response(path, scope)
        kept = path.startswith(NAMED_BY_CONTENT) and response.status_code == 200
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        response.headers["content-security-policy"] = POLICY
        return response
