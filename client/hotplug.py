"""A sound card that may be unplugged: the talk goes on over the default one, and comes back to the wanted one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from client.devices import Device, Wanted, again, devices, is_there, names_now, usual, wanted_from
from client.duplex import BACKLOG, Exchanged, Stream, look_again, open_stream
from client.errors import ClientError
from client.playback import Playback
from client.tasks import alongside

STALLED = 3.0
"""Seconds without a piece after which a card is given up that did not say it stopped."""

LOOK, LONGEST_LOOK = 2.0, 60.0
"""Seconds between two looks for the wanted device, or for any; longer when it is there and cannot be opened."""

T = TypeVar("T")


@asynccontextmanager
async def open_card(chosen: str, say: Callable[[str], None]) -> AsyncGenerator["Card"]:
    """Listen and play until the block is left; `chosen` is what `--device` says.

    `say` is told what the user should know.
    Raises `ClientError` saying what to install, plug in or choose.
    """
    with ThreadPoolExecutor(1, "portaudio") as thread:  # PortAudio is not thread-safe: all calls from one thread
        card = Card(thread, say)
        try:
            await card.open(chosen)
            async with alongside(card.keep()):
                yield card
        finally:
            thread.submit(card.close)  # behind an opening that may be under way


class Card:
    """The microphone and the speakers that are there now."""

    def __init__(self, thread: ThreadPoolExecutor, say: Callable[[str], None]) -> None:
        self.playback = Playback()
        self.names: tuple[str, str] = ("", "")
        """What the microphone and the speakers in use are called."""
        self.changed: Callable[[], None] = lambda: None
        """Called when they are others than before."""
        self._thread = thread
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[Exchanged] = asyncio.Queue(BACKLOG)
        self._stream: Stream | None = None
        self._wanted = Wanted()
        self._makeshift = False
        self._look = LOOK
        self._last_piece = 0.0
        self._latency = 0.0

    @property
    def latency(self) -> float:
        """Seconds from `Playback.take` to the ear, over the devices in use now."""
        return self._latency

    async def listen(self) -> Exchanged:
        """The next piece. Waits while there is no card."""
        return await self._pieces.get()

    async def open(self, chosen: str) -> None:
        """Open what `--device` says. Raises `ClientError`."""

        def first() -> None:
            there = devices()
            self._wanted = wanted_from(chosen, there) if chosen else Wanted()
            self._open(there, self._wanted.microphone, self._wanted.speakers)

        await self._on_thread(first)

    async def keep(self) -> None:
        """Replace the card whenever it is gone, and take the wanted one when it is there; until cancelled."""
        while True:
            before, gone = self.names, await self._change()
            if gone:
                self._say(f"the sound card is gone ({' and '.join(dict.fromkeys(before))})")
            told = ""
            while problem := await self._on_thread(self._replace):
                if problem != told:
                    self._say(f"{problem}; waiting for one")
                told = problem
                await asyncio.sleep(LOOK)
            if gone or self.names != before:
                self.changed()
            self._look = LOOK if gone or self.names != before else min(LONGEST_LOOK, 2 * self._look)

    def close(self) -> None:
        """Let go of the card. Blocks."""
        if self._stream:
            self._stream.close()
            self._stream = None

    async def _change(self) -> bool:
        """Until the card is lost, or a better one is there and nothing is being said; whether it is lost."""
        assert self._stream is not None
        while True:
            try:
                async with asyncio.timeout(self._look):
                    await self._stream.lost.wait()
                return True
            except TimeoutError:
                if self._loop.time() - self._last_piece > STALLED:
                    return True
            if self._makeshift and is_there(await names_now(), self._wanted) and not self.playback.busy:
                return False

    def _replace(self) -> str:
        """Open the best there is; what is wrong, if that is nothing. On PortAudio's thread, like all below."""
        self.close()
        look_again()
        there = devices()
        microphone = again(there, self._wanted.microphone, "microphone")
        speakers = again(there, self._wanted.speakers, "speakers")
        try:
            try:
                self._open(there, microphone, speakers)
            except ClientError:
                if not (microphone or speakers):
                    raise
                self._open(there, None, None)
        except ClientError as error:
            return str(error)
        return ""

    def _open(self, there: Sequence[Device], microphone: Device | None, speakers: Device | None) -> None:
        self._stream = open_stream((microphone, speakers), self.playback, self._heard, self._loop)
        self._last_piece = self._loop.time()
        wanted = self._wanted
        self._makeshift = bool((wanted.microphone and not microphone) or (wanted.speakers and not speakers))
        self.names = (microphone or usual(there, "microphone")).name, (speakers or usual(there, "speakers")).name

    def _heard(self, piece: Exchanged) -> None:
        self._last_piece = self._loop.time()
        self._latency = piece.latency
        if self._pieces.full():
            self._pieces.get_nowait()
        self._pieces.put_nowait(piece)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await self._loop.run_in_executor(self._thread, work)
