"""Any ASGI app on a real server on localhost, for as long as a test needs it."""

import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


@asynccontextmanager
async def serving(app: ASGIApp, tls: ssl.SSLContext | None = None) -> AsyncGenerator[str]:
    """Listens on a free port while the block runs; gives the URL without a path."""
    config = uvicorn.Config(
        app,
        log_level="critical",
        timeout_graceful_shutdown=1,
        lifespan="off",
        ssl_context_factory=(lambda _config, _usual: tls) if tls else None,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await server.startup([listening])  # not `serve`, which looks only every 100 ms whether it is to stop
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            await server.shutdown()
