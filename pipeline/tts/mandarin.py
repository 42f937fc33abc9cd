"""Reads figures and symbols aloud in Mandarin: dates, times, money, units and sums, and 两 before measure words."""

import re
from collections.abc import Sequence
from decimal import Decimal

from pipeline.tts import numbers
from pipeline.tts.rules import Match, Pass, applied, rules
from pipeline.tts.units import HAN_CURRENCIES, HAN_UNITS, alternatives

MEASURES = (
    "个|只|条|张|本|位|件|次(?!方|元)|种|天|周[^一二三四五六日]|周$|年(?!级)|小时|分钟|秒|岁|元|块|倍|瓶|杯|碗|米|公里|公斤|斤|尺|亩|吨|公顷|毛|人(?!转)|室|厅|台|辆|部|家|间|"
    "句|步|名|份|遍|头|匹|颗|粒|片|朵|把|双|对|套|组|群|场|顿|座|棵|枚|项|层|段|篇|首|幅|排|串|袋|盒|箱|包|支|枝|根|点|"
    "万|亿|千|百|半|克|升|厘米|毫米|毫升|美元|欧元|英镑|日元|港元|摄氏度|度|平方|立方|人份|口|代|门|封|架|艘|星期|晚|夜|届"
)
"""Words before which a lone 2 is 两 (not: 月, 日, 号, 楼, which follow ordinals)."""

_NUM = r"(?=[0-9])(?<![0-9])(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)(?![0-9])"
_START = r"(?<![A-Za-z0-9_.,])"
_CURRENCY = alternatives(HAN_CURRENCIES)
_UNIT = alternatives(HAN_UNITS)
_SCALE = r"(k|K|千|万亿|万|m|M|百万|千万|million|百亿|千亿|亿|bn|B|billion|T|trillion)(?![A-Za-z])"
_PER = "月|年|天|日|人|小时|秒|分|次|斤|公斤|千克|克|升|毫升|个|米|平方|立方|晚|周|吨|件|瓶|位|股"
"""What stands behind a stroke in words: 5元/斤."""
_WAGES = re.compile("薪|工资|收入|奖金")
_POWERS = {"²": "平方", "^2": "平方", "³": "立方", "^3": "立方"}
_SCALES = {
    "k": 10**3,
    "万": 10**4,
    "m": 10**6,
    "百万": 10**6,
    "million": 10**6,
    "千": 10**3,
    "千万": 10**7,
    "亿": 10**8,
    "百亿": 10**10,
    "千亿": 10**11,
    "万亿": 10**12,
    "t": 10**12,
    "trillion": 10**12,
    "bn": 10**9,
    "b": 10**9,
    "billion": 10**9,
}
_CODE_CUE = r"(?:码|口令|邮编|[^0-9零一二三四五六七八九十\s]号|[前后][0-9三四六]位)"
"""Behind these words stand figures that tell things apart and count nothing."""
_CODE = "[0-9]{3,}(?: [0-9]{3,})*"
_IS_SUM = re.compile(r"[×*^²³<>≤≥≠=→⇒÷±√∞+/‰#№]|->|[0-9]\s?[xX]|(?<![A-Za-z])x[0-9]|No\.")
_TO_BE_READ = re.compile("[^A-Za-z\u3400-\u9fff\\s，。！？；：、“”‘’（）《》…—.,;:!?'\"()-]")
"""What most clauses are without: a figure or sign, at which some rule may have work."""


def read(text: str) -> str:
    """`text` with its figures and symbols in words; all else, white space included, is left as it is."""
    return applied(PASSES, text)


def _date(match: Match) -> str:
    year, month, day = match.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    return f"{numbers.han_digits(year)}年{numbers.han_cardinal(int(month))}月{numbers.han_cardinal(int(day))}日" + (
        " " if match[0].endswith("T") else ""
    )


def _time(match: Match) -> str:
    hour, minute, second = int(match[1]), int(match[2]), match[3]
    if hour > 24 or minute > 59:
        return match[0]
    said = numbers.han_cardinal(hour, liang=True) + "点"
    if minute or int(second or 0):
        said += ("零" if 0 < minute < 10 else "") + numbers.han_cardinal(minute) + "分"
    return said + (numbers.han_cardinal(int(second)) + "秒" if int(second or 0) else "")


def _money(match: Match) -> str:
    currency, amount, upto, scale, per = match.group("currency", "amount", "upto", "scale", "per")
    said = f"{_amount(amount, scale)}到" if upto else ""
    return said + _amount(upto or amount, scale) + HAN_CURRENCIES[currency] + ("每" if per else "")


def _amount(figures: str, scale: str | None) -> str:
    """Money: "1.2", "m" -> 一百二十万. Zeros at the end of its decimals are not said."""
    value = Decimal(figures.replace(",", "")) * _SCALES.get((scale or "").lower(), 1)
    plain = f"{value:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return numbers.han_quantity(plain, liang=True)


def _pay(match: Match) -> str:
    """15k, where wages are spoken of; 4k is a screen."""
    return _amount(match[1], "k") if _WAGES.search(match.string) else match[0]


def _measure(match: Match) -> str:
    amount, unit, per, power = match.groups()
    said = numbers.han_quantity(amount, liang=True) + HAN_UNITS[unit]
    return said + (f"每{_POWERS.get(power, '')}{HAN_UNITS[per]}" if per else "")


def _percent(match: Match) -> str:
    upto = f"到{numbers.han_quantity(match[2])}" if match[2] else ""
    return f"百分之{numbers.han_quantity(match[1])}{upto}"


def _phone(match: Match) -> str:
    plus = "加" if match[0].startswith("+") else ""
    return plus + "，".join(numbers.han_digits(group).replace("一", "幺") for group in re.findall("[0-9]+", match[0]))


def _code(match: Match) -> str:
    return match[0] if match[0].endswith("000") and match[0][0] != "0" else numbers.han_digits(match[0])


def _cued(match: Match) -> str:
    return match[1] + _grouped(match[2])


def _grouped(figures: str) -> str:
    """Digit by digit, group by group."""
    groups = re.split(r"[ -]|\*+", figures)
    return "，".join("".join(numbers.han_digits(char) or char for char in group) for group in groups)


def _digits(match: Match) -> str:
    return _grouped(match[0])


def _slash(match: Match) -> str:
    """A fraction, of a unit or not, a date, or neither (24/7)."""
    whole, top, bottom, unit = match[1], int(match[2]), int(match[3]), HAN_UNITS.get(match[4], "")
    said = f"{numbers.han_cardinal(bottom)}分之{numbers.han_cardinal(top)}{unit}"
    if whole:
        return f"{numbers.han_quantity(whole)}又{said}"
    if top < bottom and (bottom <= 10 or bottom in (12, 16, 20, 50, 100, 1000)):
        return said
    latin = re.search(r"[A-Za-z]\s?$", match.string[: match.start()])
    if 1 <= top <= 12 and 1 <= bottom <= 31 and top != bottom and not unit and not latin:
        return f"{numbers.han_cardinal(top)}月{numbers.han_cardinal(bottom)}日"
    return f"{numbers.han_quantity(match[2])}，{numbers.han_quantity(match[3])}{unit}"


def _version(match: Match) -> str:
    """17.4.1 -> 十七点四点一; 192.168.1.1, an address, digit by digit."""
    first, *rest = match[0].split(".")
    said = numbers.han_digits(first) if len(rest) == 3 else numbers.han_quantity(first)
    return "点".join([said, *map(numbers.han_digits, rest)])


def _quantity(match: Match) -> str:
    return numbers.han_quantity(match[0])


def _counted(match: Match) -> str:
    return numbers.han_quantity(match[0], liang=True)


_DATES = rules(
    ("⁻?[⁰¹²³⁴-⁹]{2,}|⁻[¹²³⁴-⁹]|[⁰¹⁴-⁹ⁿ]", lambda match: numbers.raised(match[0])),
    (
        "([0-9]?)([½⅓⅔¼¾⅕⅛⅜⅝⅞])",
        lambda match: f"{match[1]} {numbers.FRACTIONS[match[2]]}" if match[1] else numbers.FRACTIONS[match[2]],
    ),
    (r"(?<![A-Za-z0-9-])([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:T(?=[0-9])|(?![\d-]))", _date),
    (
        r"(?<![0-9.])([12][0-9]{3})(?=(?:\s?[-–—~～至到/]\s?(?:[12][0-9]{3}|[0-9]{2}(?=赛季|学年|财年)))?\s?(?:(?<!00)年|年(?!前|后|来|间|内|以内)|学年|届|赛季|财年))",
        lambda match: match[1] if match[1] in ("1000", "3000") else numbers.han_digits(match[1]),
    ),
    (r"(?<=[在于自从])(?:19|20)[0-9]{2}(?=[，。,.、；\s]|$)", lambda match: numbers.han_digits(match[0])),
    (r"(?<=年)\s(?=[0-9])|(?<=月)\s(?=[0-9])", ""),
    (
        r"(?<=[零一二三四五六七八九])\s?[-–—~～/]\s?(?=[零一二三四五六七八九]{4}(?:年|赛季|财年)|[0-9]{2}(?:赛季|学年|财年))",
        "到",
    ),
)
_STRINGS = rules(
    (r"(?<![A-Za-z0-9.])([0-9]+(?:\.[0-9]+)?)(?:e|E(?=[-+−]))\+?([-−]?[0-9]{1,3})(?![A-Za-z0-9])", r"\1×10^\2"),
    (r"(?<=打)1[0-9]{2}(?![0-9])|(?<=打1[0-9]{2}[或和、])1[0-9]{2}(?![0-9])", _phone),
    (r"\+[0-9]{1,3}[ .-]?[0-9]{2,4}(?:[ .-]?[0-9]{2,4}){1,4}(?![0-9])", _phone),
    (r"(?<![0-9.])1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])", _phone),
    (r"(?<![A-Za-z0-9.,-])[0-9]{2,4}(?:-[0-9]{2,8}){2,}(?![\w-])|(?<![\w.,-])0[0-9]{2,3}-[0-9]{7,8}(?![\w-])", _phone),
    (
        rf"({_CODE_CUE}(?:\s?(?:是|为|[:：])\s?|\s))({_CODE})(?![0-9.,:：/%]|\s?(?:{_CURRENCY}|{_UNIT}|{MEASURES}|[人行字]))",
        _cued,
    ),
    (r"(?<![0-9.])[1-9][0-9]{2,3}(?=室|房间)|(?<![0-9])(?:[06-9]0|[0189]5|10)(?=后(?![0-9天年来续]))", _digits),
    (
        r"(?<![0-9.])(?:(?:985|211)(?=[/、和及高大院工])|996(?=工作|模式|制|加班))|[0-9]+(?=点(?:com|cn|net|org)\b)",
        _digits,
    ),
    (rf"({_CODE_CUE})({_CODE})(?![0-9.,:：/%])(?=[^\u3400-\u9fff]|的|$)", _cued),
    (
        r"(?<![A-Za-z0-9.,-])[0-9]+(?:-[0-9]+){2,}(?![A-Za-z0-9-]|\s?=)|(?<![A-Za-z0-9])0x[0-9A-Fa-f]+(?![A-Za-z0-9])",
        _digits,
    ),
    (r"[0-9]+\*{3,}[0-9]+", _digits),
    (r"(?<![0-9.,-])[0-9]{4}(?:[ -][0-9]{4}){2,}(?![0-9-])", _digits),
    (
        r"(?<=(?<![A-Za-z])[A-Z])[0-9]+(?=次)|(?<=[A-Z])[0-9]{3,}(?<!00)(?![0-9A-Za-z]|[.,][0-9])",
        _digits,
    ),
    (
        rf"(?<![A-Za-z0-9.,/$€£¥￥])(?<![0-9][:：])(?:[0-9]{{7,}}|0[0-9]+)(?![0-9.,:：/]?[0-9])(?!\s?(?:{_CURRENCY}|{_UNIT}|{MEASURES}|人|%))",
        _code,
    ),
    (r"(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,9}){2,}(?![A-Za-z0-9])", _version),
)
_RANGES = rules(
    (r"(?<=\b[A-Za-z][0-9])-(?=[0-9]{3})", " "),
    ("(?<=[歼轰运舟风征娥])-(?=[0-9])", ""),
    (rf"({_CURRENCY})\s?[-−](?=[0-9])", r"负\1"),
    (r"(?<=[0-9)])/(?=[0-9.]+\s?[=≈])", "除以"),
    (r"\(([0-9]+)/([0-9]+)\)(?=[A-Za-z(]|\s?[×*])", r"(\1除以\2)"),
    (r"\s?≈\s?", "约"),
    (r"(?<![0-9%℃个年月日点分])\s?[~～]\s?(?=[$€£¥￥]?[0-9])", "约"),
    (r"(比分[是为]?\s?[0-9]+)[-–—](?=[0-9])", r"\1比"),
    (r"(?<=[0-9])[-–—](?=[0-9]+(?:击败|战胜|大胜|险胜|力克|获胜|取胜|领先|落后|负于|惜败|不敌|逆转|战平))", "比"),
    (r"(?<=[0-9)])[-−](?=[0-9.]+\s?=)", "减"),
    (r"(?:\^|(?<=[0-9])\*\*)\s?([-−][0-9]+|[0-9]{2,}|[014-9]|[a-zA-Z]\b)", r"的\1次方"),
    (
        r"(?:(?<=[0-9%℃CmgkK个年月日号点时分秒岁元])|(?<=[0-9][千万亿米克斤里吨度]))\s?[-–—~～]\s?(?=[$€£¥￥]?[0-9])(?!\s[-–]\s[0-9].*=)(?<!\s-\s)",
        "到",
    ),
    (rf"(?<![0-9.])([0-9.]+)(?=\s?[到至、]\s?[0-9.]+\s?(?:{MEASURES}))", _counted),
    (r"(?<=[A-Za-z])[-–](?=[0-9])", " "),
    (r"(?<=[0-9)])\s[-−]\s(?=[0-9(])", "减"),
    (r"[-−–]\s?(?=[0-9.]+\s?(?:°C|℃|摄氏度))(?<![A-Za-z0-9]-)", "零下"),
    (r"(?<![A-Za-z0-9)-])[-−–](?=[$€£¥￥]?[0-9])", "负"),
)
_AMOUNTS = rules(
    (r"(?<![A-Za-z0-9:.])([0-9]+)[:：]([0-9]+)(?=的?比例)", r"\1比\2"),
    (r"(?<![A-Za-z0-9.,])([0-9.]+)k(?![A-Za-z0-9])", _pay),
    (r"(?<![A-Za-z0-9:.])([0-9]{1,2})[:：]([0-9]{2})(?:[:：]([0-9]{2}))?(?![0-9:：])", _time),
    (r"(?<![A-Za-z0-9:])([0-9]+)[:：]([0-9]+)(?![0-9:：])", r"\1比\2"),
    (
        rf"(?<![A-Za-z0-9$])(?P<currency>{_CURRENCY})\s?(?P<amount>{_NUM})(?:到(?:{_CURRENCY})?(?P<upto>{_NUM})(?!\s?%))?"
        rf"(?:\s?(?P<scale>{_SCALE}))?(?P<per>/(?=月|年|天|人|小时|次))?",
        _money,
    ),
    (
        rf"{_START}(?P<amount>{_NUM})(?P<upto>(?!))?(?:\s?(?P<scale>{_SCALE}))?\s?(?P<currency>{_CURRENCY})(?![A-Za-z0-9$])(?P<per>(?!))?",
        _money,
    ),
    (rf"({_NUM})(?:%?到({_NUM}))?\s?[%％]", _percent),
    (rf"(?<!/){_START}({_NUM})\s?({_UNIT})(?:/({_UNIT})([²³]|\^[23])?)?(?![A-Za-z0-9²³^])", _measure),
    (
        r"(?<![0-9/.])(?:([0-9]+) )?([0-9]{1,4})/([1-9][0-9]{0,3})(?![0-9/]|\.[0-9])"
        + rf"(?:\s?({_UNIT})(?![A-Za-z0-9²³/]))?",
        _slash,
    ),
)
_SUMS = rules(
    (rf"(?<=[元里米克升斤块次吨度])/(?={_PER})", "每"),
    (rf"({_NUM})‰", lambda match: f"千分之{numbers.han_quantity(match[1])}"),
    (rf"({_NUM})\s?[x×*X]\s?(?={_NUM})", r"\1乘"),
    (r"(?<![A-Za-z])x(?=[0-9])|\s?×\s?", "乘"),
    (r"(?:\^|\*\*)\s?2(?![0-9])|²", "的平方"),
    (r"(?:\^|\*\*)\s?3(?![0-9])|³", "的立方"),
    (r"\s?(?:<=|≤)\s?", "小于等于"),
    (r"\s?(?:>=|≥)\s?", "大于等于"),
    (r"\s?(?:=>|->|→|⇒)\s?", "到"),
    (r"\s?(?:≠|!=)\s?", "不等于"),
    (r"\s?<\s?(?=[0-9A-Za-z零一二三四五六七八九十负])", "小于"),
    (r"\s?>\s?(?=[0-9A-Za-z零一二三四五六七八九十负])", "大于"),
    (r"\s?={1,3}\s?", "等于"),
    (r"\s?÷\s?|(?<=[0-9)])\s/\s(?=[0-9(])", "除以"),
    (r"±\s?", "正负"),
    (r"√\s?", "根号"),
    ("∞", "无穷大"),
    (r"(?<![A-Za-z])([CF])#", r"\1 sharp"),
    (r"(?<=[A-Za-z])\+\+", "加加"),
    (r"\s?\+\s?", "加"),
    (r"(?:No\.|№)\s?(?=[0-9])|#\s?(?=[0-9])", "第"),
)
_REST = rules(
    (r"(?<=第)\s?[0-9]+", lambda match: numbers.han_quantity(match[0].strip())),
    (rf"{_START}{_NUM}(?=\s?(?:{MEASURES}))", _counted),
    (rf"{_START}{_NUM}|{_NUM}", _quantity),
    ("[0-9]+", lambda match: numbers.han_digits(match[0])),
    (r"\s?&\s?", "和"),
    (r"@(?=\w)", " at "),
    (r"°", "度"),
    (r"%", "百分号"),
    (r"[#@$€£¥￥|<>{}^~～*=≈]", " "),
)
PASSES: Sequence[Pass] = [
    (_TO_BE_READ, [*_DATES, *_STRINGS, *_RANGES, *_AMOUNTS]),
    (_IS_SUM, _SUMS),
    (_TO_BE_READ, _REST),
]
"""In this order."""
