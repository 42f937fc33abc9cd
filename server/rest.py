"""The HTTP side: which models and personas there are, and secrets with which web pages may come in."""

from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from pipeline.engines import LlmEngine
from pipeline.errors import ProtocolError
from pipeline.ids import new_id
from pipeline.llm.client import ChatCompletions
from pipeline.roster import Stage
from server.auth import Door, Guest, Refusal
from server.client_secrets import MODEL, wish_of
from server.realtime.checks import Json
from server.realtime.config import shown
from server.realtime.roles import Roles

MAX_BODY = 256 * 1024
"""Bytes of a request; reading that many as JSON takes up to two milliseconds."""

CHALLENGE = {"www-authenticate": "Bearer"}
"""What a 401 must say it wants (RFC 9110, 11.6.1)."""


def rest(llms: Stage[LlmEngine], roles_for: Callable[[str], Roles], door: Door) -> ASGIApp:
    """What is under `/v1` besides the websocket; `roles_for` says what sessions of a user may be like just now."""

    def guarded(answer: Callable[[Request, Guest], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for those whom the door lets in."""

        async def endpoint(request: Request) -> Response:
            match door.owner(request.headers):
                case Refusal(status=status, code=code, message=message):
                    return _failure(status, message, code, headers=CHALLENGE if status == 401 else None)
                case Guest() as guest:
                    try:
                        return await answer(request, guest)
                    except ProtocolError as problem:
                        return _failure(400, str(problem), problem.code, problem.param)

        return endpoint

    async def models(_request: Request, _guest: Guest) -> Response:
        return _json({"object": "list", "data": models_of(llms)})

    async def model(request: Request, _guest: Guest) -> Response:
        wanted = request.path_params["model"]
        found = next((one for one in models_of(llms) if one["id"] == wanted), None)
        return _json(found) if found else _failure(404, f"There is no model {wanted!r}", "model_not_found", "model")

    async def personas(_request: Request, guest: Guest) -> Response:
        return _json({"object": "list", "data": roles_for(guest.key_hash).listed()})

    async def client_secrets(request: Request, guest: Guest) -> Response:
        wish = wish_of(await _body(request), roles_for(guest.key_hash))
        secret, issued = door.secrets.issue(guest.key_hash, wish.session, wish.seconds)
        await door.secrets.share(secret)
        session = shown(wish.session | {"id": new_id("sess")})
        told = {"value": secret, "expires_at": issued.expires_at, "session": session}
        return _json(told, headers={"cache-control": "no-store"})

    api = Starlette(
        routes=[
            Route("/models", guarded(models)),
            Route("/models/{model:path}", guarded(model)),
            Route("/personas", guarded(personas)),
            Route("/realtime/client_secrets", guarded(client_secrets), methods=["POST"]),
        ],
        exception_handlers={HTTPException: _refuse, ClientDisconnect: _refuse},
    )
    return CORSMiddleware(
        api,
        allow_origins=door.origins,
        allow_methods=("GET", "POST"),
        allow_headers=("*",),
        allow_private_network=True,
    )


def models_of(llms: Stage[LlmEngine]) -> list[Json]:
    """What clients may call a model here: our own name, and those of the language models at work, best first."""
    owners = {MODEL: MODEL}
    for engine in llms.ready():
        owners.setdefault(engine.model if isinstance(engine, ChatCompletions) else engine.name, engine.name)
    return [{"id": name, "object": "model", "created": 0, "owned_by": owner} for name, owner in owners.items()]


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"The body is over {MAX_BODY} bytes")
    return bytes(body)


async def _refuse(_request: Request, error: Exception) -> Response:
    """A wrong path or method, too much, or somebody who left before the end and hears none of this."""
    if isinstance(error, HTTPException):
        return _failure(error.status_code, error.detail, None, headers=error.headers)
    return _failure(400, "The request broke off", None)


def _failure(
    status: int,
    message: str,
    code: str | None,
    param: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    shape = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return _json({"error": shape}, status, headers)


def _json(shape: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(shape), status, headers, "application/json")
