"""Where it is read: `/metrics` for Prometheus, `/dashboard` for people; for this machine, and whoever has a key."""

import orjson
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from server.auth import Door, Refusal, at_home
from server.house import House
from server.observing.dashboard import report
from server.page import page_at


def observing_routes(house: House, door: Door, *, everybody: bool = False) -> list[BaseRoute]:
    """What is there for those who watch: whom the door lets in, and programs of this machine; or everybody."""

    def refused(request: Request) -> Response | None:
        if not house.observer:
            return PlainTextResponse("nothing is measured here: server.metrics is off\n", 404)
        if everybody or at_home(request.scope):
            return None
        match door.owner(request.headers):
            case Refusal(status=status, message=message):
                headers = {"www-authenticate": "Bearer"} if status == 401 else None
                return PlainTextResponse(f"{message}\n", status, headers)
            case _:
                return None

    async def metrics(request: Request) -> Response:
        if refusal := refused(request):
            return refusal
        assert house.observer
        told = await house.observer.exposition(house.standing())
        return Response(told, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    async def figures(request: Request) -> Response:
        if refusal := refused(request):
            return refusal
        return Response(orjson.dumps(report(house)), media_type="application/json", headers=FRESH)

    async def dashboard(request: Request) -> Response:
        return await page_at(request, "dashboard.html")

    return [Route("/metrics", metrics), Route("/dashboard", dashboard), Route("/dashboard.json", figures)]


FRESH = {"cache-control": "no-store"}
"""Figures are of the moment."""
