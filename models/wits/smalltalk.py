"""Small talk: greetings, thanks, jokes, who are you; and small tricks."""

import re
from typing import Final

from models.wits.conversation import Heard
from models.wits.facts import matching, told
from models.wits.phrases import TABLE_EN, TABLE_ZH

_PERSONA_EN: Final = re.compile(
    r"\b[Yy]our name is (?P<a>[A-Z]\w*)|\b[Yy]ou are (?:called |named |an? \w+ (?:called|named) )?(?P<b>[A-Z]\w+)"
)
_PERSONA_ZH: Final = re.compile(r"你的?(?:名字)?(?:叫|是)(?:做|作)?(?P<a>(?!一|个)[^，。,.!！\s的]{1,6})")

_WORDS_THEMSELVES = re.compile(
    r"^(?!.*(?:antiphon|轮唱)).*(?:\bhow do (?:you|i) say\b|\bwhat does .+ mean$|什么意思|怎么说$)"
)
"""What is asked about words was not said with them."""

_POLITE: Final = r"(?:can you|could you|would you|please|now|and|okay|ok|hey|so)"
_COUNT_EN = re.compile(
    rf"^(?:{_POLITE} )*count (?:up )?(?:from (?P<first>\d{{1,4}}) )?(?:up |down )?to (?P<last>\d{{1,4}})"
    r"(?: please| for me)*$"
)
_COUNT_DOWN_EN = re.compile(
    rf"^(?:{_POLITE} )*count (?:down|backwards?) from (?P<first>\d{{1,4}})(?: (?:down )?to (?P<last>\d{{1,4}}))?"
    r"(?: please| for me)*$"
)
_COUNT_ZH = re.compile(r"^(?:请|你|帮我|给我|能)*(?:从 (?P<first>\d{1,4}) )?数到 (?P<last>\d{1,4})(?: ?[吗吧好]+)?$")
_SPELL_EN = re.compile(
    rf"^(?:{_POLITE} )*(?:spell|how do (?:you|i) spell)(?: the word| out)? "
    r"(?P<word>my name|(?!it$|that$|this$)[^\W\d]+)(?: please| for me)*$"
    r"|^how is (?:the word )?(?P<spelled>[^\W\d]+) spelled$"
)
_COIN = re.compile(r"\b(?:flip|toss) a coin\b|抛(?:个|一枚)?硬币")
_DIE = re.compile(r"\b(?:roll|throw) (?:a |the )?(?:die|dice)\b|掷(?:个|一个)?骰子")

MAX_COUNT = 100


def chat(heard: Heard) -> str | None:
    """A reply to small talk; None when it was something else."""
    chinese = heard.language == "zh"
    text = heard.plain.replace(" ", "") if chinese else heard.plain
    if _WORDS_THEMSELVES.search(text):
        return None
    for pattern, replies in TABLE_ZH if chinese else TABLE_EN:
        if pattern.search(text):
            return _dress(_fresh(replies, heard), heard)
    return None


def greet(heard: Heard) -> str:
    """Open the conversation, or invite the next turn, when the user has said nothing."""
    if heard.language == "zh" or (not heard.texts("user") and _mostly_chinese(heard)):
        return "还有什么可以帮你？" if heard.turn else "你好！有什么可以帮你？"
    return "Is there anything else I can do?" if heard.turn else "Hello! What can I do for you?"


def persona(heard: Heard, otherwise: str) -> str:
    """The name the system prompt gives the assistant."""
    for text in heard.texts("system"):
        for pattern in (_PERSONA_EN, _PERSONA_ZH):
            if found := pattern.search(text):
                return next(name for name in found.groups() if name)
    return otherwise


def perform(heard: Heard, text: str) -> str | None:
    """Small tricks: count, spell, toss a coin, roll a die. `text` is what was heard, its numbers in digits."""
    if asked := _COUNT_EN.search(text) or _COUNT_DOWN_EN.search(text) or _COUNT_ZH.search(text):
        return _count(asked, "，" if heard.language == "zh" else ", ")
    if asked := _SPELL_EN.search(heard.plain):
        name = matching(told(heard), "name") if asked["word"] == "my name" else None
        word = name.value if name else asked["word"] or asked["spelled"]
        return None if word == "my name" else f"{', '.join(word.replace(' ', '').upper())}."
    chance = heard.now.microsecond // 10
    if _COIN.search(heard.plain):
        return ("正面。", "反面。")[chance % 2] if heard.language == "zh" else ("Heads.", "Tails.")[chance % 2]
    if _DIE.search(heard.plain):
        return f"{chance % 6 + 1}点。" if heard.language == "zh" else f"You rolled a {chance % 6 + 1}."
    return None


def _count(asked: re.Match[str], comma: str) -> str | None:
    """The numbers between, both included; None when they are too many to be listened to."""
    first, last = int(asked["first"] or 1), int(asked["last"] or 1)
    step = 1 if last >= first else -1
    if abs(last - first) >= MAX_COUNT or (asked["first"] is None and last < 1):
        return None
    return comma.join(map(str, range(first, last + step, step))) + ("。" if comma == "，" else ".")


def _fresh(replies: tuple[str, ...], heard: Heard) -> str:
    """The reply used least in this conversation, the first of several such."""
    said = heard.texts("assistant")
    return min(replies, key=lambda reply: sum(reply[:12] in text for text in said))


def _dress(reply: str, heard: Heard) -> str:
    if "{" not in reply:
        return reply
    chinese = heard.language == "zh"
    name = matching(told(heard), "名字" if chinese else "name")
    user = "" if name is None else f"，{name.value}" if chinese else f", {name.value}"
    me = persona(heard, otherwise="Antiphon的内置小脑袋" if chinese else "the small built-in brain of Antiphon")
    return reply.format(user=user, me=me)


def _mostly_chinese(heard: Heard) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for text in heard.texts("system") for character in text[:200])
