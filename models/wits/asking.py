"""The words that ask without saying what about: a question is understood only where nothing else is left of it."""

import re
from typing import Final

from models.wits.words import HAN

_LEAD = re.compile(
    r"^\D*?\b(?=(?:what (?:is|are|time|day|date|year|month)|how (?:much|many)|calculate|compute|convert|solve)\b)"
)
"""Whatever comes before the question proper, unless it has numbers of its own."""

_PHRASES_EN: Final = (
    r"work out|what happens|equals?(?: to)?|(?:answer|equal) to|(?:result|value) of|as a decimal(?: number)?|for me"
    r"|in total|right now|at the moment|comes? to|would you mind|i(?: would|'d)? (?:want|like) to know|i wonder"
    r"|(?:what|how) about|how (?:tall|far|long|hot|cold|warm|heavy|big|fast|high|deep) (?:is|are)|change|turn"
)
_WORDS_EN: Final = (
    "what which is are was be will it does do did how much many tell me us answer result please can could would you "
    "hey hi hello ok okay so well and then now a an the make makes give gives get i we if when know just again thanks "
    "thank um uh er oh no yes actually antiphon calculate compute convert solve evaluate altogether"
)
_IDLE_EN = re.compile(rf"\b(?:{_PHRASES_EN}|{_WORDS_EN.replace(' ', '|')})\b|=")
_IDLE_ZH = re.compile(
    "请问|请你?|把|麻烦|帮忙|[帮给替]我|告诉我|我想(?:知道|问)|你?知道|问一下|计算|算算看?|算|一下|那么?|嗯|呃|哦|你好|等于|相当于"
    "|大[约概]|一共|总共|合计|结果|答案|多少钱?|现在|什么|[是得几你能会吗呢啊呀吧了有的在]|可以"
)


def remains(text: str) -> str:
    """What is left of a plain text without the words of asking; "" when it was all asking."""
    text = _IDLE_EN.sub(" ", _LEAD.sub("", text))
    if re.search(f"[{HAN}]", text):
        text = _IDLE_ZH.sub("", text.replace(" ", ""))
    return " ".join(text.split())


def without(text: str, found: re.Match[str]) -> str:
    """The text without what was found in it."""
    return f"{text[: found.start()]} {text[found.end() :]}"
