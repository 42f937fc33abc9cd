"""OpenAI's own library, through which we speak to language models, and its errors in our words."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import EngineError
from pipeline.openai_server import KEEP_ALIVE, Server, greeted, refusal, trouble

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@dataclass(frozen=True, eq=False, slots=True)
class OpenAIClient:
    """A `Client` made of the library."""

    name: str
    library: "AsyncOpenAI"
    """It has no timers."""

    async def models(self) -> str:
        """See `Client`."""
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415

        with translating(self.name):
            try:
                return (await self.library.get("/models", cast_to=httpx2.Response)).text
            except openai.APIStatusError as error:
                if trouble(error.status_code):
                    raise
                return ""

    async def aclose(self) -> None:
        """See `Client`."""
        await self.library.close()


async def connect(base_url: str, api_key: str, name: str, probe: float) -> tuple[Server[OpenAIClient], str]:
    """See `greeted`."""
    client = OpenAIClient(name, await asyncio.to_thread(_library, base_url, api_key))
    return await greeted(client, base_url, probe)


@contextmanager
def translating(name: str) -> Generator[None]:
    """Turns the library's errors into `EngineError`, in the words of a person who can act on them."""
    from httpx2 import ConnectError, ConnectTimeout, HTTPError  # noqa: PLC0415
    from openai import APIConnectionError, APIStatusError, OpenAIError  # noqa: PLC0415

    try:
        yield
    except APIStatusError as error:
        raise refusal(name, error.status_code, error.message, error.response.headers) from error
    except APIConnectionError as error:
        cause = error.__cause__ or error
        what = "cannot be reached" if isinstance(cause, ConnectError | ConnectTimeout) else "broke off"
        raise EngineError(f"{name} {what}: {cause}") from error
    # The last three: the library believes an answer to be what the API says, and trips over one that is not.
    except (OpenAIError, HTTPError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise EngineError(f"{name} broke off: {error or type(error).__name__}") from error


def _library(base_url: str, api_key: str) -> "AsyncOpenAI":
    """Blocking: importing it and reading the certificates takes most of a second."""
    try:
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(f"OpenAI's client cannot be loaded ({error}); run: pip install openai") from error
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        timeout=None,
        max_retries=0,
        # aiohttp's parser is written in C: a request, and each piece of an answer, takes half the time.
        # 0: as many connections as there are turns; without it there would be 100, and the next turn would wait.
        http_client=openai.DefaultAioHttpClient(
            limits=httpx2.Limits(max_connections=0, keepalive_expiry=KEEP_ALIVE),
        ),
    )
