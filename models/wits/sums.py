"""What a sum sounds like: phrases of everyday arithmetic, in English and Chinese, and the signs that they stand for."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from models.wits.numbers import QUANTITY, with_fractions, with_ordinals

AS_PERCENT: Final = "as-percent"
"""Stands in the text where the result is wanted in percent."""

# In brackets, [ ], stands what is all of a sum or none: nobody knows what "5 less than 10 times 2" is.
Rewrite = str | Callable[[re.Match[str]], str]

_N: Final = rf"({QUANTITY}(?: %)?)(?![.\d])"
_SOME: Final = rf"({QUANTITY}(?:(?: and| [和与跟])? {QUANTITY})+)(?![.\d]| %)"
_LAST: Final = r"(?! (?:plus|minus|times|multiplied|divided|over|squared|cubed|to|less|x|[-+*/^]))"
"""Behind a list: "the sum of 3 and 4 times 2" may be two sums."""
_THING: Final = rf"({QUANTITY}|\( [^()]* \))"


def _listed(sign: str) -> Rewrite:
    return lambda found: f"( {f' {sign} '.join(_numbers(found[1]))} ) "


def _average(found: re.Match[str]) -> str:
    numbers = _numbers(found[1])
    return f"( ( {' + '.join(numbers)} ) / {len(numbers)} ) "


def _difference(found: re.Match[str]) -> str:
    smaller, larger = sorted((found[1], found[2]), key=Fraction)
    return f"( {larger} - {smaller} ) "


def _numbers(listed: str) -> list[str]:
    return re.findall(QUANTITY, listed)


def _reduced(found: re.Match[str]) -> str:
    """What is to be paid: 八折 is 80 percent of the price, 七五折 is 75 percent."""
    share = Fraction(found[2])
    return f"[ {found[1]} * {float(share / (10 if share < 10 else 100)):g} ] "


_EN: Final[tuple[tuple[str, Rewrite], ...]] = (
    (r"\bthe ", ""),
    (r"\bper ?cent\b", "%"),
    (r"\bas (?:a |an )?(?:%|percentage)(?! of)", AS_PERCENT),
    (rf"\bwhat (?:%|percentage) of {_N} (?:is|are|equals) {_N}", rf"[ \2 / \1 ] {AS_PERCENT} "),
    (rf"{_N} is what (?:%|percentage) of {_N}", rf"[ \1 / \2 ] {AS_PERCENT} "),
    (rf"{_N} as a (?:%|percentage) of {_N}", rf"[ \1 / \2 ] {AS_PERCENT} "),
    (rf"{_N} out of {_N} {AS_PERCENT}", rf"[ \1 / \2 ] {AS_PERCENT} "),
    (rf"\b(?:sum|total) of {_SOME}{_LAST}", _listed("+")),
    (rf"\bproduct of {_SOME}{_LAST}", _listed("*")),
    (rf"\b(?:average|mean) (?:of|between) {_SOME}{_LAST}", _average),
    (rf"\bdifference (?:between|of) ({QUANTITY}) and ({QUANTITY})\b(?! %){_LAST}", _difference),
    (rf"\bquotient of {_N} and {_N}", r"( \1 / \2 )"),
    (rf"\bremainder (?:of|when) {_N} (?:is )?divided by {_N}", r"[ \1 mod \2 ] "),
    (rf"\badd {_SOME}", lambda found: f"[ {' + '.join(_numbers(found[1]))} ] "),
    (rf"\badd {_N} (?:to|with) {_N}", r"[ \2 + \1 ] "),
    (rf"\bmultiply {_N} (?:and|by|with|times) {_N}", r"[ \1 * \2 ] "),
    (rf"\bdivide {_N} (?:by|through) {_N}", r"[ \1 / \2 ] "),
    (rf"\b(?:subtract|deduct|take(?: away)?) {_N} (?:away )?(?:from|off(?: of)?) {_N}", r"[ \2 - \1 ] "),
    (rf"({QUANTITY} %) off(?: of)? {_N}", r"[ \2 - \1 ] "),
    (rf"\b(?:increase|raise) {_N} by {_N}", r"[ \1 + \2 ] "),
    (rf"\b(?:decrease|reduce|lower) {_N} by {_N}", r"[ \1 - \2 ] "),
    (
        rf"({QUANTITY} %) (?:tip|tax|sales tax|vat) (?:on|for|of) (?:an? )?{_N}(?: (?:bill|meal|dinner|check)\b)?",
        r"[ \1 * \2 ] ",
    ),
    (rf"\btip ({QUANTITY} %) on (?:an? )?{_N}(?: (?:bill|meal|dinner|check)\b)?", r"[ \1 * \2 ] "),
    (rf"{_N} less than {_N}", r"[ \2 - \1 ] "),
    (rf"{_N} more than {_N}", r"[ \2 + \1 ] "),
    (rf"\bhow many times (?:does|do|will|can) {_N} go into {_N}", r"[ \2 / \1 ] "),
    (rf"{_N} goes into {_N}", r"[ \2 / \1 ] "),
    (rf"\bsquare of {_THING}", r"\1 ^ 2"),
    (rf"\bcube of {_THING}", r"\1 ^ 3"),
    (r"\b(?:raised )?to (?:the )?power(?: of)?\b|\b(?:raised )?to (?=\d+ (?:th )?power)", "^"),
    (r"\b(?:raised )?to (\d+)th\b(?: power\b)?", r"^ \1"),
    (r"(?<=\d) (?:th )?power\b", ""),
    (r"\bmultiplied (?:by|with)\b|\btimes\b|(?<=\d )x(?= \d)", "*"),
    (r"\bdivided (?:by|through)\b|(?<=\d )over(?= \d)", "/"),
    (r"\bplus\b|\badded to\b", "+"),
    (r"\bminus\b|\btake away\b|\bnegative\b|\bless\b(?= \d)", "-"),
    (r"\bsquared\b", "^ 2"),
    (r"\bcubed\b", "^ 3"),
    (r"\b(?:cube|cubic|3th) root (?:of|from)\b", "∛"),
    (r"\b(?:square )?root (?:of|from)\b", "√"),
    (r"% of\b", "% *"),
    (r"(?<!\S)(\d+) / (\d+) of (?=[-\d(√∛])", r"( \1 / \2 ) * "),
    (r"(?<!\S)(\d+\.\d+|\d+/\d+) (?:of )?(?=\()|(?<!\S)(\d+\.\d+|\d+/\d+) of (?=[-\d√∛])", r"\1\2 * "),
    (r"\b(?:double|twice)(?: of)?(?= [\d(√])", "2 *"),
    (r"\btriple(?: of)?(?= [\d(√])", "3 *"),
    (r"\bmod(?:ulo)?\b", "mod"),
    (r"\b(?:open|left) (?:parenthes[ei]s|paren|brackets?)\b", "("),
    (r"\b(?:close|closed|right) (?:parenthes[ei]s|paren|brackets?)\b", ")"),
    (r"([-+*/]) (?:to|too)\b", r"\1 2"),
    (r"([-+*/]) for\b", r"\1 4"),
)
_ZH: Final[tuple[tuple[str, Rewrite], ...]] = (
    (rf"{_N} (?:占|是) {_N} 的百分之[几多]少?", rf"[ \1 / \2 ] {AS_PERCENT} "),
    (rf"{_N} 的百分之[几多]少?是 {_N}", rf"[ \2 / \1 ] {AS_PERCENT} "),
    (rf"{_N} 打 {_N} 折", _reduced),
    (rf"{_SOME} 的?(?:总?和|一共|总共)", _listed("+")),
    (rf"{_SOME} 的?(?:乘?积)", _listed("*")),
    (rf"{_SOME} 的?平均[数值]?", _average),
    (rf"({QUANTITY}) [和与跟] ({QUANTITY}) 的?差", _difference),
    (rf"{_N} [和与跟] {_N} 的?商", r"( \1 / \2 ) "),
    (rf"{_N} 加上? {_N} 的和", r"( \1 + \2 ) "),
    (rf"{_N} 减去? {_N} 的差", r"( \1 - \2 ) "),
    (rf"{_N} 除以 {_N} (?:的余数|余[几数多]少?)", r"[ \1 mod \2 ] "),
    (rf"从 {_N} (?:里面?|中)?减[去掉]? {_N}", r"[ \1 - \2 ] "),
    (rf"比 {_N} [多大] {_N}", r"[ \1 + \2 ] "),
    (rf"比 {_N} [少小] {_N}", r"[ \1 - \2 ] "),
    (rf"{_N} 比 {_N} [多大](?:多少|几)", r"[ \1 - \2 ] "),
    (rf"{_N} 比 {_N} [少小](?:多少|几)", r"[ \2 - \1 ] "),
    (rf"{_N} (?:增加|涨|提高)了? {_N}", r"[ \1 + \2 ] "),
    (rf"{_N} (?:减少|降低?)了? {_N}", r"[ \1 - \2 ] "),
    (r"根号", "√"),
    (rf"{_N} 的平方根", r"√ \1 "),
    (rf"{_N} 的立方根", r"∛ \1 "),
    (rf"{_N} 的? ?{_N} 次方", r"\1 ^ \2 "),
    (rf"{_N} 的平方", r"\1 ^ 2 "),
    (rf"{_N} 的立方", r"\1 ^ 3 "),
    (rf"{_N} 的 1 半", r"\1 / 2 "),
    (rf"{_N} 的 {_N} 倍", r"\1 * \2 "),
    (rf"({QUANTITY}) 的 ({QUANTITY} %)", r"\2 * \1 "),
    (rf"{_N} 的 (\d+/\d+|0\.\d+)", r"\1 * \2 "),
    (r"加上?(?= )", "+"),
    (r"减去?(?= )", "-"),
    (r"乘[以上]?(?= )", "*"),
    (r"除以(?= )", "/"),
    (r"左括号", "("),
    (r"右括号", ")"),
)
_PHRASES: Final = tuple((re.compile(pattern), signs) for pattern, signs in _EN + _ZH)
_MONEY: Final = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yuan", "buck": "dollar", "块": "yuan", "元": "yuan"}
_CURRENCY = re.compile(r"[$€£¥]|\b(dollar|buck|euro|pound|yuan)s?\b|块钱?(?! ?[\d半])|[美欧日]?元")


def in_signs(text: str, raw: str) -> str:
    """The text of `digits` with all its arithmetic in signs; what is none stays words.

    `raw` is what was said: amounts in two currencies keep their names, since they make no sum.
    """
    currencies = {_MONEY.get(name := found[1] or found[0], name) for found in _CURRENCY.finditer(raw.lower())}
    if len(currencies) == 1:
        text = " ".join(_CURRENCY.sub(" ", text).split())
    text = with_ordinals(with_fractions(text))
    for pattern, signs in _PHRASES:
        text = pattern.sub(signs, text)
    return text
