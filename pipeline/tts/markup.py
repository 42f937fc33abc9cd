"""Takes away what is written for the eye: markdown, HTML, emoji, addresses. Knows no language but a few stand-ins."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.tts.tex import without_tex


@dataclass(frozen=True, slots=True)
class StandIns:
    """What is said in place of things that cannot be."""

    code: str = ""
    """For a block of code; empty: nothing is said."""
    dot: str = "."
    """For the dot in example.com."""
    at: str = "@"
    """For the @ in a mail address."""
    item: str = r"\g<0>"
    """For the number of a list item: a replacement for its match, whose group 1 is the number."""
    pause: str = ", "
    """Put between the cells of a table."""
    stop: str = "."
    """Put behind a line without a mark at its end, when another line follows."""


STAND_INS: Mapping[str, StandIns] = {
    "en": StandIns(code="some code", dot=" dot ", at=" at ", item=r"\1, "),
    "zh": StandIns(code="一段代码", dot="点", at=" at ", item=r"\1，", pause="，", stop="。"),
}
"""By ISO 639-1 code; other languages get the defaults."""

_PLAIN = StandIns()
_TAG_NAMES = (
    "a|abbr|audio|b|big|blockquote|body|br|break|button|center|code|dd|del|details|div|dl|dt|em|emphasis|font|form|h[1-6]"
    "|head|hr|html|i|iframe|img|input|ins|kbd|label|li|link|mark|meta|ol|p|path|pre|prosody|q|s|script|section|small|span"
    "|speak|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|think|tr|tt|u|ul|var|video|voice"
)

_ESCAPE = re.compile(r"\\+(?=[!-/:-@\[-`{-~])")
_FENCE = re.compile(r"(```|~~~).*?(?:\1+|\Z)", re.DOTALL)
_LINE_TAG = re.compile(r"<(?:br|/?p|/?li|/?div|/?tr|/?h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(rf"<!--.*?-->|<(?:{_TAG_NAMES})\b[^<>]{{0,300}}>|</[a-z][\w-]*>", re.DOTALL | re.IGNORECASE)
_IMAGE_OR_LINK = re.compile(
    r"!?\[([^\[\]]{0,500})\](?:\((?:[^()]|\([^()]{0,200}\)){0,500}\)|\[[^\[\]]{0,200}\])"
    r"|^[ \t]*\[[^\[\]\n]{1,200}\]:\s.*$",
    re.MULTILINE,
)
_FOOTNOTE = re.compile(
    r"\s?\[\^[^\]]{1,40}\]:?|(?<=[\w.,!?。！？，”\")])\[\d{1,3}(?:[,–-]\s?\d{1,3})*\]|(?<=[a-z]{3})(?<!sin)(?<!cos)(?<!tan)[¹²³⁰⁴-⁹]+|【\d+†[^】]{0,80}】"
)
_EMOJI = re.compile(
    "(?:[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff\u25a0-\u25ff][\ufe0e\ufe0f\u200d]*)+"
)
_INVISIBLE = re.compile(
    "[\ufe0e\ufe0f\u20e3\u200b\u2060\ufeff\ufffd©®™℠\U000e0020-\U000e007f\ue000-\uf8ff\ud800-\udfff"
    "\x00-\x08\x0b-\x1f\x7f]"
)
_EMAIL = re.compile(
    r"(?:mailto:)?\b([\w.+-]{1,64})@((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})\b", re.ASCII | re.IGNORECASE
)
_URL = re.compile(
    r"<?(?<![a-z])(?:(?:https?|wss?|ftp|file|git|ssh)://(?:[^\s/@]{1,80}@)?|www\.)([a-z0-9.\-]{1,253})(?::\d{1,5})?"
    r"([/?#](?:[^\s<>()（），。！？；、”\"]|\([^\s()]{0,80}\))*)?>?",
    re.ASCII | re.IGNORECASE,
)
_DOTTED = re.compile(
    r"(?<![\w.@-])((?:[a-z][\w-]{1,62}\.){1,8}(?-i:[a-z]{2}[a-z0-9]{0,22}))(/[\w./?=&%#~+-]*)?(?![\w@])",
    re.ASCII | re.IGNORECASE,
)
_LINE_START = re.compile(r"(?:(?:#{1,6}|>+|[-*+•·–—]|\[[ xX]\])(?:\s+|$))+")
_SIGN = re.compile(r"^ +([+−]|-(?=.*=)) (?=[\d(a-z])")
"""In the middle of a line, where a clause may begin: of a sum, and no mark of a list."""
_ITEM = re.compile(r"(\d{1,3})[.)]\s+(?=\S)", re.ASCII)
_RULE = re.compile(r"[\s|:]*(?:[-=_*~+][\s|:]*){2,}|[\s|:]+")
_EMPHASIS = re.compile(r"(?<![\d*])\*{2,}|\*{2,}(?![\d*])|~~+|`+|(?<![\d*])\*(?![\s*])|(?<![\s*])\*(?![\d*])")
_SNAKE = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")


def plain(text: str, language: str) -> str:
    """The words of `text` on one line, with its punctuation; numbers and the symbols of sentences stay."""
    say = STAND_INS.get(language, _PLAIN)
    text = _INVISIBLE.sub("", _EMOJI.sub(" ", _unescape(without_tex(_SIGN.sub(r"\1", text.replace("\r", "\n"))))))
    text = _FENCE.sub(f"\n{say.code}\n", text)
    text = _TAG.sub("", _LINE_TAG.sub("\n", text))
    text = _FOOTNOTE.sub("", text)
    text = _IMAGE_OR_LINK.sub(r"\1", _IMAGE_OR_LINK.sub(r"\1", text))  # twice: an image may be a link's label
    text = _addresses(text, say)
    lines = (_line(line, say) for line in text.splitlines())
    return _join([line for line in lines if line], say.stop)


def _unescape(text: str) -> str:
    """HTML entities and markdown's backslashes taken off, however many there are."""
    while "&" in text and (once := html.unescape(text)) != text:
        text = once
    return _ESCAPE.sub("", text).replace("\\", " ")


def _addresses(text: str, say: StandIns) -> str:
    """Web addresses shrink to their host; hosts, mail addresses and file names are spelled as people say them."""

    def spelled(name: str) -> str:
        return name.strip(".").replace(".", say.dot)

    def host(match: re.Match[str]) -> str:
        last = match[0].rstrip(">")[-1]
        return spelled(re.sub(r"^www\.", "", match[1], flags=re.IGNORECASE)) + (last if last in ".,!?:;" else "")

    def dotted(match: re.Match[str]) -> str:
        last = (match[2] or "/")[-1]
        return spelled(match[1]) + (last if last in ".?" else "")

    text = _EMAIL.sub(lambda match: spelled(match[1]) + say.at + spelled(match[2]), text)
    return _DOTTED.sub(dotted, _URL.sub(host, text))


def _line(line: str, say: StandIns) -> str:
    """One line without the markdown of lines, tables and words."""
    line = line.strip()
    if not line or _RULE.fullmatch(line):
        return ""
    line = _ITEM.sub(say.item, _LINE_START.sub("", line, count=1), count=1) if _LINE_START.match(line) else line
    if _ITEM.match(line):
        line = _ITEM.sub(say.item, line, count=1)
    if line.startswith("|") or line.count("|") > 1:
        line = say.pause.join(cell.strip() for cell in line.split("|") if cell.strip())
    return _SNAKE.sub(" ", _EMPHASIS.sub("", line)).replace("_", "").strip()


def _join(lines: list[str], stop: str) -> str:
    """Lines as sentences of one line."""
    ended = [line + (stop if line[-1].isalnum() or line[-1] in ")）%" else "") for line in lines[:-1]]
    return " ".join([*ended, *lines[-1:]])
