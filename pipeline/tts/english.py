"""Reads figures and symbols aloud in English: dates, times, money, units, ranges and sums, as an American would."""

import re
from collections.abc import Callable, Sequence

from pipeline.tts import numbers
from pipeline.tts.english_dates import DATES, TIMES, YEARS, spoken_date
from pipeline.tts.english_sums import IS_SUM, NUM, POWERS, SUMS
from pipeline.tts.rules import Match, Pass, applied, rules
from pipeline.tts.units import ENGLISH_CURRENCIES, ENGLISH_PER, ENGLISH_UNITS, alternatives

_START = r"(?<![\w.,])"
_SCALE = r"(thousand|lakh|crore|million|billion|trillion|k|K|m|M|mn|bn|b|B|tn|T)\b"
_SCALES = {
    "k": "thousand",
    "m": "million",
    "mn": "million",
    "b": "billion",
    "bn": "billion",
    "t": "trillion",
    "tn": "trillion",
}
_CURRENCY = alternatives(ENGLISH_CURRENCIES)
_UNIT = alternatives(ENGLISH_UNITS)
_TO_BE_READ = re.compile("[^A-Za-zÀ-ɏ\\s.,;:!?'\"‘’“”()…–—-]")
"""What most clauses are without: a figure or sign, at which some rule may have work."""
_RESULT = re.compile(r"\s(?:is|was|equals?|makes?|gives?|leaves?)\b")
"""Words between a sum and what it comes to."""


def read(text: str) -> str:
    """`text` with its figures and symbols in words; all else, white space included, is left as it is."""
    return applied(PASSES, text)


def _range(match: Match) -> str:
    """A hyphen with space around it is for a range where more follows less of something, and no sum is worked out."""
    said, low, high = match[0], *(float(match[end].replace(",", "")) for end in ("low", "high"))
    behind = match.string[match.end("high") : match.end("high") + 10]
    if low < high and (match["currency"] or match["counted"]) and "=" not in match.string and not _RESULT.match(behind):
        return said.replace(" - ", " to ")
    return said


def _money(match: Match) -> str:
    currency, amount, upto, scale, per = match.group("currency", "amount", "upto", "scale", "per")
    one, many, cent, cents = ENGLISH_CURRENCIES[currency]
    said = f"{numbers.quantity(amount)} to " if upto else ""
    amount = upto or amount
    whole, _, decimals = amount.partition(".")
    if scale:
        said += f"{numbers.quantity(amount)} {_SCALES.get(scale.lower(), scale)} {many}"
    elif len(decimals) == 2 and cent:
        parts = [_counted(whole, one, many)] if int(whole.replace(",", "") or 0) or decimals == "00" else []
        parts += [_counted(decimals.removeprefix("0"), cent, cents)] if decimals != "00" else []
        said += " and ".join(parts)
    else:
        said += _counted(amount, one, many)
    return said + (f" per {ENGLISH_PER.get(per, per)}" if per else "")


def _measure(match: Match) -> str:
    amount, unit, per = match.groups()
    return _counted(amount, *ENGLISH_UNITS[unit]) + (f" per {_per(per)}" if per else "")


def _bare_measure(match: Match) -> str:
    unit, per, squared = match.groups()
    if len(unit + per) == 2 and per != "s":  # I/O, A/B
        return match[0]
    return f"{ENGLISH_UNITS[unit][1]} per {_per(per + (squared or ''))}"


def _per(unit: str) -> str:
    """What stands behind a stroke: kg, m³, s^2."""
    unit = unit.replace("^2", "²").replace("^3", "³")
    if unit in ENGLISH_PER or unit.isalpha():
        return ENGLISH_PER.get(unit, unit)
    return ENGLISH_PER.get(unit[:-1], unit[:-1]) + (" squared" if unit[-1] in "2²" else " cubed")


def _span(larger: str, smaller: str) -> Callable[[Match], str]:
    """So many of one unit of time, and so many of the next."""

    def said(match: Match) -> str:
        few = match[2].removeprefix("0")
        return f"{_counted(match[1], larger, f'{larger}s')} {_counted(few, smaller, f'{smaller}s')}"

    return said


def _counted(amount: str, one: str, many: str) -> str:
    return f"{numbers.quantity(amount)} {one if amount == '1' else many}"


def _phone(match: Match) -> str:
    plus = "plus " if match[0].startswith("+") else ""
    return plus + ", ".join(numbers.digits(group) for group in re.findall("[0-9]+", match[0]))


def _charge(match: Match) -> str:
    return f" {numbers.raised(match[1])[1:]} {'plus' if match[2] == '⁺' else 'minus'}"


def _code(match: Match) -> str:
    figures = match[0]
    return figures if figures.endswith("000") and figures[0] != "0" else numbers.digits(figures)


def _cued(match: Match) -> str:
    return match[1] + numbers.digits(match[2])


def _spelled(match: Match) -> str:
    """Letters and digits one by one, as in 0x1F."""
    return " ".join(numbers.digits(char) or char for char in match[0])


def _version(match: Match) -> str:
    parts = match[0].split(".")
    if parts[0] != "0" and all(len(part) == 3 for part in parts[1:]):  # 1.000.000, as half of Europe writes it
        return numbers.quantity("".join(parts))
    return (" dot " if len(parts) == 4 else " point ").join(numbers.quantity(part) for part in parts)


def _slash(match: Match) -> str:
    """A fraction, of a unit or not, a mark out of ten, a date, or neither (24/7)."""
    whole, top, bottom, unit = match[1], int(match[2]), int(match[3]), match[4]
    one, many = (f" {name}" for name in ENGLISH_UNITS[unit]) if unit else ("", "")
    if whole:
        return f"{numbers.quantity(whole)} and {'a' if top == 1 else numbers.cardinal(top)} {_parts(top, bottom)}{many}"
    if bottom == 10:
        return f"{numbers.cardinal(top)} out of ten{many}"
    if 0 < top < bottom and (bottom in (2, 3, 4, 5, 6, 8, 16, 32, 64, 100, 1000) or (top == 1 and bottom < 20)):
        return f"{numbers.cardinal(top)} {_parts(top, bottom)}{one}"
    if bottom < 10 and "=" in match.string:
        return f"{numbers.cardinal(top)} {_parts(top, bottom)}"
    if 1 <= top <= 12 and 1 <= bottom <= 31 and top != bottom and not unit:
        return spoken_date("", top, bottom, match[0])
    if 1900 <= top <= 2099 and bottom < 100:  # a season
        return f"{numbers.year(top)} {numbers.quantity(match[3])}{many}"
    over = "over " if top >= 90 and bottom >= 50 and top != bottom else ""  # blood pressure
    return f"{numbers.quantity(match[2])} {over}{numbers.quantity(match[3])}{many}"


def _parts(top: int, bottom: int) -> str:
    if bottom == 2:
        return "half" if top == 1 else "halves"
    return ("quarter" if bottom == 4 else numbers.ordinal(bottom)) + ("" if top == 1 else "s")


def _ordinal(match: Match) -> str:
    return numbers.ordinal(int(match[1].replace(",", "")[: numbers.LONGEST]))


def _quantity(match: Match) -> str:
    return numbers.quantity(match[0])


_SHORT_FORMS = rules(
    (r"\b[Ee]\.\s?g\.,?", "for example,"),
    (r"\b[Ii]\.\s?e\.,?", "that is,"),
    (r"\betc\.(?=\s+[a-z]|[,;:)!?])", "et cetera"),
    (r"\betc\.", "et cetera."),
    (r"\bvs?\.(?=\s)", "versus"),
    (r"\bapprox\.(?=\s)", "approximately"),
    (r"\b(?:No|no|Nos|nos)\.\s?(?=[0-9])|№\s?|#\s?(?=[0-9])", "number "),
    (r"\b([CFGAD])#", r"\1 sharp"),
    (r"(?<=[0-9])[  ](?=000\b)", ""),
    ("([²³⁴]?)([⁺⁻])(?![¹²³⁰⁴-⁹])", _charge),
    (r"(?<![\w)⁻⁰¹²³⁴-⁹])[⁰¹²³⁴-⁹]+", lambda match: numbers.raised(match[0])[1:]),
    ("⁻?[⁰¹²³⁴-⁹]{2,}|⁻[¹²³⁴-⁹]|[⁰¹⁴-⁹ⁿ]", lambda match: numbers.raised(match[0])),
    (r"\bw/o\b", "without"),
    (r"\bw/(?=\s?\w)", "with "),
    (
        "([0-9]?)([½⅓⅔¼¾⅕⅛⅜⅝⅞])",
        lambda match: f"{match[1]} {numbers.FRACTIONS[match[2]]}" if match[1] else numbers.FRACTIONS[match[2]],
    ),
)
_STRINGS = rules(
    (r"(?<=\b[vV])(?=[0-9])", " "),
    (r"\+[0-9]{1,3}[ .-]?\(?[0-9]{1,4}\)?(?:[ .-]?[0-9]{2,4}){1,4}\b", _phone),
    (r"(?<![\w-])1-[0-9]{3}(?=-[A-Z])", _phone),
    (r"\([0-9]{3}\) ?[0-9]{3}[ .-][0-9]{4}\b", _phone),
    (r"(?<![\w.,:-])(?:[0-9]+(?:-[0-9]+){2,}|[0-9]{3}-[0-9]{4}|0[0-9]+(?: [0-9]{2,})+)(?![\w:-])", _phone),
    (r"(?<![\w.,-])[0-9]{4}(?: [0-9]{4}){2,}(?![\w-])", _phone),
    (r"(?<=\b[Cc]all )[0-9]{3}\b|(?<=\b[Dd]ial )[0-9]{3}\b", _code),
    (r"(?<![\w.,:/$€£¥])(?:[0-9]{7,}|0[0-9]+)(?![\w.,:/]?[0-9])", _code),
    (r"\b((?:[Pp]in|PIN|[Cc]ode|[Zz]ip|ZIP|OTP|[Pp]ass(?:code|word))(?: is|:)? )([0-9]{2,})\b(?![.,][0-9])", _cued),
    (r"\b(ending in )([0-9]{3,4})\b(?![.,][0-9])", _cued),
    (r"([0-9]{2,})\*{3,}([0-9]{2,})", lambda match: f"{numbers.digits(match[1])}, {numbers.digits(match[2])}"),
    (r"\b0x[0-9A-Fa-f]+\b|(?<=\b[A-Z]{2} )[0-9]{5}\b(?![,.]?[0-9])", _spelled),
    (r"(?<=[A-Z])[0-9]{5,}", lambda match: f" {numbers.digits(match[0])} "),
    (r"(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,9}){2,}(?!\w)", _version),
)
_RANGES = rules(
    (r"(?<![\w:])([0-9]+):([0-9]+)(?=\s(?:ratio|scale|odds|aspect)\b)", r"\1 to \2"),
    (r"(?:≈|~)\s?(?=[0-9.$€£¥])", "about "),
    (r"(?<=[0-9]0s)[-–](?=[0-9]0s\b)", " to the "),
    (r"(?<=\b[A-Za-z][0-9])-(?=[0-9]{3})", " "),
    (rf"(?<=[0-9])(\s?(?:{_UNIT}|[kKMB]))(?:\s?[–—]\s?|\s-\s|-)(?=[$€£¥]?[0-9])(?!.*=)", r"\1 to "),
    (r"(?<![\w/-])([0-9]+)-(?=[1-9]/[0-9]{1,2}(?![\w/-]))", r"\1 "),
    (r"(?<=[0-9)])[-−](?=[0-9.]+\s?=)", " minus "),
    (r"(?<=[0-9)])/(?=[0-9.]+\s?(?:=|about\b|equals\b|is [0-9]))", " divided by "),
    (r"\(([0-9]+)/([0-9]+)\)(?=[A-Za-zΑ-ω(]|\s?[×*])", r"(\1 divided by \2)"),
    (r"(?<=\^[0-9])[-−](?=[0-9])", " minus "),
    (r"(?:(?<=[0-9%])|(?<=[ap]m))[-–—](?=[$€£¥]?\.?[0-9])|(?<=[0-9%])\s[–—]\s(?=[$€£¥]?[0-9])", " to "),
    (r"(?<=[0-9])(\s?[AaPp](?:\.\s?[Mm]\.|[Mm]))\s?[-–—]\s?(?=[0-9])", r"\1 to "),
    (r"(?<=[0-9]:[0-9]{2})\s?[-–—]\s?(?=[0-9]{1,2}:[0-9]{2})", " to "),
    (rf"(?P<currency>[$€£¥]?)(?P<low>{NUM}) - (?=[$€£¥]?(?P<high>{NUM})(?P<counted>\s?[A-Za-z%°])?)", _range),
    (r"(?<=[A-Za-z])[-–](?=[0-9])", " "),
    (r"(?<=[\w)])\s[-−]\s(?=[\w(])(?=.*=)|(?<=[0-9)])\s?[-−]\s(?=[0-9(])|(?<=[0-9][a-z])\s[-−]\s(?=[0-9(])", " minus "),
    (rf"({_CURRENCY})\s?[-−](?=\.?[0-9])", r"minus \1"),
    (r"(?<![\w)\]-])[-−–](?=[$€£¥]?\.?[0-9])", "minus "),
)
_AMOUNTS = rules(
    (rf"({NUM})\s?¢", lambda match: _counted(match[1], "cent", "cents")),
    (r"(?<![\w.])(1080|1440)(?=p\b)", lambda match: f"{numbers.year(int(match[1]))} "),
    (
        rf"(?<![\w$])(?P<currency>{_CURRENCY})\s?(?P<amount>{NUM})(?: to (?:{_CURRENCY})?(?P<upto>{NUM})(?!\s?%))?"
        rf"(?:[\s-]?(?P<scale>{_SCALE}))?(?:/(?P<per>[A-Za-z]+))?",
        _money,
    ),
    (
        rf"(?<!\^){_START}(?P<amount>{NUM})(?P<upto>(?!))?(?:\s?(?P<scale>{_SCALE}))?"
        rf"\s?(?P<currency>{_CURRENCY})(?![\w$])(?P<per>(?!))?",
        _money,
    ),
    (rf"{_START}([0-9]{{1,2}})h ?([0-9]{{1,2}})(?:m|min)?(?!\w)", _span("hour", "minute")),
    (rf"{_START}([0-9]{{1,3}})m ?([0-9]{{1,2}})s(?!\w)", _span("minute", "second")),
    (rf"({NUM})\s?%", lambda match: f"{numbers.quantity(match[1])} percent"),
    (rf"(?<![0-9]/){_START}({NUM})\s?({_UNIT})(?:/([A-Za-z]+(?:\^?[23]|[²³])?))?(?![\w²³^])", _measure),
    (rf"(?<![\w/'’-])({_UNIT})/({_UNIT})(²|\^?2)?(?![\w/²'’-])", _bare_measure),
    (
        r"""(?<!\w)([0-9])['’′]\s?([0-9]{1,2})(?:"|”|″)""",
        lambda match: f"{numbers.quantity(match[1])} foot {numbers.quantity(match[2])}",
    ),
    (r"\b(tsp|tbsp)s?\b\.?", lambda match: "teaspoon" if match[1] == "tsp" else "tablespoon"),
    (rf"{_START}({NUM})\s?(k|mn|bn|tn)\b", lambda match: f"{numbers.quantity(match[1])} {_SCALES[match[2]]}"),
    (r"(?<![\w.])([0-9][0-9,]*)(?:st|nd|rd|th)\b", _ordinal),
    (r"(?<![\w/.])([0-9]+\.[0-9]+)/(5|10|100)(?![\w/]|\.[0-9])", r"\1 out of \2"),
    (
        r"(?<![\w/.])(?:([0-9]+) )?([0-9]{1,4})/([1-9][0-9]{0,3})(?![\w/.]?[0-9])"
        + rf"(?:\s?({_UNIT})(?![\w²³/-])|(?!\w))",
        _slash,
    ),
    (r"(?<![\w:])([0-9]+):([0-9]+)(?![\w:])", r"\1 to \2"),
)
_REST = rules(
    (r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-zΑ-ω])|(?<=[A-Za-z]\.)(?=[0-9])", " "),
    (NUM, _quantity),
    ("[0-9]+", lambda match: numbers.digits(match[0])),
)
_SYMBOLS = rules(
    (r"\s?&{1,2}\s?", " and "),
    (r"(?<=[\w])\s@\s|@(?=\w)", " at "),
    (r"\s?%", " percent"),
    (r"\s?°", " degrees"),
    (r"§\s?", "section "),
    (r"\s\*\s", " times "),
    (r"[#@$€£¥|<>{}^~*=≈]", " "),
)
PASSES: Sequence[Pass] = [
    (None, _SHORT_FORMS),
    (_TO_BE_READ, [*DATES, *POWERS, *_STRINGS, *_RANGES, *TIMES, *_AMOUNTS]),
    (IS_SUM, SUMS),
    (_TO_BE_READ, [*YEARS, *_REST, *_SYMBOLS]),
]
"""In this order."""
