"""Cuts a streamed reply into clauses that can be spoken one by one, the first as early as it can be told.

A state machine that takes one character at a time, so that the cost is linear and how the stream is cut into pieces
hardly matters: only the very first clause, where every token counts, may end with the piece instead of one character
later.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pipeline.words import words


@dataclass(frozen=True, slots=True)
class Pace:
    """When a clause ends, in words; two characters of a script without spaces count as one word."""

    least: float
    """Words there must be before a comma, colon or dash, for the clause to end there."""
    comma: float
    """Words at which the clause ends at the last comma it has passed; none passed, at the next."""
    gap: float
    """Words from which it ends between two words, where the place is good."""
    most: float
    """Words at which it ends between two words, good place or not."""


PACES = (Pace(2, 2, 5, 8), Pace(4, 12, 20, 28), Pace(4, 25, 35, 40))
"""For the first clause, whose sound is waited for; the second, which must be there when the first has been heard
(five words last some 1.5 s); and all others."""

LONGEST_WORD = 600
"""Characters after which a clause ends even inside a word, an address or a code span."""

LONGEST_LABEL = 80
"""Characters after which a bracket that nothing has closed is no link."""

ENDS = ".!?…。！？"
PAUSES = ";:—；："
COMMAS = ",，、"
WIDE = "。！？；：，、…—"
"""Marks that need no space behind them."""

OPENERS = frozenset('"“‘(（[【「『《*_`')
CLOSERS = frozenset("\"”’')）]】」』》»}*_~")

TITLES = words("mr mrs ms mx dr prof st mt ft gen sen rep gov capt col lt sgt rev hon vs e.g i.e cf viz approx dept")
"""Abbreviations that never end a sentence."""

MAY_END = words("etc inc ltd co corp jr sr bros a.m p.m")
"""Abbreviations that end a sentence unless a small letter follows, or a dash."""

BEFORE_NUMBER = words("no nos vol p pp ch fig figs sec art jan feb mar apr jun jul aug sep sept oct nov dec")
"""Words that are abbreviations only when a digit follows."""

WEAK = words("""a an the this that these those my your his her its our their some any no every each all both
    and or but nor so because if when while as than then that which who whom whose what how why where whether
    of to in on at by for from with without into onto over under about between through during before after
    i you he she it we they there is are am was were be been being do does did have has had can could will would
    shall should may might must not very really quite too more most less just also only even still almost
    i'm you're he's she's it's we're they're i've we've you've i'll you'll we'll it'll let's don't doesn't can't won't
    one two three four five six seven eight nine ten hundred thousand million
    january february april june july august september october november december""")
"""Words that lean on the next: no good place to stop."""

GOOD_AFTER = frozenset("的了着过吧呢啊吗呀地得")
GOOD_BEFORE = frozenset("和与或但而就也都还在是把被对从给让因所如并")

_INITIALS = re.compile(r"(?:[a-z]{1,2}\.)+[a-z]{1,2}|[a-hj-z]")
_LIST_MARKER = re.compile(r"[\s>*_#-]*(?:\d{1,3}|[A-Za-z])[.)][*_]*")
_TAIL = re.compile(rf"(?<!\S)(\S*?)([{re.escape(ENDS + PAUSES + COMMAS)}]+)([{re.escape(''.join(CLOSERS))}]*)$")
_CODE = re.compile(r"(?:\b(?:code|pin|otp|zip|password|passcode)|[码号令编][是为]?)$", re.IGNORECASE)
"""Names what is read digit by digit, if it is said with it."""
_WORD_EDGES = "".join(OPENERS | CLOSERS) + ",;:"

Kind = Literal["end", "pause", "comma"]


def first_clause() -> Callable[[str], bool]:
    """Takes the pieces of one reply, and says whether it is on its way: a clause of it can be spoken, or it is in a
    block of code, which is one clause however long it is.
    """
    clauses = Clauses()
    return lambda piece: bool(clauses.add(piece)) or clauses.in_code


class Clauses:
    """One reply on its way to the voice. The clauses joined are the reply, but for space at its very end.

    Every clause has a letter or a digit in it, but perhaps the last (an emoji left over).
    """

    def __init__(self) -> None:
        self._ready: list[str] = []
        self._count = 0
        self._quoted = False
        self._begin()

    @property
    def in_code(self) -> bool:
        """Whether a block of code is open."""
        return self._spans.fence

    def add(self, piece: str) -> list[str]:
        """Take the next piece of the stream; returns the clauses that are complete now, raw, in order."""
        for char in piece:
            self._step(char)
        if self._count == 0 and self._certain():
            self._end_at_mark(_TAIL.search(self._last(40)), self._mark)
        return self._take()

    def finish(self) -> list[str]:
        """The stream is over: returns what is left."""
        rest = "".join(self._chars)
        if rest.strip():
            self._ready.append(rest)
        self._begin()
        return self._take()

    def _begin(self) -> None:
        self._chars: list[str] = []
        self._words = 0.0
        self._in_word = False
        self._spoken = -1  # index of the first letter or digit
        self._mark = 0  # where the mark being weighed ends; 0: none is
        self._comma = 0  # where the last comma passed ends
        self._spans = _Spans()

    def _take(self) -> list[str]:
        ready, self._ready = self._ready, []
        return ready

    def _step(self, char: str) -> None:
        if self._mark:
            if len(self._chars) == self._mark and self._extends(char):
                self._mark += 1
            else:
                self._weigh(char)
        if char == "\n" and not self._spans.fence:
            self._cut(len(self._chars))
        elif not self._spans.inside:
            self._shorten(char)
        if self._spoken >= 0 and len(self._chars) - self._spoken >= LONGEST_WORD and not self._spans.fence:
            self._cut(len(self._chars))
        self._append(char)

    def _append(self, char: str) -> None:
        self._spans.step(char, self._chars[-1] if self._chars else "")
        self._chars.append(char)
        if _unspaced(char):
            self._words += 0.5
            self._in_word = False
        elif char.isspace():
            self._in_word = False
        elif char.isalnum() and not self._in_word:
            self._words += 1
            self._in_word = True
        if self._spoken < 0:
            if char.isalnum():
                self._spoken = len(self._chars) - 1
        elif not self._mark and (char in ENDS or char in PAUSES or char in COMMAS) and not self._spans.inside:
            self._mark = len(self._chars)

    def _extends(self, char: str) -> bool:
        """Whether `char` belongs to the mark right before it: a second dot, a closing quote."""
        if char == '"':  # opening and closing look the same
            return self._quoted ^ (self._chars.count('"') % 2 == 1)
        return char in CLOSERS or ((char in ENDS or char == "—") and self._chars[-1] not in COMMAS)

    def _weigh(self, char: str) -> None:
        """Decide on the mark, now that `char` is known to follow it; space may not be enough to tell."""
        tail = _TAIL.search(self._last(40, self._mark))
        gap = char.isspace() or len(self._chars) > self._mark
        verdict = _breaks(tail, gap, "" if char.isspace() else char) if tail else False
        if verdict is None:
            return
        mark, self._mark = self._mark, 0
        if verdict:
            self._end_at_mark(tail, mark)

    def _certain(self) -> bool:
        """Whether the text ends in a mark that nothing which follows can take back."""
        if not self._mark or self._mark != len(self._chars) or self._quoted or not OPENERS.isdisjoint(self._chars):
            return False
        if self._chars[-1] in "。！？；，、":
            return not self._chars[-2].isdigit()
        return self._chars[-1] in "!?," and "".join(self._chars[-3:-1]).isalpha()

    def _end_at_mark(self, tail: "re.Match[str] | None", end: int) -> None:
        kind = _kind(tail[2]) if tail else "comma"
        pace = self._pace()
        if kind == "end":
            self._cut(end)
        elif self._words >= pace.least:
            self._comma = end
            if kind == "pause" or self._words >= pace.comma:
                self._cut(end)

    def _shorten(self, char: str) -> None:
        """End a clause that has grown long, right before `char`."""
        pace = self._pace()
        if self._comma and self._words > pace.comma:
            self._cut(self._comma)
        elif self._words >= pace.gap and not self._mark:
            place = self._place(char)
            if place == "good" or (place == "poor" and self._words >= pace.most):
                self._cut(len(self._chars))

    def _place(self, char: str) -> Literal["none", "poor", "good"]:
        """How well a clause would end between the text so far and `char`."""
        last = self._chars[-1]
        if char.isspace():
            if last.isspace():
                return "none"
            word = self._last(40).split()[-1].strip(_WORD_EDGES).lower()
            if word and not any(char.isalnum() for char in word):
                return "none"  # the sign in a sum
            return "poor" if word in WEAK or word.endswith(".") or word[-1:].isdigit() else "good"
        if not _unspaced(char) or not last.isalnum() or last.isdigit():  # 2点
            return "none"
        return "good" if _unspaced(last) and (last in GOOD_AFTER or char in GOOD_BEFORE) else "poor"

    def _pace(self) -> Pace:
        return PACES[min(self._count, len(PACES) - 1)]

    def _last(self, count: int, end: int | None = None) -> str:
        """Up to `count` characters before `end`."""
        end = len(self._chars) if end is None else end
        return "".join(self._chars[max(0, end - count) : end])

    def _cut(self, end: int) -> None:
        """End the clause at `end`, unless nothing in it could be said; what lies behind begins the next."""
        if self._spoken < 0 or (end < 16 and _LIST_MARKER.fullmatch("".join(self._chars[:end]))):
            return
        clause, rest = "".join(self._chars[:end]), self._chars[end:]
        self._ready.append(clause)
        self._count += 1
        self._quoted ^= clause.count('"') % 2 == 1
        self._begin()
        for char in rest:
            self._step(char)


class _Spans:
    """Where no clause may end: code, and links with their targets."""

    def __init__(self) -> None:
        self.fence = False
        self._code = self._target = False
        self._label = 0  # its length so far; 0: there is none
        self._parentheses = 0  # open ones in it
        self._ticks = 0

    @property
    def inside(self) -> bool:
        return self.fence or self._code or self._label > 0 or self._target

    def step(self, char: str, last: str) -> None:
        if char == "`":
            self._ticks += 1
            self.fence ^= self._ticks == 3
            return
        if 0 < self._ticks < 3 and not self.fence:
            self._code = not self._code
        self._ticks = 0
        if self.fence:
            return
        if char == "\n":
            self._code = self._target = False
            self._label = 0
        elif self._target:
            self._target = char != ")"
        elif not self._code:
            self._target = char == "(" and last == "]"
            if self._label:
                self._label_on(char)
            elif char == "[":
                self._label, self._parentheses = 1, 0

    def _label_on(self, char: str) -> None:
        """Whether `char` ends the label: what opens so may be an interval, [0, 1), or just a bracket."""
        self._parentheses += (char == "(") - (char == ")")
        ends = char == "]" or self._parentheses < 0 or self._label == LONGEST_LABEL
        self._label = 0 if ends else self._label + 1


def _breaks(tail: "re.Match[str]", gap: bool, following: str) -> bool | None:
    """Whether text ending in `tail` may be cut there; None if that takes the next visible character to tell.

    `gap`: space follows. `following`: the next visible character, empty while it is unknown.
    """
    word, mark, closers = tail.groups()
    if mark == ".":
        return _full_stop_breaks(word, closers, gap, following)
    if not gap and not (mark[-1] in WIDE or mark.startswith("..") or _unspaced(following)):
        return False
    if word[-1:].isdigit() and _kind(mark) != "end":  # 10:30, 1,000 and "3, 2021"
        return not following.isdigit() if following else None
    if mark[-1] in ":：" and _CODE.search(word):
        return not following.isdigit() if following else None
    return _sentence_breaks(closers, following) if _kind(mark) == "end" else True


def _full_stop_breaks(word: str, closers: str, gap: bool, following: str) -> bool | None:
    word = word.strip(_WORD_EDGES).lower()
    if not gap:
        return _unspaced(following)
    if word in TITLES:
        return False
    if word in BEFORE_NUMBER:
        return not following.isdigit() if following else None
    if word in MAY_END:
        return not following.islower() and following not in "-–—" if following else None
    return not _INITIALS.fullmatch(word) and _sentence_breaks(closers, following)


def _sentence_breaks(closers: str, following: str) -> bool | None:
    """A sentence ends, but not inside "Stop!" he said."""
    if not closers:
        return True
    return not following.islower() if following else None


def _kind(mark: str) -> Kind:
    if any(char in ENDS for char in mark):
        return "end"
    return "pause" if any(char in PAUSES for char in mark) else "comma"


def _unspaced(char: str) -> bool:
    """Han and kana: scripts that put no spaces between words."""
    return "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"
