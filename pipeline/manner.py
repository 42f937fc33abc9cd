"""How a session behaves: what a client may change of it at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.context.window import Shape
from pipeline.engines import Voice
from pipeline.hearing.endpoint import Endpointing
from pipeline.llm.budget import Payer
from pipeline.llm.catalog import Tier
from pipeline.llm.rollout import Policy
from pipeline.words import HAN, LATIN

INSTRUCTIONS = (
    "You are a helpful voice assistant. Your answers are spoken aloud: keep them short, in plain sentences, without "
    "lists, markdown or emoji. Answer in the language the user speaks."
)


@dataclass(frozen=True, slots=True)
class Manner:
    """Everything a turn needs to know of the client's wishes."""

    instructions: str = INSTRUCTIONS
    language: str = ""
    """ISO 639-1 code of what the user speaks; empty to find out."""
    voice: str = ""
    speed: float = 1.0
    aloud: bool = True
    """False for answers in text only."""
    endpointing: Endpointing | None = Endpointing()
    """None for push-to-talk: the client says when the user is done."""
    answers: bool = True
    """Whether an answer follows when the user has finished speaking."""
    edits: bool = True
    """Whether "scrap that" and the like change the conversation instead of being answered."""
    interruptible: bool = True
    """Whether the user's voice stops an answer."""
    max_tokens: int | None = None
    temperature: float | None = None
    tools: Sequence[Mapping[str, Any]] = ()
    """Functions that answers may call; see `Prompt`."""
    tool_choice: str = "auto"
    parallel_calls: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further fields of the model's request, passed through as they are."""
    shape: Shape = Shape()
    """Of the prompts; what a session begins with holds for all of it."""
    policy: Policy = "auto"
    """What matters when a model is chosen."""
    tier: Tier = "normal"
    user: str = ""
    """Who is speaking, by a name that stays the same; empty for anybody."""
    session: str = ""
    """The session's id."""
    idle: float | None = None
    """Seconds of silence after an answer upon which the user is asked whether they are still there."""

    @property
    def payer(self) -> Payer:
        """On whose account its turns are."""
        return Payer(self.session, self.user)

    @property
    def prefix(self) -> float:
        """Seconds of sound before a beginning that belong to it."""
        return self.endpointing.prefix if self.endpointing else 0.0

    def voice_for(self, text: str, spoken: str = "") -> Voice:
        """Who says this text to somebody who, as it seems, speaks that language."""
        return Voice(self.voice, language_of(text, self.language or spoken), self.speed)


def language_of(text: str, otherwise: str) -> str:
    """The language to speak `text` in: what its script shows, else `otherwise`, else English."""
    if HAN.search(text):
        return otherwise if otherwise == "ja" else "zh"
    foreign = otherwise == "zh" and LATIN.search(text)  # figures alone are of the language around them
    return "en" if foreign or not otherwise else otherwise
