"""The sound devices of this computer: how they are called, and which of them is meant."""

import asyncio
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import orjson

from client.errors import ClientError, UsageError

Side: TypeAlias = Literal["microphone", "speakers"]

NO_PORTAUDIO = (
    "PortAudio is missing, so there is no microphone; install it (Debian, Ubuntu: apt install libportaudio2; "
    "Fedora: dnf install portaudio; macOS: brew install portaudio), or talk with --file or --text"
)
NO_CARD = "this computer has no sound card that can be used; talk with --file or --text"

PROBE_TIMEOUT = 10.0
"""Seconds another process may take to look for devices; 0.1 s is usual."""

PROBE = """
import json, sounddevice
print(json.dumps([device["name"] for device in sounddevice.query_devices()]))
"""


@dataclass(frozen=True, slots=True)
class Device:
    """One microphone, one pair of speakers, or both in one."""

    number: int
    """Good until PortAudio looks again."""
    name: str
    inputs: int
    outputs: int
    host: str
    """The system's interface it is reached by; most systems have several, and list a device once for each."""
    default_host: bool = True

    def can_be(self, side: Side) -> bool:
        """Whether it listens, or speaks."""
        return (self.inputs if side == "microphone" else self.outputs) > 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user speaks into and hears from; None for the system's choice."""

    microphone: Device | None = None
    speakers: Device | None = None


def devices() -> list[Device]:
    """All there are. Raises `ClientError` when PortAudio is missing."""
    sounddevice = portaudio()
    hosts = [host["name"] for host in sounddevice.query_hostapis()]
    usual = sounddevice.default.hostapi
    return [
        Device(
            number,
            found["name"],
            found["max_input_channels"],
            found["max_output_channels"],
            hosts[found["hostapi"]],
            found["hostapi"] == usual,
        )
        for number, found in enumerate(sounddevice.query_devices())
    ]


def list_devices() -> str:
    """A table of all sound devices, numbered. Raises `ClientError` when PortAudio is missing."""
    return str(portaudio().query_devices()) or NO_CARD


def wanted_from(text: str, there: Sequence[Device]) -> Wanted:
    """What `--device` means: "3", "USB Headset", or "MICROPHONE,SPEAKERS" where either may be left empty.

    Raises `UsageError` when there is none such.
    """
    problem: UsageError | None = None
    try:
        return _both(there, text.strip())
    except UsageError as error:
        problem = error
    for at in (at for at, letter in enumerate(text) if letter == ","):  # names may have commas, like hw:0,1
        try:
            return Wanted(find(there, text[:at], "microphone"), find(there, text[at + 1 :], "speakers"))
        except UsageError as error:
            problem = error
    raise problem


def find(there: Sequence[Device], wanted: str, side: Side) -> Device | None:
    """The device meant by a number, a name or a part of one; None for "any". Raises `UsageError`.

    A whole name beats a part of one, and the system's usual interface the others.
    """
    wanted = wanted.strip()
    if not wanted:
        return None
    able = [device for device in there if device.can_be(side)]
    same = [device for device in able if wanted == device.name]
    alike = same or [device for device in able if _means(wanted, device)]
    usual = [device for device in alike if device.default_host] or alike
    match usual:
        case [device]:
            return device
        case []:
            names = ", ".join(device.name for device in able) or "none at all"
            raise UsageError(f"there is no {side} {wanted!r}, only: {names}")
        case _:
            names = ", ".join(f"{device.number} {device.name}" for device in usual)
            raise UsageError(f"{side} {wanted!r} could be any of: {names}")


def again(there: Sequence[Device], device: Device | None, side: Side) -> Device | None:
    """The same device after PortAudio has looked again, which may have numbered it anew; None when it is gone."""
    alike = [one for one in there if device and one.name == device.name and one.can_be(side)]
    return min(alike, key=lambda one: (one != device, device and one.host != device.host), default=None)


def usual(there: Sequence[Device], side: Side) -> Device:
    """The system's choice; one must be open already."""
    number: int = portaudio().default.device[side == "speakers"]
    return there[number]


def is_there(names: Sequence[str], wanted: Wanted) -> bool:
    """Whether all that is wanted is among these devices."""
    return all(device is None or device.name in names for device in (wanted.microphone, wanted.speakers))


async def names_now() -> list[str]:
    """What devices there are at this moment.

    PortAudio looks once, when it starts, and cannot look again while it plays; so another process looks. Empty when
    that fails.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-c", PROBE),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is for us
    )
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            found, _ = await process.communicate()
        return [str(name) for name in orjson.loads(found)]
    except (TimeoutError, orjson.JSONDecodeError):
        return []
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def portaudio() -> Any:  # sounddevice is untyped
    """The module `sounddevice`, which starts PortAudio. Raises `ClientError` when that is missing."""
    try:
        return importlib.import_module("sounddevice")
    except OSError:
        raise ClientError(NO_PORTAUDIO) from None


def _both(there: Sequence[Device], text: str) -> Wanted:
    """One name for both sides, as a headset has; for one side alone where it is only a microphone or only speakers."""
    alike = [one for one in there if _means(text, one)]
    speaks_only = alike and not any(one.can_be("microphone") for one in alike)
    hears_only = alike and not any(one.can_be("speakers") for one in alike)
    return Wanted(
        None if speaks_only else find(there, text, "microphone"), None if hears_only else find(there, text, "speakers")
    )


def _means(text: str, device: Device) -> bool:
    return int(text) == device.number if text.isdecimal() else text.lower() in device.name.lower()
