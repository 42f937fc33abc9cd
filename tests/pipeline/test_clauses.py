"""Where a streamed reply is cut: first early, then at sentence ends, never inside what belongs together."""

import random
import sys
from collections.abc import Iterable, Sequence
from types import FrameType

import pytest

from pipeline.tts.clauses import LONGEST_LABEL, LONGEST_WORD, Clauses, first_clause


def cut(pieces: Iterable[str]) -> list[str]:
    clauses = Clauses()
    return [*(clause for piece in pieces for clause in clauses.add(piece)), *clauses.finish()]


def by_token(text: str) -> list[str]:
    """Pieces as a model streams them: a word with the space before it, a mark of its own."""
    pieces: list[str] = []
    for char in text:
        if pieces and char.isalnum() and (pieces[-1] == " " or (char.isascii() and pieces[-1][-1:].isalnum())):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def first_after(pieces: Sequence[str]) -> tuple[str, str]:
    """The first clause, and the text that had been streamed when it came."""
    clauses, seen = Clauses(), ""
    for piece in pieces:
        seen += piece
        if ready := clauses.add(piece):
            return ready[0], seen
    return clauses.finish()[0], seen


ENGLISH = [
    ("Sure! I can help.", ["Sure!", " I can help."]),
    ("Yes, I can help you with that today.", ["Yes, I can help you with that today."]),
    ("Yes, I can help you with that problem today.", ["Yes, I can help you with that problem", " today."]),
    ("Yes, of course, here you go.", ["Yes, of course,", " here you go."]),
    ("Well, hello there.", ["Well, hello there."]),
    ("The capital of France is Paris, on the Seine.", ["The capital of France is Paris,", " on the Seine."]),
    ("I think it is going to rain tomorrow.", ["I think it is going", " to rain tomorrow."]),
    ("One two. Three four. Five six.", ["One two.", " Three four.", " Five six."]),
    ("Hmm... let me think.", ["Hmm...", " let me think."]),
    ("Wait… what? OK.", ["Wait…", " what?", " OK."]),
    ("Your code: 4711.", ["Your code: 4711."]),
    ("Apollo 11 landed there on July 20.", ["Apollo 11 landed there on July 20."]),
    ("I think that we have 7 + 4 left.", ["I think that we have 7 + 4 left."]),
    ("The big dog — the one I saw.", ["The big dog —", " the one I saw."]),
    (
        "Fine. He said no: he was tired of it; she was not.",
        ["Fine.", " He said no: he was tired of it;", " she was not."],
    ),
]

TOGETHER = [
    "Dr. Smith paid $3.14 today.",
    "It costs 1,000 dollars.",
    "Meet me at 10:30 tonight.",
    "Mr. and Mrs. Brown live.",
    "The U.S. Army is big.",
    "J. K. Rowling wrote it.",
    "He has a Ph.D. in it.",
    "I like fruit e.g. apples.",
    "Use No. 5 now.",
    "See Fig. 3 there.",
    "Tea, etc. is fine.",
    "At 3 p.m. we left.",
    "9 a.m. - 5 p.m. daily.",
    "Visit example.com now.",
    "See https://a.b/c?x=1,2!y now.",
    "Mail me@x.org now.",
    "Open main.py please.",
    "Version 1.2.3 is out.",
    "Run `a.b(c). d!` now.",
    "See [Dr. Who! Yes. No](http://x.y/z) now.",
    'She said "Stop!" and left.',
    "On June 3, 2021 it rained.",
    "1. Open the lid",
    "1) Open it",
    "**1.** Open it",
    "- Milk",
    "😀! Hello you.",
    "... and so on.",
]

LATER = [
    ("What?! No way. Really?? Yes.", [" What?!", " No way.", " Really??", " Yes."]),
    ("At 3 p.m. The end.", [" At 3 p.m.", " The end."]),
    ("Apples, pears, etc. Then plums.", [" Apples, pears, etc.", " Then plums."]),
    ("I said no. I left.", [" I said no.", " I left."]),
    ("Go to example.com. It is good.", [" Go to example.com.", " It is good."]),
    ("It is 3. It was 4.5. Yes.", [" It is 3.", " It was 4.5.", " Yes."]),
    ('"I am here." "Are you?" (So what.) Fine.', [' "I am here."', ' "Are you?"', " (So what.)", " Fine."]),
    ("**Bold one.** Then more.", [" **Bold one.**", " Then more."]),
    ("It was great 😊! Bye 😊", [" It was great 😊!", " Bye 😊"]),
    ("Look:\n- Milk\n- Eggs\n\n1. Boil.\n2. Eat", [" Look:", "\n- Milk", "\n- Eggs", "\n\n1. Boil.", "\n2. Eat"]),
    ("Run:\n```py\na. b\n\nc! d\n```\nDone. Bye.", [" Run:", "\n```py\na. b\n\nc! d\n```", "\nDone.", " Bye."]),
    ("On [0, 1) it grows. Yes.", [" On [0, 1) it grows.", " Yes."]),
    ("In [Mars (planet). It](x.y) it is.", [" In [Mars (planet). It](x.y) it is."]),
    ("| A | B |\n|---|---|\n| cc. d | e |", [" | A | B |", "\n|---|---|\n| cc.", " d | e |"]),
]

CHINESE = [
    ("你好！今天天气很好，我们去公园玩吧。", ["你好！", "今天天气很好，我们去公园玩吧。"]),
    ("今天天气很好，我们去公园玩吧。", ["今天天气很好，", "我们去公园玩吧。"]),
    ("好，我来帮你，请稍等。", ["好，我来帮你，", "请稍等。"]),
    ("我觉得这个问题其实没有那么简单因为它很难", ["我觉得这个问题其实没有那么简单", "因为它很难"]),
    ("价格是3.5元。时间是10：30。对吗？", ["价格是3.5元。", "时间是10：30。", "对吗？"]),
    ('他说："你好。"然后走了。', ['他说："你好。"', "然后走了。"]),
    ("他说：“你好。”然后走了。", ["他说：“你好。”", "然后走了。"]),
    ("我用AI.你呢", ["我用AI.", "你呢"]),
    ("他在1949年10月1日10点30分20秒到达", ["他在1949年10月1日10点30分20秒", "到达"]),
    ("您的验证码是：384921。", ["您的验证码是：384921。"]),
    ("好的……我想想。", ["好的……", "我想想。"]),
]


@pytest.mark.parametrize(("text", "clauses"), ENGLISH + CHINESE)
def test_a_reply_is_cut_into_clauses(text: str, clauses: list[str]) -> None:
    assert cut([text]) == clauses
    assert cut(text) == clauses
    assert cut(by_token(text)) == clauses


@pytest.mark.parametrize("text", TOGETHER)
def test_what_belongs_together_stays_together(text: str) -> None:
    for pieces in ([text], text, by_token(text)):
        assert [clause.strip() for clause in cut(["Fine. ", *pieces])] == ["Fine.", text]


@pytest.mark.parametrize(("text", "clauses"), LATER)
def test_later_clauses_are_sentences(text: str, clauses: list[str]) -> None:
    for pieces in ([text], text, by_token(text)):
        assert cut(["Fine. ", *pieces]) == ["Fine.", *clauses]


@pytest.mark.parametrize(
    ("pieces", "first", "seen"),
    [
        (["Sure", "!", " I", " can"], "Sure!", "Sure!"),
        (["Of", " course", ",", " I"], "Of course,", "Of course,"),
        (["Is", " that", " so", "?", " Yes"], "Is that so?", "Is that so?"),
        (["I'm", " fine", ",", " you"], "I'm fine,", "I'm fine,"),
        (["It", " is", " done", ".", " Bye"], "It is done.", "It is done. Bye"),
        (["See", " example", ".", "com", " now"], "See example.com now", "See example.com now"),
        (["It", " costs", " 3", ",", "000", " now"], "It costs 3,000 now", "It costs 3,000 now"),
        (["About", " 3", ",", " yes", " 4"], "About 3,", "About 3, yes"),
        (['"Well', " done", "!", '"', " he"], '"Well done!" he', '"Well done!" he'),
        (
            ["We", " all", " live", " in", " a", " yellow", " boat", " now"],
            "We all live in a yellow",
            "We all live in a yellow boat",
        ),
        (["今天", "天气", "很好", "，", "我们"], "今天天气很好，", "今天天气很好，"),
        (["好的", "。", "我"], "好的。", "好的。"),
        (["价格", "是", "3", "，", "000"], "价格是3，000", "价格是3，000"),
    ],
)
def test_the_first_clause_comes_as_soon_as_it_is_certain(pieces: list[str], first: str, seen: str) -> None:
    assert first_after(pieces) == (first, seen)


def test_a_first_clause_without_marks_ends_after_five_to_eight_words() -> None:
    plain = "Photosynthesis turns light water carbon dioxide and minerals into sugar"
    leaning = "It is of the and to in on at by for from"
    assert first_after(by_token(plain))[0] == "Photosynthesis turns light water carbon"
    assert first_after(by_token(leaning))[0] == "It is of the and to in on"


def test_a_first_clause_of_chinese_without_marks_ends_within_sixteen_characters() -> None:
    assert len(cut("光合作用能够利用阳光水分以及二氧化碳制造糖类物质")[0]) <= 16


def test_a_long_sentence_is_cut_at_its_last_comma() -> None:
    half = " ".join(f"word{chr(97 + n)}" for n in range(15))
    clauses = cut(f"Fine. Good then. {half}, {half}, {half}.")
    assert clauses[2:] == [f" {half},", f" {half},", f" {half}."]


def test_no_clause_is_longer_than_forty_words() -> None:
    clauses = cut("Fine. Good. " + " ".join(["word"] * 500))
    assert max(len(clause.split()) for clause in clauses) <= 40
    assert max(len(clause) for clause in cut("好。行。" + "光合作用" * 500)) <= 80


def test_even_a_word_without_end_is_cut() -> None:
    for endless in ("a" * 5000, "`" + "a b. " * 1000, "[" + "a b. " * 1000, "http://" + "x/" * 2000):
        assert max(len(clause) for clause in cut(endless)) <= LONGEST_WORD + 10


def test_a_bracket_that_nothing_closes_ends_no_later_than_a_label() -> None:
    clauses = cut("Fine. See [1 for that. " + "It is so. " * 20)
    assert len(clauses[1]) < LONGEST_LABEL + 30
    assert set(clauses[2:]) == {" It is so."}


@pytest.mark.parametrize(
    ("pieces", "at"),
    [
        (["Sure", "!", " I", " can"], 1),
        (["It", " is", " late", "."], None),
        (["```", "py", "\n", "x"], 0),
        (["Run", ":", "\n", "```"], 2),
        (["``", "`", "py"], 1),
        (["`", "a", ".", " b"], None),
    ],
)
def test_a_reply_is_on_its_way_with_a_clause_or_a_block_of_code(pieces: list[str], at: int | None) -> None:
    begins = first_clause()
    assert next((number for number, piece in enumerate(pieces) if begins(piece)), None) == at


def test_nothing_comes_of_nothing() -> None:
    assert cut([]) == []
    assert cut(["", " ", "\n\n"]) == []
    assert cut(["😀"]) == ["😀"]


SCRAPS = [
    *(
        "the",
        "of",
        "Paris",
        "Dr.",
        "e.g.",
        "U.S.",
        "p.m.",
        "3.14",
        "1,000",
        "10:30",
        "No.",
        "5",
        "example.com",
        "a@b.org",
    ),
    *(
        ".",
        ",",
        "!",
        "?",
        "...",
        "…",
        ":",
        ";",
        "—",
        '"',
        "(",
        ")",
        "“",
        "”",
        "*",
        "**",
        "`",
        "```",
        "[",
        "](",
        "_",
        "#",
    ),
    *(
        " ",
        " ",
        " ",
        " ",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "你好",
        "，",
        "。",
        "！",
        "我们的",
        "3",
        "：",
        "30",
        "😀",
        "https://x.y/z?a=b",
    ),
]


def texts(count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    return ["".join(dice.choices(SCRAPS, k=dice.randint(1, 80))) for _ in range(count)]


def test_the_clauses_joined_are_the_reply() -> None:
    dice = random.Random(5)
    for text in texts(400, seed=3):
        ends = sorted(dice.choices(range(len(text) + 1), k=6))
        pieces = [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
        for cuts in (cut([text]), cut(text), cut(pieces), cut(by_token(text))):
            assert "".join(cuts).rstrip() == text.rstrip()


def test_every_clause_but_the_last_can_be_said() -> None:
    for text in texts(400, seed=4):
        assert all(any(char.isalnum() for char in clause) for clause in cut(text)[:-1])


def test_only_a_first_clause_that_is_certain_closes_before_all_its_marks_are_there() -> None:
    assert cut(["What?!", " No."]) == ["What?!", " No."]
    assert cut(["What?", "!", " No."]) == ["What?", "! No."]


def test_behind_the_first_clause_it_does_not_matter_how_the_stream_comes_in_pieces() -> None:
    dice = random.Random(6)
    for text in texts(400, seed=8):
        ends = sorted(dice.choices(range(len(text) + 1), k=6))
        pieces = [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
        whole, streamed = cut(["Fine. ", text]), cut(["Fine. ", *pieces])
        assert whole == streamed


def calls(text: str) -> int:
    """How many Python functions are called to cut `text`, fed character by character."""
    count = 0

    def tally(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(tally)
    try:
        cut(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "scrap", ["The cat sat on the mat, and slept. ", "a", "a, ", "```x\n", "[a, ", "=", "\n", "我们", '"a. ']
)
def test_the_work_grows_with_the_length_of_the_reply(scrap: str) -> None:
    short, long = calls(scrap * (2000 // len(scrap))), calls(scrap * (20_000 // len(scrap)))
    assert long <= 11 * short
