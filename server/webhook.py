"""Tells somebody elsewhere that something needs attention: over a webhook, in the form its receiver reads."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlsplit

from pipeline.openai_server import retry_after

if TYPE_CHECKING:
    import httpx2

Form = Literal["json", "slack", "dingtalk"]

ATTEMPTS = 8
"""With the waits between them, some two minutes."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 120.0
"""Seconds before the second attempt, doubled each time."""

LONGEST_RETRY_AFTER = 900.0
"""Seconds; who wants to be left alone for longer is asked again all the same."""

PATIENCE = 10.0
"""Seconds the receiver has to answer."""

WAITING = 64
"""News that may wait to be sent; beyond, the oldest are dropped."""

AGAIN = (408, 425, 429)
"""Refusals that may be none the next time."""

DINGTALK_BUSY = (-1, 130101, 410100)
"""DingTalk's words for "later": the system is busy, more than 20 messages in a minute."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """What somebody should know."""

    text: str
    """For people."""
    facts: Mapping[str, Any]
    """For programs."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """It did not get through."""

    why: str
    again: bool
    """Whether it may, the next time."""
    wait: float | None = None
    """Seconds that the receiver wants to be left alone."""


@dataclass(slots=True)
class Webhook:
    """One receiver. `tell` costs nothing; `run` sends, one after the other."""

    url: str = field(repr=False)
    """It may hold the receiver's secret: nothing but its host is ever shown."""
    form: Form = "json"
    secret: str = field(default="", repr=False)
    """DingTalk's, where its robot wants signatures."""
    first_wait: float = FIRST_WAIT
    patience: float = PATIENCE
    chance: Random = field(default_factory=Random)
    clock: Callable[[], float] = time.time
    """Unix seconds, for signatures."""
    _news: "asyncio.Queue[News]" = field(default_factory=lambda: asyncio.Queue(WAITING), init=False)

    def tell(self, news: News) -> None:
        """It is sent soon, and again if it does not get through."""
        if self._news.full():
            _log.warning("nobody at %s was told that %s", self.host, self._news.get_nowait().text)
            self._news.task_done()
        self._news.put_nowait(news)

    @property
    def host(self) -> str:
        """What of the address may be shown."""
        return urlsplit(self.url).hostname or ""

    async def run(self) -> None:
        """Send what there is to tell, until cancelled; then what was not sent yet is lost, but for the log."""
        import httpx2  # noqa: PLC0415

        async with httpx2.AsyncClient(timeout=self.patience) as client:
            while True:
                news = await self._news.get()
                try:
                    await self._send(client, news)
                finally:
                    self._news.task_done()

    async def finish(self) -> None:
        """Until everything has been sent or given up."""
        await self._news.join()

    async def aclose(self) -> None:
        """What was not sent is lost, and said to be."""
        while not self._news.empty():
            _log.warning("nobody at %s was told that %s", self.host, self._news.get_nowait().text)

    async def _send(self, client: "httpx2.AsyncClient", news: News) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            refused = await self._post(client, news)
            if refused is None:
                return
            if not refused.again or attempt == ATTEMPTS:
                _log.error("%s was not told that %s: %s", self.host, news.text, refused.why)
                return
            wait = self.wait(attempt, refused.wait)
            _log.info("%s: %s; again in %.1f s", self.host, refused.why, wait)
            await asyncio.sleep(wait)

    def wait(self, attempt: int, asked: float | None) -> float:
        """Seconds before the next attempt: longer each time, a little by chance, and no less than the receiver says."""
        usual = min(LONGEST_WAIT, self.first_wait * 2 ** (attempt - 1)) * (0.5 + self.chance.random())
        return max(usual, min(asked or 0.0, LONGEST_RETRY_AFTER))

    async def _post(self, client: "httpx2.AsyncClient", news: News) -> _Refused | None:
        import httpx2  # noqa: PLC0415

        try:
            async with asyncio.timeout(self.patience):  # the library's own starts anew with each byte
                answer = await client.post(self._address(), json=body(news, self.form))
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            return _Refused(f"it cannot be reached ({str(error) or type(error).__name__})", again=True)
        except httpx2.InvalidURL as error:
            return _Refused(str(error), again=False)
        status = answer.status_code
        if status >= 300:
            return _Refused(f"it answers {status}", status >= 500 or status in AGAIN, retry_after(answer.headers))
        return _dingtalk_refusal(answer.text) if self.form == "dingtalk" else None

    def _address(self) -> str:
        if self.form != "dingtalk" or not self.secret:
            return self.url
        at = round(self.clock() * 1000)
        joint = "&" if urlsplit(self.url).query else "?"
        return f"{self.url}{joint}timestamp={at}&sign={signature(self.secret, at)}"


def body(news: News, form: Form) -> Mapping[str, Any]:
    """What is sent."""
    match form:
        case "json":
            return {"text": news.text, **news.facts}
        case "slack":
            return {"text": news.text}
        case "dingtalk":
            return {"msgtype": "text", "text": {"content": news.text}}


def signature(secret: str, at: int) -> str:
    """DingTalk's: of the time in milliseconds and the secret, by HMAC-SHA256, ready for a query."""
    digest = hmac.new(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256).digest()
    return quote(base64.b64encode(digest), safe="")


def _dingtalk_refusal(text: str) -> _Refused | None:
    """It refuses with status 200, and says so inside."""
    with suppress(ValueError):
        match json.loads(text):
            case {"errcode": 0}:
                return None
            case {"errcode": int(code), **rest}:
                return _Refused(f"it answers {code}: {str(rest.get('errmsg', ''))[:120]}", code in DINGTALK_BUSY)
            case _:
                pass
    return _Refused(f"it does not answer as DingTalk does: {text[:80]!r}", again=False)
