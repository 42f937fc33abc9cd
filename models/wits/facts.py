"""What users told about themselves in this conversation: read anew from its messages on every turn, stored nowhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from models.wits.conversation import Heard
from models.wits.words import HAN, language_of, mirrored, named, stem, straight, topics


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the user said; `key` is what it is about, `said` tells it back."""

    key: str
    said: str
    value: str
    asked: bool = False
    """It was asked to be remembered."""
    denied: bool = False
    """It is not so, or to be forgotten: what was told of that key with that value; with any, if this has none."""


_AFTER_NAME = (
    r"(?:and|but|so|because|what|who|where|how|when|can|could|do|is|please|thanks|thank|by|nice|i|my|now|speaking)\b"
)
_NO_NAME = (
    r"(?:an?|the|on|in|at|if|when|up|out|back|later|again|soon|maybe|today|tonight|tomorrow|spelled|written|pronounced"
    r"|very|too|so|hard|easy|long|short|common|unusual|rare|different|cool|nice|my|your|his|her|just|also|like|not)\b"
)
_NAME = rf"(?P<v>(?!{_NO_NAME})[^\W\d_][\w'-]*(?: (?!{_AFTER_NAME}|or\b)[^\W\d_][\w'-]*)?)(?=\s*$|\s+{_AFTER_NAME}|,)"
_QUESTION_EN = re.compile(
    r"^(?:(?:so|and|hey|ok|okay|well|please|tell me|now|but|then)\s+)*"
    r"(?:what|who|whom|whose|where|when|why|how|which|do(?! not)|does|did|is|are|was|were|am|can|could|would"
    r"|will|should|have|has)\b",
    re.I,
)
_QUESTION_ZH = re.compile(r"什么|谁|哪|几岁|多少|多大|吗$|怎么|是不是|几号|几点|呢$")
_SPLIT_EN = re.compile(
    r"[.!?;\n]+(?:\s+|$)|,? (?:and|but) (?=(?:my|i|the) )|, (?=(?:my|i|what|do|please|can|could) )"
    r"| (?=(?:what is|who am|where do|do you (?:know|remember)|can you|could you) )"
)
_SPLIT_ZH = re.compile(r"你呢|[。！？；，,.!?;\n\s]+")

_CONTRACTIONS: Final = (
    (re.compile(r"\bi'?m\b", re.I), "I am"),
    (re.compile(r"\bi'?ve\b", re.I), "I have"),
    (re.compile(r"\b(what|who|where|when|how|that|it)'?s\b", re.I), r"\1 is"),
    (re.compile(r"\b(do|does|did|is|are|was|were)n'?t\b", re.I), r"\1 not"),
)
_FROM_SYSTEM: Final = (
    (re.compile(r"^\W*(?:user|human|用户)\s*(?:said)?[:：]\s*", re.I), ""),
    (re.compile(r"^\W*(?:the )?user'?s\b", re.I), "my"),
    (re.compile(r"^\W*(?:the )?user is\b", re.I), "I am"),
    (re.compile(r"^\W*(?:the )?user (\w+)s\b", re.I), r"I \1"),
    (re.compile(r"^用户"), "我"),
)

_REMEMBER_EN = re.compile(
    r"^(?:(?:please|hey|okay|ok|so|and|also|well|can you|could you|will you|would you|i want you to|you should) )*"
    r"(?:remember|do not forget|never forget|keep in mind|make a note|note)(?: that| to)?[:,]? "
    r"(?P<v>(?!(?:me|you|when|how|that|this|it)\b).+)",
    re.I,
)
_FORGET_EN = re.compile(
    r"^(?:please |(?:can|could) you (?:please )?)?forget (?:about )?my (?P<k>\w+(?: \w+){0,2}?)(?: please)?$", re.I
)
_NOT_EN = re.compile(r"\b(?:(?:do|does|did) not|not|no longer|never) ", re.I)
_ANY_MORE = re.compile(r" any ?(?:more|longer)$", re.I)
_HEARSAY_EN = re.compile(
    r"\b(?:if|when|unless|whether|why|how|wish|hope|think|guess|suppose|imagine|pretend|maybe|say|says|claims?|asks?"
    r"|(?:he|she|they|\w+) (?:thinks|asked|knows|believes)|(?<!\bi )said)\b",
    re.I,
)
"""Before what is told: it is not the user who tells it, or not as a fact."""
_REMEMBER_ZH = re.compile(r"(?:请|你要|帮我)?(?:记住|记一下|记得|别忘了|不要忘记)(?:了)?(?P<v>.+)")

_NO_KEY: Final = "(?:name|question|point|guess|problem|opinion|answer|idea|advice|god|goodness)"
_TELL_EN: Final = tuple(
    (re.compile(pattern, re.I), key, said)
    for pattern, key, said in (
        (
            rf"\b(?:my name is|my name's|i am called|i go by|you can call me|call me) {_NAME}",
            "name",
            "your name is {v}",
        ),
        (rf"^(?:hello|hi|hey|well|yes|and)?[ ,]*(?:this is|it is) {_NAME}(?= speaking)", "name", "your name is {v}"),
        (r"\bi (?:now )?live (?:in|at|near) (?P<v>.+?)(?: now)?$", "live", "you live in {v}"),
        (r"\bi (?:have |have just |just )?moved to (?P<v>.+)", "live", "you live in {v}"),
        (r"\bi (?:am|come) from (?P<v>.+)", "from", "you are from {v}"),
        (r"\bi work (?P<v>(?:in|at|for|as|with) .+)", "work", "you work {v}"),
        (r"\bi am (?P<v>\w+(?:[ -]\w+)?) years old", "age", "you are {v} years old"),
        (
            r"\bi (?:have|have got|got|own) an? (?P<k>\w+(?: \w+)?) (?:called|named) (?P<v>.+)",
            "{k}",
            "your {k} is called {v}",
        ),
        (r"\bthe name of my (?P<k>\w+(?: \w+)?) is (?P<v>.+)", "{k}", "your {k} is called {v}"),
        (r"\bmy (?P<k>\w+(?: \w+)?)(?:'s name is| is called| is named) (?P<v>.+)", "{k}", "your {k} is called {v}"),
        (
            rf"\bmy (?P<k>(?!{_NO_KEY}\b)\w+(?: \w+){{0,4}}?) (?P<is>is|are|was|were) (?P<v>.+)",
            "{k}",
            "your {k} {is} {v}",
        ),
        (
            r"\bi (?P<k>like|love|hate|prefer|play|speak|drive|study|collect) "
            r"(?P<v>(?!(?:you|it|that|this|these|those|him|her|them)\b).+)",
            "{k}",
            "you {k} {v}",
        ),
    )
)
_NAME_ALONE = re.compile(r"^(?:(?:[Hh]ello|[Hh]i|[Hh]ey)[ ,]+(?:[Tt]here[ ,]+)?)?I am (?P<v>[A-Z][a-z]+)$")
_PEOPLE = re.compile(r"(?:ese|ish|ican|ench|man|ian)$|^(?:Dutch|Swiss|Greek|Czech|Thai|Catholic|Hindu|Muslim|Jewish)$")
"""What people are, not who."""

_THING_EN = re.compile(r"^(?:the|my|our) (?P<k>\w+(?: \w+){0,4}?) (?P<is>is|are|was|were) (?P<v>.+)$", re.I)
_LOOSE_EN = re.compile(r"^the (?P<k>\w+(?: \w+){0,3}?) (?P<is>is|are) (?P<v>.+)$", re.I)

_V_ZH = r"(?P<v>[^，。！？的吗呢]{1,20}?)"
_NAME_ZH = r"(?P<v>[A-Za-z]+|(?![起来去走做回等吃睡上下出干说听别不一了车外])[^，。！？的吗呢你我请今他她什谁\s]{1,5})"
_TELL_ZH: Final = tuple(
    (re.compile(pattern), key, said)
    for pattern, key, said in (
        (rf"我的?名字(?:是叫|是|叫){_NAME_ZH}", "名字", "你叫{v}"),
        (rf"(?:(?<![的帮给替让请])我叫|^(?:请|就)?叫我|(?:可以|都)叫我){_NAME_ZH}", "名字", "你叫{v}"),
        (r"我姓(?P<v>[^，。！？\s]{1,2})", "姓", "你姓{v}"),
        (r"我有一?[只条个匹头](?P<k>[^叫，。]{1,6})叫(?P<v>[^，。！？\s]{1,8})", "{k}", "你的{k}叫{v}"),
        (r"我(?:现在|目前)?住在?(?!的)(?P<v>[^，。！？\s]{1,15})", "住", "你住在{v}"),
        (r"我(?:已经)?搬到了?(?P<v>[^，。！？\s]{1,15})", "住", "你住在{v}"),
        (
            r"我来自(?P<v>[^，。！？\s]{1,15})|我是(?P<w>(?!一?个|年轻|成年|普通|本地|外地|正常)[^，。！？\s]{2,6})人$",
            "来自",
            "你来自{v}",
        ),
        (r"我在(?P<v>[^，。！？\s]{1,15})(?:工作|上班)", "工作", "你在{v}工作"),
        (r"我(?:今年)?(?P<v>[零一二三四五六七八九十百\d]{1,5})岁", "岁", "你今年{v}岁"),
        (r"我的?(?P<k>[^是叫，。！？\s]{1,10})叫(?P<v>[^，。！？\s]{1,8})", "{k}", "你的{k}叫{v}"),
        (
            r"我的?(?P<k>(?!的?(?:意思|问题|天|看法|想法|建议)是)[^是叫，。！？\s]{1,10})是(?P<v>[^，。！？]{1,30})",
            "{k}",
            "你的{k}是{v}",
        ),
        (r"我的(?P<k>[^是叫在，。！？\s]{1,8})在(?P<v>[^，。！？]{1,20})", "{k}", "你的{k}在{v}"),
        (r"我(?:很|最|非常|特别|也)?(?P<k>喜欢|爱|讨厌|会说|学)(?P<v>(?!你)[^，。！？]{1,20})", "{k}", "你{k}{v}"),
    )
)
_FORGET_ZH = re.compile(r"^请?(?:忘[了掉记]|忘记掉)我的(?P<k>[^，。！？\s是]{1,8}?)吧?$")
_NOT_ZH = re.compile(r"(?:已经)?(?:不再|不|没有?|别|不要)(?=叫|是|住|在|喜欢|爱|姓|来自|学|会)")
_THING_ZH = re.compile(r"^我?们?的?(?P<k>[^是，。！？\s]{1,12})是(?P<v>[^，。！？]{1,30})$")

MAX_FACTS = 64


def told(heard: Heard) -> list[Fact]:
    """What was told so far, the newest first; the thing just said counts."""
    sayings = [(line.text, line.role) for line in heard.before if line.role in {"user", "system"}]
    found: list[Fact] = []
    denied: list[Fact] = []
    for text, role in reversed([*sayings, (heard.raw, "user")]):
        for fact in reversed(list(facts_in(text, system=role == "system"))):
            if fact.denied:
                denied.append(fact)
            elif not any(fact.key == no.key and (no.value.lower() in {"", fact.value.lower()}) for no in denied):
                found.append(fact)
        if len(found) > MAX_FACTS:
            break
    return found


def facts_in(text: str, *, system: bool = False) -> Iterator[Fact]:
    """The facts in one message. In a system prompt, "the user's name is Ana" counts as told by the user."""
    chinese = language_of(text) == "zh"
    for clause in _clauses(text, chinese=chinese):
        if system:
            for pattern, own in _FROM_SYSTEM:
                clause_own = pattern.sub(own, clause)
                if clause_own != clause:
                    clause = clause_own  # noqa: PLW2901 - each rewriting builds on the last
        if chinese:
            yield from _facts_zh(clause)
        else:
            yield from _facts_en(clause)


def _clauses(text: str, *, chinese: bool) -> Iterator[str]:
    if chinese:
        yield from filter(None, _SPLIT_ZH.split(text))
        return
    text = straight(text)
    for pattern, written in _CONTRACTIONS:
        text = pattern.sub(written, text)
    for line in text.split("\n"):
        yield from (clause.strip(" ,.!") for clause in _SPLIT_EN.split(line) if clause and not clause.endswith("?"))


def _facts_en(clause: str) -> Iterator[Fact]:
    if not clause or _QUESTION_EN.match(clause):
        return
    if found := _REMEMBER_EN.search(clause):
        yield _remembered(found["v"], _THING_EN.match(found["v"]), next(_told_en(found["v"]), None))
        return
    if found := _FORGET_EN.match(clause):
        yield Fact(found["k"].lower(), "", "", denied=True)
        return
    if (so := _NOT_EN.sub("", clause)) != clause:
        yield from (replace(fact, denied=True) for fact in _told_en(_ANY_MORE.sub("", so)))
        return
    if (fact := next(_told_en(clause), None)) is not None:
        yield fact
    elif found := _LOOSE_EN.match(clause):
        yield Fact(found["k"].lower(), f"the {found['k']} {found['is']} {found['v']}", found["v"])


def _told_en(clause: str) -> Iterator[Fact]:
    if (found := _NAME_ALONE.match(clause)) and not _PEOPLE.search(found["v"]):
        yield Fact("name", f"your name is {found['v']}", found["v"])
    for pattern, key, said in _TELL_EN:
        if (found := pattern.search(clause)) and not _HEARSAY_EN.search(clause[: found.start()]):
            names = found.groupdict()
            value = mirrored(found["v"].strip(" ,"))
            if key == "name" or "called" in said or key in {"live", "from"}:
                value = named(value)
            slots = {"k": names.get("k") or "", "is": names.get("is") or "", "v": value}
            yield Fact(key.format(**slots).lower(), said.format(**slots), value)


def _remembered(text: str, thing: re.Match[str] | None, fact: Fact | None) -> Fact:
    if fact is not None:
        return Fact(fact.key, fact.said, fact.value, asked=True)
    return Fact(thing["k"].lower() if thing else "", mirrored(text), thing["v"] if thing else text, asked=True)


def _facts_zh(clause: str) -> Iterator[Fact]:
    if _QUESTION_ZH.search(clause):
        return
    if found := _REMEMBER_ZH.search(clause):
        text = found["v"]
        fact = next(_told_zh(text), None)
        thing = _THING_ZH.match(text)
        yield Fact(
            fact.key if fact else thing["k"] if thing else "", mirrored(text), thing["v"] if thing else text, asked=True
        )
        return
    if found := _FORGET_ZH.match(clause):
        yield Fact(found["k"], "", "", denied=True)
        return
    if (so := _NOT_ZH.sub("", clause)) != clause:
        yield from (replace(fact, denied=True) for fact in _told_zh(so))
        return
    if (fact := next(_told_zh(clause), None)) is not None:
        yield fact
    elif (found := _THING_ZH.match(clause)) and not clause.startswith(("你", "这", "那", "今天", "他", "她")):
        yield Fact(found["k"], clause, found["v"])


def _told_zh(clause: str) -> Iterator[Fact]:
    for pattern, key, said in _TELL_ZH:
        if found := pattern.search(clause):
            names = found.groupdict()
            value = mirrored(names.get("v") or names.get("w") or "").removesuffix("了")
            slots = {"k": names.get("k") or "", "v": value}
            yield Fact(key.format(**slots), said.format(**slots), value)


def matching(facts: list[Fact], key: str) -> Fact | None:
    """The newest fact about `key`: by its words, else by a key that holds or is held by it."""
    exact = next((fact for fact in facts if fact.key == key), None)
    if exact is not None or not key:
        return exact
    if re.match(f"[{HAN}]", key):
        return next((fact for fact in facts if fact.key and (fact.key in key or key in fact.key)), None)
    asked = {stem(word) for word in key.split()}
    for fact in facts:
        words = {stem(word) for word in fact.key.split()}
        if words and (words <= asked or asked <= words):
            return fact
    return None


def related(facts: list[Fact], question: str) -> Fact | None:
    """What the user asked to be remembered and shares a topic with the question; the newest wins."""
    asked = topics(question)
    return next((fact for fact in facts if fact.asked and topics(fact.said) & asked), None)
