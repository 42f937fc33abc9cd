"""What to say when nothing else fits: give back what was heard, and be honest about being small."""

import re
import zlib
from typing import Final, Literal

from models.wits.conversation import Heard
from models.wits.words import capitalised, mirrored

HINT_EN: Final = (
    "I'm only the small built-in brain. For real answers, run Ollama on this machine, or give me an OpenAI key."
)
HINT_ZH: Final = "我只是内置的小脑袋。想要真正的回答，可以在这台电脑上运行Ollama，或者给我一个OpenAI的密钥。"
_HINTED: Final = ("built-in brain", "内置的小脑袋")

_QUESTION_EN = re.compile(
    r"^(?:(?:so|and|hey|hi|okay|ok|well|please|hello|but) )*(?:(?:can|could|would|will) you (?:please )?)?"
    r"(?:tell me |explain |describe )?"
    r"(?:what|who|whom|whose|where|when|why|how|which|do|does|did|is|are|was|were|am|can|could|would|will|should|shall|have|has)\b"
)
_REQUEST_EN = re.compile(
    r"^(?:(?:so|and|hey|hi|okay|ok|well|hello|now|then) )*(?:please |i want you to |i would like you to "
    r"|let us |(?:can|could|would|will) you )"
    r"|^(?:please )?(?:tell|explain|describe|write|give|show|find|make"
    r"|read|sing|translate|recommend|suggest|talk|list|name|define|count|spell|help)\b"
)
_QUESTION_ZH = re.compile(r"什么|谁|哪|怎么|为什么|为何|多少|几|吗|呢$|是不是|能不能|可不可以|如何|？|\?")
_REQUEST_ZH = re.compile(r"^(?:请|帮|给我|告诉我|讲|说|写|唱|推荐|翻译|解释|介绍|找)")

_ANSWERS: Final = {
    ("en", "question"): (
        "You asked: {echo}. I don't know that one.",
        "That's a good question, {echo}, but it's beyond me.",
        "I wish I could tell you. You asked: {echo}.",
        "I have no answer to that: {echo}.",
    ),
    ("en", "request"): (
        "You'd like this: {echo}. That is more than I can do.",
        "I heard you: {echo}. But I can't do it.",
        "I can't do that one, I'm afraid: {echo}.",
    ),
    ("en", "statement"): (
        "You said: {echo}.",
        "I heard: {echo}.",
        "So, {mirror}. I see.",
        "{Mirror}. All right, go on.",
        "I understood this: {echo}.",
    ),
    ("zh", "question"): (
        "你问的是：{echo}。这个我不知道。",
        "好问题，{echo}，可是我答不上来。",
        "我也想知道：{echo}。",
    ),
    ("zh", "request"): ("你想让我{echo}，可是我做不到。", "我听到了：{echo}。不过这个我不会。"),
    ("zh", "statement"): ("你说：{echo}。", "我听到的是：{echo}。", "嗯，{mirror}，我明白了。"),
}
_SHORT: Final = {
    "en": ("A real model would know more.", "", "I'm still just the small brain.", "", ""),
    "zh": ("真正的大模型会知道得更多。", "", "我还只是个小脑袋。", "", ""),
}

_MARKUP = re.compile(r"</?\w{1,20}>|[*_#`<>|\[\]{}\\~]+")

MAX_WORDS = 14
MAX_ECHO = 160
"""Characters."""
MAX_HAN = 24


def reflect(heard: Heard) -> str:
    """An answer to anything: echoes it, says what this brain is once per conversation, and seldom again."""
    if not heard.plain:
        return (
            "我没听清，可以再说一遍吗？" if heard.language == "zh" else "I didn't catch that. Could you say it again?"
        )
    kind = _kind(heard)
    choices = _ANSWERS[heard.language, kind]
    choice = choices[(heard.turn + zlib.crc32(heard.plain.encode())) % len(choices)]
    echo = _shortened(heard)
    mirror = mirrored(echo)
    answer = choice.format(echo=echo, mirror=mirror, Mirror=capitalised(mirror))
    hint = _hint(heard)
    return f"{answer}{'' if heard.language == 'zh' else ' '}{hint}".strip()


def _kind(heard: Heard) -> Literal["question", "request", "statement"]:
    if heard.language == "zh":
        text = heard.raw
        return "question" if _QUESTION_ZH.search(text) else "request" if _REQUEST_ZH.search(text) else "statement"
    if _REQUEST_EN.search(heard.plain) and "?" not in heard.raw:
        return "request"
    return "question" if "?" in heard.raw or _QUESTION_EN.search(heard.plain) else "statement"


def _hint(heard: Heard) -> str:
    said = heard.texts("assistant")
    if not any(mark in text for text in said for mark in _HINTED):
        return HINT_ZH if heard.language == "zh" else HINT_EN
    short = _SHORT[heard.language]
    return short[heard.turn % len(short)]


def _shortened(heard: Heard) -> str:
    """The words as they came, without a full stop, cut where a listener would lose patience."""
    text = " ".join(heard.raw.split()).rstrip(".?!。？！,，;； ")
    text = _MARKUP.sub("", text).strip()
    if heard.language == "zh":
        return text if len(text) <= MAX_HAN else f"{text[:MAX_HAN]}等等"
    words = text.split(" ")
    if len(words) <= MAX_WORDS and len(text) <= MAX_ECHO:
        return text
    return f"{' '.join(words[:MAX_WORDS])[:MAX_ECHO]}, and so on"
