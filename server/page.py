"""The browser client's files, served as strictly as they allow; whoever asks may have them, no secret is in them."""

import asyncio
import re
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

FOLDER = Path(str(files("client"))) / "web"
"""In a checkout and in an installed wheel alike."""

TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served, and as what: browsers run no module that comes as text/plain, and systems' own tables differ."""

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "font-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "connect-src": "'self'",  # the websocket of the same host and port as well
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",  # nobody clicks our microphone button on another page
    "require-trusted-types-for": "'script'",
}
"""The page's Content-Security-Policy."""

GUARDED = {
    "content-security-policy": "; ".join(f"{what} {whence}" for what, whence in POLICY.items()),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""With everything that a browser may show."""

_SAFE = re.compile(r"(?:[\w-]+/)*[\w-]+(?:\.[\w-]+)+", re.ASCII)
"""A path that stays in its folder: plain words, with dots only inside of the last."""


async def page(request: Request) -> Response:
    """A file of the page, or that the browser still has it, or that there is none."""
    return await page_at(request, request.path_params["path"] or "index.html")


async def page_at(request: Request, path: str) -> Response:
    """The same for a file that is known by another address."""
    try:
        content = await asyncio.to_thread(_read, path)
    except OSError:
        return PlainTextResponse("Not Found\n", 404, GUARDED)
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = GUARDED | {"etag": tag, "cache-control": "no-cache", "content-type": TYPES[Path(path).suffix]}
    known = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)


def _read(path: str) -> bytes:
    """Raises `OSError` where there is no such file, or it is none of the page's."""
    if not _SAFE.fullmatch(path) or Path(path).suffix not in TYPES:
        raise FileNotFoundError(path)
    return (FOLDER / path).read_bytes()
