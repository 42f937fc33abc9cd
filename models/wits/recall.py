"""Answers from what was told: who the user is, what was to be remembered, what was said before."""

import re
from typing import Final

from models.wits.conversation import Heard
from models.wits.facts import Fact, facts_in, matching, related, told
from models.wits.words import HAN, capitalised

_ASK_EN: Final = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (
            r"\bwhat (?:is|was) my (?:own |full |first )?name\b|\bwho am i\b|\bwhat am i called\b"
            r"|^(?:(?:please|can you|could you|do you|did i|have i) )*(?:tell me|tell you|told you|say|know|remember) "
            r"my name\b",
            "name",
        ),
        (r"\bdo you (?:still )?(?:know|remember) who i am\b|\bwhat(?: do| did)? you call me\b", "name"),
        (
            r"\bwhere (?:do|did|am) i live\b|\bwhere (?:do i|i) live\b|\b(?:which|what) (?:city|town"
            r"|country) do i live\b",
            "live",
        ),
        (r"\bwhere (?:am|do) i (?:come )?from\b", "from"),
        (r"\bwhere do i work\b|\bwhat do i do for (?:a living|work)\b|\bwhat is my job\b", "work"),
        (r"\bhow old am i\b|\bwhat is my age\b", "age"),
        (r"\bwhat (?:do|did) i (?P<k>like|love|hate|prefer|play|speak|drive|study|collect)\b", "{k}"),
        (r"\b(?:what|who|when|where|which|how) (?:is|are|was|were) the name of my (?P<k>\w+(?: \w+)?)$", "{k}"),
        (r"\b(?:what|who) (?:is|are|was) my (?P<k>\w+(?: \w+)?)(?:'s name| is name| called| named)$", "{k}"),
        (
            r"\b(?:what|who|when|where|which|how(?: much| many| old)?) (?:is|are|was|were) my "
            r"(?P<k>\w+(?: \w+){0,3}?)(?: again)?$",
            "{k}",
        ),
        (r"\bdo you (?:still )?(?:know|remember) my (?P<k>\w+(?: \w+){0,3}?)(?: is name|'s name)?$", "{k}"),
    )
)
_ASK_THING_EN = re.compile(
    r"\b(?:what|who|when|where|which) (?:is|are|was) (?:the|our) (?P<k>\w+(?: \w+){0,3}?)(?: again)?$"
)
_ASK_ALL_EN = re.compile(
    r"\bwhat do you (?:know|remember) about me\b|\bwhat (?:did|have) i (?:tell|told|ask|asked) you(?: to remember)?\b"
    r"|\bwhat (?:should|do) (?:you|i) (?:have to )?remember\b"
)
_ASK_OPEN_EN = re.compile(
    r"\b(?:where|when|what|which|who|how many|how much)\b.*\b(?:i|my|me|we|our)\b|\bdo you remember\b"
)
_ASK_ZH: Final = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"我叫什么|我是谁|我的?名字(?:是什么|叫什么|吗)|(?:记得|知道)我(?:的名字|叫什么|是谁)", "名字"),
        (r"我姓什么", "姓"),
        (r"我住在?(?:哪|什么地方)", "住"),
        (r"我来自哪|我是哪里?的?人|我从哪", "来自"),
        (r"我在哪里?儿?(?:工作|上班)", "工作"),
        (r"我(?:今年)?(?:多大|几岁|多少岁)", "岁"),
        (r"我(?P<k>喜欢|爱|讨厌|会说|学)(?:吃|做|玩)?(?:什么|哪)", "{k}"),
        (r"我的?(?P<k>[^是叫什么，。！？\s]{1,10}?)(?:是什么|叫什么|是多少|是谁|在哪|是哪|是几|是啥|什么名字)", "{k}"),
    )
)
_ASK_THING_ZH = re.compile(r"(?P<k>[^是叫，。！？\s我你]{1,12})(?:是什么|是多少|叫什么|是谁|在哪里?)")
_ASK_ALL_ZH = re.compile(r"(?:让|叫|要)你记住?了?什么|你(?:知道|记得|了解)我(?:的)?(?:什么|哪些)|记住了(?:什么|哪些)")

_AGAIN_EN = re.compile(
    r"^(?:please |can you |could you |sorry |pardon )*(?:repeat(?: (?:that|it|please|yourself"
    r"|the last (?:one|answer)))*"
    r"|say (?:that|it) again|what did you (?:just )?say|come again|once more|pardon(?: me)?"
    r"|what was that)(?: please| again)*$"
)
_MINE_EN = re.compile(
    r"\bwhat did i (?:just )?(?:say|ask)(?: you)?(?: just now| before)?$|\brepeat what i (?:just )?said\b"
)
_AGAIN_ZH = re.compile(r"^请?你?(?:再说一[遍次]|重复一[遍下]|再重复|你刚才?说(?:了)?什么|没听清)")
_MINE_ZH = re.compile(r"我刚才?(?:说|问)了?什么")

_LABELS_EN: Final = {
    "name": "your name", "live": "where you live", "from": "where you are from", "work": "where you work",
    "age": "how old you are", "like": "what you like", "love": "what you love", "hate": "what you hate",
}  # fmt: skip


def repeat(heard: Heard) -> str | None:
    """The last thing either of us said, said again."""
    replies, sayings = heard.texts("assistant"), heard.texts("user")
    chinese = heard.language == "zh"
    if (_AGAIN_ZH if chinese else _AGAIN_EN).search(heard.plain):
        return replies[-1] if replies else ("我还没说过什么。" if chinese else "I haven't said anything yet.")
    if (_MINE_ZH if chinese else _MINE_EN).search(heard.plain):
        if not sayings:
            return "这是你说的第一句话。" if chinese else "That was the first thing you said."
        return f"你说的是：{sayings[-1]}" if chinese else f"You said: {sayings[-1]}"
    return None


def recall(heard: Heard) -> str | None:
    """An answer out of what was told in this conversation; None when the question is about something else."""
    return _recall_zh(heard) if heard.language == "zh" else _recall_en(heard)


def note(heard: Heard) -> str | None:
    """Say back what the user has just told; None when it was nothing to keep."""
    facts = [fact for fact in facts_in(heard.raw) if fact.asked or fact.said.startswith(("you", "你"))]
    facts = [fact for fact in facts if not fact.denied]
    forgotten = next((fact.key for fact in facts_in(heard.raw) if fact.denied and not fact.value), None)
    if forgotten is not None:
        return (
            f"好的，你的{forgotten}我不再提了。"
            if heard.language == "zh"
            else f"Okay, I won't bring up your {forgotten}."
        )
    if not facts:
        return None
    fact = facts[0]
    if heard.language == "zh":
        if fact.key == "名字":
            return f"很高兴认识你，{fact.value}。"
        return f"好的，我记住了：{'；'.join(fact.said for fact in facts)}。"
    rest = " ".join(f"And {fact.said}." for fact in facts[1:])
    if fact.key == "name":
        return f"Nice to meet you, {fact.value}. {rest}".rstrip()
    opening = (
        "I'll remember that"
        if any(fact.asked for fact in facts)
        else ("Got it", "All right", "Good to know")[heard.turn % 3]
    )
    return f"{opening}: {fact.said}. {rest}".rstrip()


def _recall_en(heard: Heard) -> str | None:
    facts, text = told(heard), heard.plain
    if _ASK_ALL_EN.search(text):
        return _everything(facts, "So far: {}.", "You haven't told me anything about yourself yet.", "; ")
    if (key := _asked_for(_ASK_EN, text)) is not None:
        fact = matching(facts, key)
        if fact is not None:
            return f"{capitalised(fact.said)}."
        related_fact = related(facts, text) if key not in _LABELS_EN else None
        return _remembered(related_fact) if related_fact else f"You haven't told me {_label(key, text)} yet."
    if (asked := _ASK_THING_EN.search(text)) and (fact := matching(facts, asked["k"])):
        return f"{capitalised(fact.said)}."
    if _ASK_OPEN_EN.search(text) and (fact := related(facts, text)):
        return _remembered(fact)
    return None


def _recall_zh(heard: Heard) -> str | None:
    facts, text = told(heard), heard.plain.replace(" ", "")
    if _ASK_ALL_ZH.search(text):
        return _everything(facts, "你告诉过我：{}。", "你还没有告诉我关于你的事。", "；")
    if (key := _asked_for(_ASK_ZH, text)) is not None:
        fact = matching(facts, key)
        return f"{fact.said}。" if fact else "你还没有告诉我。"
    if (asked := _ASK_THING_ZH.search(text)) and (fact := matching(facts, asked["k"])):
        return f"{fact.said}。"
    return None


def _asked_for(table: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    for pattern, key in table:
        if found := pattern.search(text):
            return key.format(k=found["k"]) if "{k}" in key else key
    return None


def _label(key: str, text: str) -> str:
    naming = "'s name" if re.search(r"\bcalled\b|\bnamed?\b", text) else ""
    return _LABELS_EN.get(key, f"your {key}{naming}")


def _remembered(fact: Fact) -> str:
    return f"You told me: {fact.said}."


def _everything(facts: list[Fact], frame: str, nothing: str, joint: str) -> str:
    own = [fact for fact in facts if fact.asked or re.match(rf"you|你|[{HAN}]", fact.said)]
    newest = {fact.key or fact.said: fact.said for fact in reversed(own)}  # a later telling replaces an earlier one
    return frame.format(joint.join(list(newest.values())[-8:])) if newest else nothing
