"""Summaries without a model: the sentences worth keeping, word for word, in their order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.wits.conversation import Line
from models.wits.pieces import estimate_tokens

_ASKED = re.compile(r"\b(?:summari[sz](?:e|es|ing|ed)|summary|condense|compress)\b|总结|摘要|概括|归纳", re.I)
_ASKED_ALOUD = re.compile(
    r"\bsummari[sz]e\b.*\b(?:conversation|far|talked|discussed|we|this|chat)\b|总结.{0,6}(?:对话|谈话|聊)", re.I
)
_LANGUAGE = re.compile(r"\A[a-z]{0,12}\n")
"""The word after an opening fence."""
_TAG = re.compile(r"<([a-zA-Z_-]{1,40})>")
_RULE = re.compile(r"^(?:---+|===+)[^\n]*$", re.M)
_SPEAKER = re.compile(r"^\s*[-*]?\s*([A-Za-z\u4e00-\u9fff]{1,12}(?: \d+)?)\s*[:：]\s*")
_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+(?=[^\sa-z])|(?<=[。！？])")
_BUDGET = re.compile(r"(\d{2,5})[- ]*(tokens?|words?|characters?|个?词|个?字|个?token)", re.I)

_ORDER = re.compile(
    r"\b(?:remember|never|do not|don'?t|always|must(?: not)?|make sure|from now on|forget|call me|instead of)\b"
    r"|记住|不要|别再|别忘|永远|总是|必须|一定要|从现在起|叫我",
    re.I,
)
_TOLD = re.compile(
    r"\b(?:my|i am|i'm|i live|i work|i have|i like|i need|i want)\b|我的|我叫|我是|我住|我喜欢|我想|我要", re.I
)
_PRECISE = re.compile(r"\d|(?<=[a-z,] )[A-Z][a-z]+")
_EMPTY = re.compile(
    r"^(?:hi|hello|hey|thanks?|thank you|okay|ok|yes|no|bye|goodbye|sure|you're welcome|how are you"
    r"|你好|谢谢|再见|好的?|嗯)\b[^\n]{0,20}$",
    re.I,
)

DEFAULT_TOKENS = 200
MAX_SENTENCES = 2_000
MAX_TAGS = 8
"""Kinds of <tag> that are looked at."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    at: int
    line: int
    """The line of the transcript it stands in."""
    speaker: str
    text: str
    worth: float


def summarise(lines: Sequence[Line], max_tokens: int | None) -> str | None:
    """The extract a summary prompt asks for; None when this is no summary prompt.

    What users asked to be remembered, done or never done is kept first, then names and numbers, then the rest,
    newest first, within the tokens that the prompt or `max_tokens` allows.
    """
    last = next((line for line in reversed(lines) if line.role == "user"), None)
    for line in [last] if last else [line for line in lines if line.role == "system"][-1:]:
        transcript = _transcript(line.text)
        if transcript is None:
            continue
        around = [line.text.replace(transcript, " "), *(other.text for other in lines if other.role == "system")]
        if any(_ASKED.search(text) for text in around):
            budget = min(_budget(" ".join(around)), max_tokens or DEFAULT_TOKENS * 100)
            return _extract(_LANGUAGE.sub("", transcript), budget)
    if last is not None and len(last.text) < 200 and _ASKED_ALOUD.search(last.text):
        talk = [line for line in lines if line.role in {"user", "assistant"} and line is not last]
        kept = _extract("\n".join(line.text for line in talk if line.role == "user"), min(max_tokens or 80, 80))
        return kept.replace("\n", " ") or None
    return None


def _transcript(text: str) -> str | None:
    """The longest fenced part: from the first of its kind of fence to the last; None when nothing is fenced."""
    tags = list(dict.fromkeys(_TAG.findall(text)))[:MAX_TAGS]
    spans = [(text.find(fence) + len(fence), text.rfind(fence)) for fence in ("```", "~~~", '"""')]
    spans += [(text.find(f"<{tag}>") + len(tag) + 2, text.rfind(f"</{tag}>")) for tag in tags]
    if len(rules := list(_RULE.finditer(text))) > 1:
        spans.append((rules[0].end(), rules[-1].start()))
    start, end = max(spans, key=lambda span: span[1] - span[0])
    return text[start:end] if end > start else None


def _budget(text: str) -> int:
    found = _BUDGET.search(text)
    if found is None:
        return DEFAULT_TOKENS
    amount = int(found[1])
    return amount * 4 // 3 if found[2].lower().startswith("word") else amount // 4 if found[2][0] in "cC" else amount


def _extract(transcript: str, budget: int) -> str:
    sentences = list(_sentences(transcript))
    kept: list[_Sentence] = []
    left, seen = budget, set[str]()
    for sentence in sorted(sentences, key=lambda each: (-each.worth, -each.at)):
        cost = estimate_tokens(sentence.text) + 2
        if sentence.worth > 0 and cost <= left and sentence.text.lower() not in seen:
            kept.append(sentence)
            seen.add(sentence.text.lower())
            left -= cost
    kept.sort(key=lambda each: each.at)
    rows: list[str] = []
    for before, sentence in zip([None, *kept], kept, strict=False):
        if before is not None and before.line == sentence.line:
            rows[-1] += f" {sentence.text}"
        else:
            rows.append(f"{sentence.speaker}: {sentence.text}" if sentence.speaker else sentence.text)
    return "\n".join(rows)


def _sentences(transcript: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    speaker = ""
    for number, row in enumerate(transcript.splitlines()):
        if named := _SPEAKER.match(row):
            speaker, row = named[1], row[named.end() :]  # noqa: PLW2901 - the row without its speaker
        for text in _SENTENCE_GAP.split(row):
            if (text := text.strip()) and len(found) < MAX_SENTENCES:
                found.append(_Sentence(len(found), number, speaker, text, _worth(speaker, text)))
    return found


_LISTENERS: Final = frozenset({"assistant", "ai", "bot", "助手", "antiphon"})


def _worth(speaker: str, text: str) -> float:
    if _EMPTY.match(text):
        return 0.0
    by_user = speaker.lower() not in _LISTENERS
    worth = 1.5 if by_user else 0.5
    if _ORDER.search(text):
        worth += 8.0 if by_user else 1.0
    if _TOLD.search(text) and by_user:
        worth += 3.0
    if _PRECISE.search(text):
        worth += 2.0
    if text[-1] in "?？":
        worth -= 2.0
    return max(worth, 0.1)
