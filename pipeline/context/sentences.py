"""Sentences as people speak them, and which of them ask rather than tell; English and Chinese."""

import re

from pipeline.words import HAN, words

_GAP = re.compile(
    r"(?<![.\s][A-Za-z]\.)(?<!\b[DM]r\.)(?<!\bMrs\.)(?<!\bM[st]\.)(?<!\bSt\.)(?<!\bNo\.)(?<=[.!?])\s+(?=[^\sa-z])"
    r"|(?<=[.!?])\s+(?=[\u3400-\u9fff])|(?<=[。！？])\s*|\s*\n\s*"
)
"""Between two sentences: not behind "Dr.", nor behind "9 a.m."."""

_LEAD = re.compile(
    r"^(?:(?:um+|uh+|erm?|oh|ah|hey|hi|hello|okay|ok|well|so|and|but|also|now|then|actually|listen|look|please|just"
    r"|yes|yeah|yep|no(?=[,.!])|nope|right|sure|great|thanks|thank you|sorry|wait|by the way|btw|one more thing"
    r"|antiphon)\b[\s,.!:-]*)+",
    re.I,
)
_LEAD_HAN = re.compile(
    r"^(?:(?:嗯+|呃+|啊|哦|好的?|那么?|对了|另外|还有|顺便|其实|麻烦你?|请你?|谢谢|不是?(?=[，,。])|是的)[，、。\s]*)+"
)
_POLITE = re.compile(r"^(?:can|could|would|will) you (?:please |just |also |kindly )*|^i'?d like you to ", re.I)
_TAG = re.compile(
    r"[,\s]+(?:okay|ok|right|all ?right|yeah|yes|please|got it|got that|understood|will you|would you|can you"
    r"|could you|is that clear|deal)\s*\?+$"
    r"|,\s*(?:so |and |please )*(?:can|could|will|would) you\b[^,?]*\?+$",
    re.I,
)
_TAG_HAN = re.compile(r"[，\s]*(?:(?:好|可以|行|明白|知道了?|听懂了)[吗么]|好不好|行不行|对吧|好吧)[？?]*$")
_ENGLISH = re.compile(r"[A-Za-z'’]+,? [A-Za-z]")
"""What begins so is English, whatever names are in it."""

ASKING = words(
    """what what's who who's whom whose where where's when when's which why why's how how's is isn't are aren't am was
    wasn't were weren't do does did doesn't didn't has hasn't hadn't can could couldn't would wouldn't will won't shall
    should shouldn't may might"""
)
"""First words of questions. Not among them: "have", "had", "don't", which begin orders and stories just as often."""

_ASKS = re.compile(r"^(?:have|had|haven't|don't) (?:you|i|we|they|he|she|it)\b", re.I)
_ASKS_HAN = re.compile(
    r"(?:[吗呢？?]|(?<![什怎])么)$|什么|[谁哪咋]|几[点个岁号时月天年次位]|多少|多[大久远长高]|怎么|为何|是不是|有没有|能不能|会不会"
    r"|要不要|可不可以"
)
_NOT_ASKED_HAN = re.compile(
    r"(?:不管|无论|不论|每次|每当|如果|要是|只要)[^，,]*[，,]"
    r"|(?<!为)(?:什么|[谁哪]|几.|多少)[^，,]{0,10}?(?:都|也(?=[不没别]))"
    r"|(?:^|(?<=[，,；]))(?:以后|千万|永远|也|再)*(?:你?别(?![人的处])|你?不[许准]|不要|记住|牢记)[^，,；吗呢？?]*"
)
"""Words of questions in it ask nothing: "whatever I ask, ...", "anything will do", "don't tell them where I live"."""


def sentences(text: str) -> list[str]:
    """Those of a text, each with its last punctuation and nothing around it."""
    return [sentence.strip() for sentence in _GAP.split(text) if sentence and sentence.strip()]


def core(sentence: str) -> str:
    """Without the words people warm up with, the request to be so kind, and the "okay?" behind it."""
    if _is_chinese(sentence):
        return _TAG_HAN.sub("", _LEAD_HAN.sub("", sentence)).strip()
    return _POLITE.sub("", _TAG.sub("", _LEAD.sub("", sentence))).strip()


def asks(sentence: str) -> bool:
    """Whether it is a question; "can you remember that ..." and "..., okay?" are none."""
    if _is_chinese(sentence):
        return bool(_ASKS_HAN.search(_NOT_ASKED_HAN.sub("", core(sentence).rstrip("。！!."))))
    bare = _TAG.sub("", _LEAD.sub("", sentence)).strip()
    if _POLITE.match(bare):
        return False
    first = bare.partition(" ")[0].lower().replace("’", "'").rstrip(",.?!")
    if (first == "when" and "," in bare) or bare.lower().startswith("do not "):
        return bare.endswith("?")
    return bare.endswith("?") or first in ASKING or bool(_ASKS.match(bare))


def _is_chinese(sentence: str) -> bool:
    return bool(HAN.search(sentence)) and not _ENGLISH.match(_LEAD.sub("", sentence))
