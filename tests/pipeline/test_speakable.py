"""What the voice is given, row by row: the raw text as models write it, and how a person would read it out."""

import random

import pytest

from pipeline.tts.speakable import speakable
from pipeline.words import words
from tests.pipeline.test_english import ENGLISH
from tests.pipeline.test_mandarin import CHINESE

MARKUP = [
    ("**Hello** _world_!", "Hello world!"),
    ("***both*** and __bold__ and ~~gone~~ and `code`", "both and bold and gone and code"),
    ("- **Item one", "Item one"),
    ("* item with *emphasis*", "item with emphasis"),
    ("*italic with 5*", "italic with five"),
    ("**Note:** be careful**", "Note: be careful"),
    ("# Heading", "Heading"),
    ("### Tips & tricks ###", "Tips and tricks"),
    ("> **Note:** be careful", "Note: be careful"),
    ("- [x] done", "done"),
    ("+ plus", "plus"),
    (" + 32.", "plus thirty-two."),
    (" - 4 = 6", "minus four equals six"),
    (" - 4 of them", "four of them"),
    ("• bullet", "bullet"),
    ("1. Open the lid", "one, Open the lid"),
    ("1) Open the lid", "one, Open the lid"),
    ("4. Anything else?", "four, Anything else?"),
    ("| Name | Age |", "Name, Age"),
    ("|---|---|", ""),
    ("---", ""),
    ("***", ""),
    ("**", ""),
    ("See [the docs](https://x.y/z?a=1) now.", "See the docs now."),
    ("[link (with) parens](https://en.wikipedia.org/wiki/Foo_(bar)) ok", "link (with) parens ok"),
    ("![a cat](cat.png)", "a cat"),
    ("[![build](a.png)](http://b.c)", "build"),
    ("See [the docs][1] now.", "See the docs now."),
    ("Note[1] and note[^2].", "Note and note."),
    ("As shown【4†source】.", "As shown."),
    ('<b>bold</b> and <a href="x">more</a>', "bold and more"),
    ("x &amp; y", "x and y"),
    ("if a <b and c", "if a less than b and c"),
    ("snake_case_name and __init__", "snake case name and init"),
    ("\\*star\\* and 1\\. one", "star and one. one"),
    ("😀 Hi 👨\u200d👩\u200d👧 there™ ❤️!", "Hi there!"),
    ("1️⃣ First", "one First"),
    ("🎉", ""),
    ("...", ""),
    ("👍🏽 OK", "OK"),
    ("!! How are you?", "How are you?"),
    (", and then", "and then"),
    ("cost $3.50,", "cost three dollars and fifty cents,"),
    ("Wait… what?", "Wait… what?"),
    ("\"Quoted\" and 'quoted'", "\"Quoted\" and 'quoted'"),
    ("¿Qué? Señor naïve", "¿Qué? Señor naïve"),
    ("Mr. Smith of the U.S. and NASA, chapter IV.", "Mr. Smith of the U.S. and NASA, chapter IV."),
]

ADDRESSES = [
    ("Go to https://www.example.com/path?x=1.", "Go to example dot com."),
    ("Is it at https://example.com/a_b?", "Is it at example dot com?"),
    ("(see https://en.wikipedia.org/wiki/Foo_(bar))", "(see en dot wikipedia dot org)"),
    ("<https://example.com>", "example dot com"),
    ("www.example.org, please", "example dot org, please"),
    ("Visit example.com. It is good.", "Visit example dot com. It is good."),
    ("http://localhost:8080/foo", "localhost"),
    ("ping 192.168.1.1", "ping one hundred ninety-two dot one hundred sixty-eight dot one dot one"),
    ("Mail jane.doe@example.co.uk!", "Mail jane dot doe at example dot co dot uk!"),
    ("main.py, node.js and README.md", "main dot py, node dot js and README dot md"),
    ("my_var_name.py", "my var name dot py"),
    ("ask @john about #winning", "ask at john about winning"),
]

BLOCKS = [
    ("en", "Run this:\n\n```python\nprint(1)\n```\n\nDone.", "Run this: some code. Done."),
    ("en", "```\nx = 1", "some code"),
    ("zh", "```python\nprint(1)\n```", "一段代码"),
    ("en", "## Fruit\n\n- Apples\n- Pears!\n- Plums", "Fruit. Apples. Pears! Plums"),
    ("en", "| Name | Age |\n|------|:---:|\n| Bob | 42 |", "Name, Age. Bob, forty-two"),
    ("zh", "## 水果\n\n- 苹果\n- 梨", "水果。苹果。梨"),
    ("en", "one<br>two<br/>three", "one. two. three"),
    ("en", "Text.\n\n[1]: https://example.com\n", "Text."),
]

ELSEWHERE = [
    ("de", "**Hallo**, es ist 10:30 Uhr & kostet 3,50 €.", "Hallo, es ist 10:30 Uhr & kostet 3,50 €."),
    ("de", "3. Oktober 2026", "3. Oktober 2026"),
    ("de", "Siehe https://www.beispiel.de/a?b=c 😀!", "Siehe beispiel.de!"),
    ("fr", "- *Bonjour* à tous", "Bonjour à tous"),
    ("ja", "**今日**は3月です。", "今日は3月です。"),
    ("hi", "नमस्ते क्\u200dष", "नमस्ते क्\u200dष"),
    ("", "**5** km", "5 km"),
]

MIXED = [
    ("en", "我有3个苹果 means I have 3 apples", "我有三个苹果 means I have three apples"),
    ("en", "The character 三 has 3 strokes", "The character 三 has three strokes"),
    ("en", "2026年 is this year, 2026", "二零二六年 is this year, twenty twenty-six"),
    ("zh", "他说“it costs about 20 dollars”，我给了20元", "他说“it costs about twenty dollars”，我给了二十元"),
    ("zh-CN", "有2个", "有两个"),
    ("en_GB", "5 km", "five kilometers"),
]


@pytest.mark.parametrize(("text", "said"), [*MARKUP, *ADDRESSES])
def test_what_is_written_for_the_eye_is_taken_away(text: str, said: str) -> None:
    assert speakable(text, "en") == said


@pytest.mark.parametrize(("language", "text", "said"), BLOCKS)
def test_whole_replies_become_sentences_on_one_line(language: str, text: str, said: str) -> None:
    assert speakable(text, language) == said


@pytest.mark.parametrize(("language", "text", "said"), ELSEWHERE)
def test_in_other_languages_numbers_are_left_to_the_voice(language: str, text: str, said: str) -> None:
    assert speakable(text, language) == said


@pytest.mark.parametrize(("language", "text", "said"), MIXED)
def test_each_number_is_said_in_the_language_around_it(language: str, text: str, said: str) -> None:
    assert speakable(text, language) == said


def test_what_is_speakable_stays_as_it_is() -> None:
    rows = [("en", said) for _, said in (*MARKUP, *ADDRESSES, *ENGLISH)] + [("zh", said) for _, said in CHINESE]
    rows += [(language, said) for language, _, said in (*BLOCKS, *ELSEWHERE, *MIXED)]
    assert [speakable(said, language) for language, said in rows] == [said for _, said in rows]


def test_no_figure_is_left_to_the_voice() -> None:
    said = [speakable(text, "en") for text, _ in (*MARKUP, *ADDRESSES, *ENGLISH)] + [
        speakable(text, "zh") for text, _ in CHINESE
    ]
    assert [text for text in said if any(char in "0123456789$€£%#*`|<>" for char in text)] == []


@pytest.mark.parametrize("text", ["", " ", "\n", "**", "...", "🎉🎉", "---", "| |", "![](x.png)", "<br>", "，", "()"])
def test_nothing_is_said_where_there_is_nothing_to_say(text: str) -> None:
    assert [speakable(text, language) for language in ("en", "zh", "de")] == ["", "", ""]


def test_no_text_is_refused() -> None:
    scraps = sorted(
        words("""the Bob 3 14 2026 1,000 $ € ¥ % - – / : . , ! ( ) [ ] * ** _ ` ``` # | km °C m x ^ ² ½ < > <b> </b>
        &amp; http://a.bc/d me@x.org 😀 你 好 3个 年 月 ， 。 ① = + ~ @ e.g. No. p.m. 10:30 2026-11-21 1/2
        \\ ٣ 13/45 99:99""")
    )
    scraps += ["\n", " ", "- ", "1. ", "\ud800", "\x00", "\u200d", "9" * 500]
    dice = random.Random(11)
    for _ in range(1000):
        text = "".join(dice.choices(scraps, k=dice.randint(1, 12)))
        for language in ("en", "zh", "xx"):
            said = speakable(text, language)
            assert said == "" or any(char.isalnum() for char in said)
            assert "\n" not in said
