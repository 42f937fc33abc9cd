"""What must not be in a log: addresses, numbers and keys of people, told from other words by rules."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST = 2_000
"""Characters that are looked at; the rest is cut off, so that no answer keeps the loop from its work."""

_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_ZH_DIGIT = r"[零〇一二三四五六七八九幺两]"
_BEFORE, _AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
"""Instead of a word's edge, which Chinese characters have none of."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What it looks like, and what it is called in the log."""

    name: str
    looks: re.Pattern[str]
    truly: Callable[[str], bool] = lambda _: True
    """Whether something that looks like it is it."""


_OTHER_NUMBER = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)|(?:\d{1,3}\.){3}\d{1,3}$", re.ASCII)


def masked(text: str) -> str:
    """The same with `[email]` and the like in the place of what is personal."""
    kept = text[:LONGEST]
    for rule in RULES:
        kept = rule.looks.sub(lambda found, rule=rule: f"[{rule.name}]" if rule.truly(found[0]) else found[0], kept)
    return kept + ("…" if len(text) > LONGEST else "")


def _digits(text: str) -> list[int]:
    return [int(one) for one in text if one.isdecimal()]


def _is_card(text: str) -> bool:
    """Luhn's sum (ISO/IEC 7812-1)."""
    digits = _digits(text)
    doubled = [sum(divmod(2 * one, 10)) if place % 2 else one for place, one in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0


def _is_identity(text: str) -> bool:
    """The check digit of a Chinese resident identity number (GB 11643-1999)."""
    weighed = sum(one * 2 ** (17 - place) for place, one in enumerate(_digits(text[:17])))
    return "10X98765432"[weighed % 11] == text[17].upper()


def _is_phone(text: str) -> bool:
    """Any seven digits and more, unless they are a date or an IPv4 address: what might be a phone number is masked."""
    return len(_digits(text)) >= 7 and not _OTHER_NUMBER.match(text)


def _is_random(text: str) -> bool:
    return any(one.isdecimal() for one in text) and any(one.isalpha() for one in text)


RULES: Sequence[Rule] = (
    Rule("key", re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)")),
    Rule("key", re.compile(r"(?i)(?<=bearer )\S{8,}")),
    Rule("key", re.compile(_BEFORE + r"(?:sk|pk|rk|ek|ak)[-_][A-Za-z0-9_-]{8,}")),
    Rule("key", re.compile(_BEFORE + r"(?:gh[pousr]_|xox[abprs]-|AKIA|AIza|glpat-|hf_)[A-Za-z0-9_-]{12,}")),
    Rule("key", re.compile(_BEFORE + r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+", re.ASCII)),
    Rule("key", re.compile(_BEFORE + r"[A-Za-z0-9]{24,}" + _AFTER), _is_random),
    Rule("email", re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    Rule("email", re.compile(r"(?i)\b[a-z0-9]+(?: dot [a-z0-9]+)* at [a-z0-9-]+(?: dot [a-z0-9-]+)+\b")),
    Rule(
        "email",
        re.compile(
            r"(?<![A-Za-z0-9._-])[A-Za-z0-9._-]{1,64} ?(?:艾特|小老鼠) ?[A-Za-z0-9-]+(?: ?(?:点|\.) ?[A-Za-z0-9]+)+"
        ),
    ),
    Rule("id", re.compile(_BEFORE + r"\d{17}[\dXx]" + _AFTER), _is_identity),
    Rule("card", re.compile(_BEFORE + r"\d(?:[ -]?\d){12,18}" + _AFTER), _is_card),
    Rule("phone", re.compile(_BEFORE + r"(?:\+ ?|\()?\d(?:[ ()./-]{0,2}\d){6,}" + _AFTER), _is_phone),
    Rule("number", re.compile(rf"(?i)\b{_DIGIT}(?:[ ,-]+{_DIGIT}){{6,}}\b")),
    Rule("number", re.compile(rf"{_ZH_DIGIT}(?:[ ，、]?{_ZH_DIGIT}){{6,}}")),
)
"""In this order: what an earlier one has taken is not there for a later one."""
