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
_TAG_HAN = re.compile(r"[，\s]*(?:好吗|好不好|可以吗|行吗|行不行|明白吗|知道吗|知道了吗|听懂了吗|对吧|好吧)[？?]*$")

ASKING = words(
    """what what's who who's whom whose where where's when when's which why why's how how's is isn't are aren't am was
    wasn't were weren't do does did doesn't didn't has hasn't hadn't can could couldn't would wouldn't will won't shall
    should shouldn't may might"""
)
"""First words of questions. Not among them: "have", "had", "don't", which begin orders and stories just as often."""

_ASKS = re.compile(r"^(?:have|had|haven't|don't) (?:you|i|we|they|he|she|it)\b", re.I)
_ASKS_HAN = re.compile(
    r"[吗呢么？?]$|什么|[谁哪咋]|几[点个岁号时月天年次位]|多少|多[大久远长高]|怎么|为何|是不是|有没有|能不能|会不会|要不要|可不可以"
)


def sentences(text: str) -> list[str]:
    """Those of a text, each with its last punctuation and nothing around it."""
    return [sentence.strip() for sentence in _GAP.split(text) if sentence and sentence.strip()]


def core(sentence: str) -> str:
    """Without the words people warm up with, the request to be so kind, and the "okay?" behind it."""
    if HAN.search(sentence):
        return _TAG_HAN.sub("", _LEAD_HAN.sub("", sentence)).strip()
    return _POLITE.sub("", _TAG.sub("", _LEAD.sub("", sentence))).strip()


def asks(sentence: str) -> bool:
    """Whether it is a question; "can you remember that ..." and "..., okay?" are none."""
    if HAN.search(sentence):
        return bool(_ASKS_HAN.search(core(sentence).rstrip("。！!.")))
    bare = _TAG.sub("", _LEAD.sub("", sentence)).strip()
    if _POLITE.match(bare):
        return False
    first = bare.partition(" ")[0].lower().replace("’", "'").rstrip(",.?!")
    if (first == "when" and "," in bare) or bare.lower().startswith("do not "):
        return bare.endswith("?")
    return bare.endswith("?") or first in ASKING or bool(_ASKS.match(bare))
