"""How the other devices of this network are told the way in: by a code that a phone's camera reads."""

from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.auth import Door, Guest, Refusal, from_here
from server.lan import Lan
from server.rest import CHALLENGE

if TYPE_CHECKING:
    from segno import QRCode

CONFIDENTIAL = {"cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}
"""The key is in these answers."""


def invitation(lan: Lan, here: str, *, private: bool) -> str:
    """What the server says at its start, `here` being its own address: the key only where that is `private`, in a
    terminal that somebody watches, and not in a log."""
    if not lan.hosts:
        return "Other devices cannot reach this machine: it is in no network.\n"
    lines = ["On the other devices of this network:\n"]
    if private:
        lines += [text_code(lan.urls[0]), *(f"  {url}\n" for url in lan.urls)]
    else:
        lines += [*(f"  {origin}\n" for origin in lan.origins), f"  (a code with the key is at {here}/lan.svg)\n"]
    warning = "Their browsers will warn of a certificate that nobody vouches for; it is ours if its SHA-256 is"
    return "".join([*lines, f"{warning} {lan.fingerprint}\n"])


def invitation_routes(lan: Lan | None, door: Door) -> list[Route]:
    """The same for the page on this machine: `/lan` and `/lan.svg`, with the key, for callers whom the door lets in."""

    def admit(request: Request) -> None:
        if not from_here(request.scope):
            raise HTTPException(404)
        match door.owner(request.headers):
            case Refusal(status=status, message=message):
                raise HTTPException(status, message, CHALLENGE if status == 401 else None)
            case Guest():
                pass

    def told(request: Request) -> Response:
        admit(request)
        urls, fingerprint = (lan.urls, lan.fingerprint) if lan else ([], None)
        return JSONResponse({"urls": urls, "fingerprint": fingerprint}, headers=CONFIDENTIAL)

    def drawn(request: Request) -> Response:  # in a thread, as it is no coroutine: drawing takes 10 ms
        admit(request)
        if not lan or not lan.urls:
            raise HTTPException(404)
        return Response(svg_code(lan.urls[0]), headers=CONFIDENTIAL, media_type="image/svg+xml")

    return [Route("/lan", told), Route("/lan.svg", drawn)]


def text_code(url: str) -> str:
    """The code for this address in a terminal, dark or light; two rows of it to a line."""
    text = StringIO()
    _code(url).terminal(text, border=2, compact=True)
    return "".join(f"\x1b[38;5;231;48;5;16m{line}\x1b[0m\n" for line in text.getvalue().splitlines())


def svg_code(url: str) -> bytes:
    """The code for this address on a page, as large as the page has room for it."""
    svg = BytesIO()
    _code(url).save(svg, kind="svg", light="white", omitsize=True, xmldecl=False)
    return svg.getvalue()


def _code(url: str) -> "QRCode":
    import segno  # noqa: PLC0415  most servers do without

    return segno.make_qr(url, error="l", boost_error=False)
