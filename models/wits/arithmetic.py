"""Sums, in words or signs: heard, reckoned and told. What is more than a sum is left to others."""

import re
from fractions import Fraction
from typing import Final

from models.wits.asking import remains, without
from models.wits.calculator import SumError, evaluate
from models.wits.conversation import Heard
from models.wits.numbers import QUANTITY, digits, spoken
from models.wits.sums import AS_PERCENT, in_signs
from models.wits.words import Language

_RUN = re.compile(rf"(?:(?<!\S)(?:{QUANTITY}|[-+*/^()%√∛\[\]]|mod)(?!\S)\s*)+")
_NO_SUM = re.compile(r"\b\d{3}-\d{4}\b|\d[-/]\d+[-/]\d|\d!.*\d")
"""A telephone number, a date, or a factorial."""
_YES_OR_NO = re.compile(r"^(?:is|are|was|were)\b")
_VAGUE_ZH = re.compile(r"^[^的]*\d [加减乘除][^的]*的(?!和|差|积|商|余|结果|答案)")
"""三加五的平方 may be 28 or 64."""
_NAMES: Final = {
    "en": {
        "+": "plus", "-": "minus", "*": "times", "/": "divided by", "^": "to the power of", "%": "percent",
        "√": "the square root of", "∛": "the cube root of", "mod": "modulo",
    },
    "zh": {
        "+": "加", "-": "减", "*": "乘以", "/": "除以", "^": "的", "%": "%", "√": "根号", "∛": "立方根号", "mod": "模",
    },
}  # fmt: skip


_EXCUSES: Final = {
    "zero": {"en": "Nothing can be divided by zero.", "zh": "不能除以零。"},
    "big": {"en": "That number is too big for me to say.", "zh": "这个数太大了，我说不出来。"},
    "real": {"en": "That has no real result.", "zh": "这个算式没有实数结果。"},
}


def reckon(heard: Heard) -> str | None:
    """The answer to a sum, as a sentence; None when none was asked, or anything besides."""
    text = digits(heard.plain)
    if _NO_SUM.search(heard.raw) or _YES_OR_NO.match(text) or _VAGUE_ZH.match(text):
        return None
    text = in_signs(text, heard.raw)
    percent = AS_PERCENT in text
    text = text.replace(AS_PERCENT, "")
    run = max(_RUN.finditer(text), key=lambda found: len(found[0]), default=None)
    if run is None or remains(without(text, run)) or not _is_sum(tokens := _bare(run[0].split())):
        return None
    try:
        value = evaluate(tokens)
    except SyntaxError:
        return None
    except SumError as error:
        return _EXCUSES[str(error)][heard.language]
    return _say(tokens, value, heard.language, percent=percent)


def _is_sum(tokens: list[str]) -> bool:
    numbers = sum(token[-1].isdigit() for token in tokens)
    return numbers > 1 or (numbers == 1 and tokens[0] in {"√", "∛"})


def _bare(tokens: list[str]) -> list[str]:
    """Without brackets around the whole."""
    within = tokens[1:-1]
    if tokens == ["[", *within, "]"]:
        return within
    return within if tokens == ["(", *within, ")"] and not {"(", ")"} & set(within) else tokens


def _say(tokens: list[str], value: Fraction, language: Language, *, percent: bool) -> str:
    number, exact = spoken(value * 100 if percent else value, language)
    long = any(token == "(" or "/" in token[1:] for token in tokens)
    if language == "zh":
        number = f"{number}{'%' if percent else ''}"
        return f"{'' if long else _read_zh(tokens)}{'等于' if exact else '约等于'}{number}。"
    number = f"{'' if exact else 'about '}{number.replace('-', 'minus ')}{' percent' if percent else ''}"
    if long:
        return f"That makes {number}."
    words = " ".join(_NAMES["en"].get(token, token) for token in tokens).replace("percent times", "percent of")
    words = re.sub(r"to the power of ([23])\b(?!\.)", lambda found: "squared" if found[1] == "2" else "cubed", words)
    return f"{words[0].upper()}{words[1:]} is {number}."


def _read_zh(tokens: list[str]) -> str:
    said = " ".join(tokens)
    said = re.sub(r"\^ (- )?(\S+)", lambda found: f"的{'负' if found[1] else ''}{found[2]}次方", said)
    said = re.sub(r"(?:(?<=^)|(?<=[-+*/] ))- ?(?=\d)", "负", said)
    said = "".join(_NAMES["zh"].get(token, token) for token in said.split())
    said = re.sub(r"^(\d+)模(\d+)$", r"\1除以\2的余数", said)
    return re.sub(r"^([\d.]+%)乘以(\d+)$", r"\2的\1", said)
