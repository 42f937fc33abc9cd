"""Sums and maths in English: what the signs between figures are called, and which x is a letter."""

import re

from pipeline.tts import numbers
from pipeline.tts.rules import Match, rules

NUM = (
    r"(?=[0-9.])(?<![0-9])(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)(?:\.[0-9]+)?|(?<![A-Za-z.])\.[0-9]+)"
    r"(?![0-9])"
)
"""Grouped by thousands, or by lakhs as in India, or not."""

_UNKNOWN = re.compile(r"(?<![\w'’.-])x(?![\w'’-])|(?<![\w'’.-])x[²³^]")
_IN_A_SUM = re.compile(r"\s?(?:[+=<>≤≥÷^²³]|\*\*)|\s(?:minus|divided)\s|\(")
_BEHIND_A_SUM = re.compile(r"(?:[=+<>≤≥]|minus|times)\s?$")


def _scientific(match: Match) -> str:
    power = ("" if match[2] in ("", "+") else "minus ") + numbers.quantity(match[3])
    return f"{numbers.quantity(match[1])} times ten to the {power}"


def _times(match: Match) -> str:
    """So many times, or so many x: of an unknown that stands in a sum, or elsewhere in the clause."""
    before, behind = match.string[max(0, match.start() - 8) : match.start()], match.string[match.end() :]
    unknown = _IN_A_SUM.match(behind) or _BEHIND_A_SUM.search(before) or _UNKNOWN.search(match.string)
    return f"{match[1]} x" if match[2] == "x" and unknown else f"{match[1]} times"


POWERS = rules(
    (r"(?<![\w.])([0-9]+(?:\.[0-9]+)?)(?:e|E(?=[-+−]))([-+−]?)([0-9]{1,3})(?![\w.]?[0-9])(?!\w)", _scientific),
)
"""To be read before their minus is taken for another's."""

IS_SUM = re.compile(r"[×*^²³<>≤≥≠=→⇒÷±√∞+/−]|->|[0-9]\s?x|\b[xX][0-9]|\(-[a-z]\b")
"""Where there is nothing of this, `SUMS` have no work."""

SUMS = rules(
    (rf"({NUM})x({NUM})", r"\1 by \2"),
    (r"(?<![\w.])([0-9]{3,4})\s?×\s?([0-9]{3,4})(?!\s?=|[\w.])", r"\1 by \2"),
    (rf"({NUM})\s?[x×*]\s?(?={NUM})", r"\1 times "),
    (r"\b[xX×]([0-9]+)\b|×\s?([0-9]+)", lambda match: f"times {match[1] or match[2]}"),
    (r"\b([0-9]+(?:\.[0-9]+)?)([x×])(?!\w)", _times),
    (r"\s?×\s?", " times "),
    (r"\s−\s|(?<=[²³])[-−](?=\w)", " minus "),
    (r"(?<=[²³])(?=\w)", " "),
    (r"(?<![\w/][0-9])(?<=[0-9])/(?=[a-z](?![\w/.]))|(?<=\b[a-z])/(?=[0-9]+[a-z]?\b)", " over "),
    (r"(?:\^|\*\*)\s?2\b|²", " squared"),
    (r"(?:\^|\*\*)\s?3\b|³", " cubed"),
    (r"\^|(?<=[0-9])\*\*(?=[0-9])", " to the power of "),
    (r"\s?(?:<=|≤)\s?", " less than or equal to "),
    (r"\s?(?:>=|≥)\s?", " greater than or equal to "),
    (r"\s?(?:=>|->|-->|→|⇒)\s?", " to "),
    (r"\s?(?:≠|!=)\s?", " is not equal to "),
    (r"(?<=[\w)])\s?<\s?(?=[\w(-])|<\s?(?=[0-9])", " less than "),
    (r"(?<=[\w)])\s?>\s?(?=[\w(-])|>\s?(?=[0-9])", " greater than "),
    (r"\s?={1,3}\s?", " equals "),
    (r"(equals\s+|\()[-−](?=[a-z]\b)", r"\1minus "),
    (r"\s?÷\s?|(?<=[0-9)])\s/\s(?=[0-9(])|(?<=\))/(?=[0-9(])", " divided by "),
    (r"±\s?", " plus or minus "),
    (r"√\s?", " the square root of "),
    ("∞", " infinity "),
    (r"(?<=\w)\+\+", " plus plus"),
    (r"\s?\+\s?", " plus "),
)
