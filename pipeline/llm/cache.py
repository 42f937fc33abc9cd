"""Answers to frequent questions, given again without asking a model, where nothing but the question can matter.

What can matter is much: who asks, when, what was said before, what functions there are. So only questions are answered
from here that stand for themselves: a greeting, a sum, a fact that is the same tomorrow; in a conversation in which the
user has neither told nor ordered anything; of an assistant with the same instructions. And only whole answers are kept,
for a while.
"""

import unicodedata
from dataclasses import dataclass, field

from pipeline.context.notes import weigh
from pipeline.context.sentences import asks, sentences
from pipeline.engines import Message, Prompt
from pipeline.llm.cache_rules import ASKED_FOR, BOUND, FILLERS, FILLERS_ZH, GAP_ZH, IS, PUNCTUATION
from pipeline.words import HAN

KINDS = ("fact", "arithmetic", "greeting")
"""What may be answered in the same words each time. A joke may not, and reasoning depends on who is to follow it."""

HOTTEST = 0.7
"""The highest temperature at which nobody expects another answer each time."""

LONGEST_QUESTION, LONGEST_ANSWER = 120, 600
"""Characters; what is longer is hardly asked twice."""

MOST = 1_000
"""Answers kept; with what was said before it, at some kilobytes each."""


@dataclass(frozen=True, slots=True)
class Key:
    """Everything that an answer depends on."""

    talk: tuple[Message, ...]
    """What was asked, however it was written, and what was answered: "what about Germany" depends on what was asked
    before, and "what is the answer" on the riddle that was told."""
    system: str
    """What the model was told of itself, and of the user."""
    scope: str
    """Whatever else the caller chose that matters: its policy, its language."""
    max_tokens: int | None
    temperature: float | None


@dataclass(frozen=True, slots=True)
class _Kept:
    text: str
    until: float


@dataclass(slots=True)
class AnswerCache:
    """One for the server. Times are seconds of any one monotonic clock."""

    seconds: float = 0.0
    """For which an answer is good; 0 to keep none."""
    most: int = MOST
    hits: int = 0
    misses: int = 0
    """Questions that could have been answered from here."""
    _answers: dict[Key, _Kept] = field(default_factory=dict[Key, _Kept])
    """The one that was used longest ago first."""

    def key(self, prompt: Prompt, kind: str, scope: str = "") -> Key | None:
        """What an answer would be kept under; None where it may be neither kept nor given."""
        return key_of(prompt, kind, scope) if self.seconds > 0 else None

    def find(self, key: Key, now: float) -> str | None:
        """The answer, if it is known and still good."""
        kept = self._answers.pop(key, None)
        if kept is None or kept.until <= now:
            self.misses += 1
            return None
        self._answers[key] = kept
        self.hits += 1
        return kept.text

    def learn(self, key: Key, answer: str, now: float) -> None:
        """A model has answered, to its end and in words alone."""
        text = answer.strip()
        if not text or len(text) > LONGEST_ANSWER or text.endswith(("?", "？")):  # it asks: there is more to come
            return
        self._answers.pop(key, None)
        self._answers[key] = _Kept(text, now + self.seconds)
        while len(self._answers) > self.most:
            del self._answers[next(iter(self._answers))]

    def __len__(self) -> int:
        return len(self._answers)

    def forget(self) -> None:
        """All of it: models, prices or prompts have changed."""
        self._answers.clear()


def key_of(prompt: Prompt, kind: str, scope: str = "") -> Key | None:
    """Where the answer to this prompt belongs; None where more matters than its question."""
    if kind not in KINDS or prompt.tools or prompt.extra or (prompt.temperature or 0.0) > HOTTEST:
        return None
    system: list[str] = []
    talk: list[Message] = []
    said: list[str] = []
    for line in prompt.messages:
        if not isinstance(line, Message):
            return None  # a function was called
        if line.role == "system":
            system.append(line.text)
        elif line.role == "user":
            talk.append(Message("user", normal(line.text)))
            said.append(line.text)
        else:
            talk.append(line)
    if not said or not prompt.messages or prompt.messages[-1] != Message("user", said[-1]):
        return None
    question, earlier = said[-1], said[:-1]
    if not stands_alone(question, kind) or any(_tells(text) for text in earlier):
        return None
    return Key(tuple(talk), "\n\n".join(system), scope, prompt.max_tokens, prompt.temperature)


def stands_alone(question: str, kind: str) -> bool:
    """Whether its words are all there is to it: they point to nothing before, to nobody, to no time."""
    text = normal(question)
    if not text or len(text) > LONGEST_QUESTION or BOUND.search(text) or _tells(question):
        return False
    return kind != "fact" or asks(question) or bool(ASKED_FOR.match(text))


def normal(question: str) -> str:
    """The question without what people hear as the same: case, width, punctuation, what they say to warm up.

    "Um, what’s the capital of France" and "What is the capital of France?" are one; "5 - 3" and "5 3" are two.
    """
    text = unicodedata.normalize("NFKC", question).casefold().replace("’", "'")
    text = IS.sub(r"\1 is", " ".join(PUNCTUATION.sub(" ", text).split()))
    bare = FILLERS_ZH.sub("", GAP_ZH.sub("", text)) if HAN.search(text) else FILLERS.sub(" ", text)
    return " ".join(bare.split()) or text


def _tells(text: str) -> bool:
    """Whether the user says something that may matter later."""
    return any(weigh(sentence) for sentence in sentences(text))
