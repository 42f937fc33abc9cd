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

_COUNT_EN = re.compile(r"\bcount (?:from (?:one|1) )?(?:up )?to (\d+)\b")
_SPELL_EN = re.compile(r"\b(?:spell|how do you spell)(?: the word| out)? ([^\W\d]+)$")
_COIN = re.compile(r"\b(?:flip|toss) a coin\b|抛(?:个|一枚)?硬币")
_DIE = re.compile(r"\b(?:roll|throw) (?:a |the )?(?:die|dice)\b|掷(?:个|一个)?骰子")

MAX_COUNT = 100


def chat(heard: Heard) -> str | None:
    """A reply to small talk; None when it was something else."""
    chinese = heard.language == "zh"
    text = heard.plain.replace(" ", "") if chinese else heard.plain
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
    if asked := _COUNT_EN.search(text):
        last = int(asked[1][:4])
        return ", ".join(map(str, range(1, min(last, MAX_COUNT) + 1))) + "."
    if asked := re.search(r"数到 (\d+)", text):
        return "，".join(map(str, range(1, min(int(asked[1][:4]), MAX_COUNT) + 1))) + "。"
    if asked := _SPELL_EN.search(heard.plain):
        return f"{', '.join(asked[1].upper())}."
    chance = heard.now.microsecond // 10
    if _COIN.search(heard.plain):
        return ("正面。", "反面。")[chance % 2] if heard.language == "zh" else ("Heads.", "Tails.")[chance % 2]
    if _DIE.search(heard.plain):
        return f"{chance % 6 + 1}点。" if heard.language == "zh" else f"You rolled a {chance % 6 + 1}."
    return None


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
