"""What the voice is given, row by row: the raw text as models write it, and how a person would read it out."""

import random

import pytest

from pipeline.tts.speakable import speakable
from pipeline.words import words

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

QUANTITIES = [
    ("0, 7, 42", "zero, seven, forty-two"),
    ("100,000 and 1,200,000.89", "one hundred thousand and one million two hundred thousand point eight nine"),
    ("3.14159, 0.5, .5", "three point one four one five nine, zero point five, zero point five"),
    ("1000000", "one million"),
    ("1.000.000", "one million"),
    ("100 000", "one hundred thousand"),
    ("-5 and −3", "minus five and minus three"),
    ("from -5 to 10", "from minus five to ten"),
    ("5.", "five."),
    ("is 3.5.", "is three point five."),
    ("H₂O", "H two O"),
    ("①", "one"),
    ("10k users, 2bn people", "ten thousand users, two billion people"),
    ("GPT-4o, COVID-19, F-150", "GPT four o, COVID nineteen, F one hundred fifty"),
    ("4K, 5G, MP3, B2B", "four K, five G, MP three, B two B"),
    ("v1.2.3", "v one point two point three"),
    ("Python 3.11", "Python three point one one"),
    ("10-year-old", "ten-year-old"),
    ("one in 3", "one in three"),
    ("the #1 song, No. 5, no. 7", "the number one song, number five, number seven"),
    ("1st, 2nd, 3rd, 21st, 100th, 1,000th", "first, second, third, twenty-first, one hundredth, one thousandth"),
    ("10% and 3.5%", "ten percent and three point five percent"),
    ("10-15%", "ten to fifteen percent"),
    ("3-5 times", "three to five times"),
    ("pages 10–15", "pages ten to fifteen"),
    ("5 — 6", "five to six"),
    ("1/2, 3/4, 2/3, 5/8", "one half, three quarters, two thirds, five eighths"),
    ("2½ cups, ½ cup, 1 1/2 cups", "two and a half cups, one half cup, one and a half cups"),
    ("9/10", "nine out of ten"),
    ("24/7 and 50/50", "twenty-four seven and fifty fifty"),
    ("3:1 and 16:9", "three to one and sixteen to nine"),
    ("1984 apples", "one thousand nine hundred eighty-four apples"),
    ("1492 ships", "one thousand four hundred ninety-two ships"),
]

DATES = [
    ("In 1999, 2024 was good.", "In nineteen ninety-nine, twenty twenty-four was good."),
    ("in 1066, in 1492.", "in ten sixty-six, in fourteen ninety-two."),
    ("2005; 2010", "two thousand five; twenty ten"),
    ("From 1914 to 1918", "From nineteen fourteen to nineteen eighteen"),
    ("2019-2024", "twenty nineteen to twenty twenty-four"),
    ("The year is 2026.", "The year is twenty twenty-six."),
    (
        "the 1990s, the '80s, the 60s, the 1800s",
        "the nineteen nineties, the eighties, the sixties, the eighteen hundreds",
    ),
    ("2026-11-21", "November twenty-first, twenty twenty-six"),
    ("2026-11-21T14:05", "November twenty-first, twenty twenty-six fourteen oh five"),
    ("2026-13-45", "two zero two six, one three, four five"),
    ("11/21/2026", "November twenty-first, twenty twenty-six"),
    ("21/11/2026", "November twenty-first, twenty twenty-six"),
    ("11/21", "November twenty-first"),
    ("November 21, 2026", "November twenty-first, twenty twenty-six"),
    ("21 November 2026", "twenty-first of November, twenty twenty-six"),
    ("Nov. 5 and May 5th", "November fifth and May fifth"),
    ("on the 3rd of November", "on the third of November"),
    ("10:30", "ten thirty"),
    ("14:05", "fourteen oh five"),
    ("3:00", "three o'clock"),
    ("00:00", "midnight"),
    ("13:00", "thirteen hundred"),
    ("10:30:15", "ten thirty and fifteen seconds"),
    ("3 p.m.", "three PM."),
    ("at 3 p.m. Then", "at three PM. Then"),
    ("at 5 p.m. sharp", "at five PM sharp"),
    ("3pm, 10:00 am, 7 PM", "three PM, ten AM, seven PM"),
    ("9am-5pm", "nine AM to five PM"),
    ("10:30-11:00", "ten thirty to eleven o'clock"),
    ("at 5:30.", "at five thirty."),
    ("2h30m", "two hours thirty minutes"),
]

MONEY_AND_UNITS = [
    ("$3.50, $1, $0.99", "three dollars and fifty cents, one dollar, ninety-nine cents"),
    ("$1.05, $3.00", "one dollar and five cents, three dollars"),
    ("$1,000,000", "one million dollars"),
    ("$1,299.99", "one thousand two hundred ninety-nine dollars and ninety-nine cents"),
    ("€20, 20€, 5 USD, US$5", "twenty euros, twenty euros, five US dollars, five US dollars"),
    ("¥100", "one hundred yen"),
    ("£1.2m, $3 million", "one point two million pounds, three million dollars"),
    ("$5k, $2.5bn", "five thousand dollars, two point five billion dollars"),
    ("-$5", "minus five dollars"),
    ("$5/month", "five dollars per month"),
    ("$5-10", "five to ten dollars"),
    ("$10-$20", "ten to twenty dollars"),
    ("between $10 and $20", "between ten dollars and twenty dollars"),
    ("5 km, 1 km", "five kilometers, one kilometer"),
    ("3-5 km", "three to five kilometers"),
    ("20°C and -5°C", "twenty degrees Celsius and minus five degrees Celsius"),
    ("25–30 min", "twenty-five to thirty minutes"),
    ("60 km/h, 50 mph, 5 m/s", "sixty kilometers per hour, fifty miles per hour, five meters per second"),
    ("3 kg, 1.5 lbs, 70kg", "three kilograms, one point five pounds, seventy kilograms"),
    ("16 GB, 1TB", "sixteen gigabytes, one terabyte"),
    ("5 m², 3 m3", "five square meters, three cubic meters"),
    ("100°", "one hundred degrees"),
    ("5 ft 3", "five feet three"),
    ("I'm 5'10\" tall", "I'm five foot ten tall"),
    ("5 g/L", "five grams per liter"),
]

SYMBOLS = [
    ("10/2 = 5.", "ten divided by two equals five."),
    ("12/3 is 4", "twelve divided by three is four"),
    ("It is x5, or ×12.", "It is times five, or times twelve."),
    ("Cook for 30s", "Cook for thirty seconds"),
    ("This is 30s long", "This is thirty seconds long"),
    ("1m 30s", "one minute thirty seconds"),
    ("1-1/2 cups", "one and a half cups"),
    ("She is in her 40s.", "She is in her forties."),
    ("the '60s and the 1980s", "the sixties and the nineteen eighties"),
    ("10s of thousands", "tens of thousands"),
    ("2 + 3 = 5", "two plus three equals five"),
    ("5 - 3 = 2, 7-3=4", "five minus three equals two, seven minus three equals four"),
    ("3 x 5 and 3×5", "three times five and three times five"),
    ("1920x1080", "nineteen twenty by ten eighty"),
    ("x2 and 2x", "times two and two times"),
    ("10 / 2, 10 ÷ 2", "ten divided by two, ten divided by two"),
    ("x^2 + 3x - 5", "x squared plus three times minus five"),
    ("2**3, x², 10^6, 10⁶", "two cubed, x squared, ten to the power of six, ten to the power of six"),
    ("5 < 10 > 3", "five less than ten greater than three"),
    ("x <= 5, y >= 3, a != b", "x less than or equal to five, y greater than or equal to three, a is not equal to b"),
    ("~5 ≈ 10 ±2", "about five about ten plus or minus two"),
    ("~25 min, ~$5", "about twenty-five minutes, about five dollars"),
    ("a -> b → c", "a to b to c"),
    ("R&D, AT&T, cats & dogs", "R and D, AT and T, cats and dogs"),
    ("C++ and C#", "C plus plus and C sharp"),
    ("and/or, w/ milk, w/o sugar", "and/or, with milk, without sugar"),
    ("2*3*4", "two times three times four"),
    ("e.g. tea, i.e. hot", "for example, tea, that is, hot"),
    ("tea, milk, etc.", "tea, milk, et cetera."),
    ("etc. and more", "et cetera and more"),
    ("cats vs. dogs", "cats versus dogs"),
    ("100% sure", "one hundred percent sure"),
]

STRINGS = [
    ("555-123-4567", "five five five, one two three, four five six seven"),
    ("(555) 123-4567", "five five five, one two three, four five six seven"),
    ("555-1234", "five five five, one two three four"),
    ("+1 555 123 4567", "plus one, five five five, one two three, four five six seven"),
    ("1-800-555-1234", "one, eight zero zero, five five five, one two three four"),
    ("0800 123 456", "zero eight zero zero, one two three, four five six"),
    ("1234567890", "one two three four five six seven eight nine zero"),
    ("007", "zero zero seven"),
    ("PIN 4821", "PIN four eight two one"),
    ("Call 911", "Call nine one one"),
    ("ISBN 978-3-16-148410-0", "ISBN nine seven eight, three, one six, one four eight four one zero, zero"),
]

CHINESE = [
    ("2^10=1024", "二的十次方等于一千零二十四"),
    ("6×10^24千克", "六乘十的二十四次方千克"),
    ("10^-3米", "十的负三次方米"),
    ("面积是10⁴平方米", "面积是十的四次方平方米"),
    ("血压是120/80", "血压是一百二十，八十"),
    ("10/2=5", "十除以二等于五"),
    ("**你好**，世界！", "你好，世界！"),
    ("- 苹果：2斤", "苹果：两斤"),
    ("1. 打开盖子", "一，打开盖子"),
    ("| 名称 | 价格 |", "名称，价格"),
    ("😊好的", "好的"),
    ("我有2个苹果和12本书，第2个。", "我有两个苹果和十二本书，第二个。"),
    ("22个，200个，2000元，2万，2亿", "二十二个，两百个，两千元，两万，两亿"),
    ("2楼2号线，2月2日，周2", "二楼二号线，二月二日，周二"),
    ("2天，2年，2个月，2小时，2分钟，2倍", "两天，两年，两个月，两小时，两分钟，两倍"),
    ("我有 3 个 苹果 。", "我有三个苹果。"),
    ("10000人，12345，100000000", "一万人，一万二千三百四十五，一亿"),
    ("1,000,000人，1.5亿，1.2万元", "一百万人，一点五亿，一点二万元"),
    ("3.14，0.5，-5", "三点一四，零点五，负五"),
    ("007，验证码 0423", "零零七，验证码零四二三"),
    ("1/2，2/3的人，2½", "二分之一，三分之二的人，二又二分之一"),
    ("第1名，第12章", "第一名，第十二章"),
    ("50%，3.5%，-5%", "百分之五十，百分之三点五，负百分之五"),
    ("3-5%，3%-5%", "百分之三到五，百分之三到五"),
    ("3-5个，2-3天，3~5天，1-2个", "三到五个，两到三天，三到五天，一到两个"),
    ("1999年，2026年11月21日", "一九九九年，二零二六年十一月二十一日"),
    ("2026-11-21，2026/11/21T14:05", "二零二六年十一月二十一日，二零二六年十一月二十一日十四点零五分"),
    ("1990-2000年", "一九九零到二零零零年"),
    ("20年，100年，3000年", "二十年，一百年，三千年"),
    ("1990年代，90年代", "一九九零年代，九十年代"),
    ("在2008，", "在二零零八，"),
    ("10:30，14:05，10:00，2:30", "十点三十分，十四点零五分，十点，两点三十分"),
    ("10:30:15", "十点三十分十五秒"),
    ("下午3:00-5:00", "下午三点到五点"),
    ("2点，3点半", "两点，三点半"),
    ("3:1，比分是3-2", "三比一，比分是三比二"),
    ("¥100，￥20，100元", "一百元，二十元，一百元"),
    ("¥12.50，$3.50，$2，€20", "十二点五元，三点五美元，两美元，二十欧元"),
    ("£1.2m，$1.5 billion", "一百二十万英镑，十五亿美元"),
    ("$5-10", "五到十美元"),
    ("20°C，-5°C，-5℃到10℃", "二十摄氏度，零下五摄氏度，零下五摄氏度到十摄氏度"),
    ("20~25℃", "二十到二十五摄氏度"),
    ("5 km，60 km/h，3kg，2米，16GB", "五公里，六十公里每小时，三公斤，两米，十六GB"),
    ("13800138000", "幺三八零零幺三八零零零"),
    ("010-12345678", "零幺零，幺二三四五六七八"),
    ("+86 138 0013 8000", "加八六，幺三八，零零幺三，八零零零"),
    ("拨打110或120。", "拨打幺幺零或幺二零。"),
    ("QQ：123456789", "QQ：一二三四五六七八九"),
    ("1+1=2，5 - 3 = 2，7-3=4", "一加一等于二，五减三等于二，七减三等于四"),
    ("3×5，10÷2，x2，2²", "三乘五，十除以二，乘二，二的平方"),
    ("5>3，±5，≈5", "五大于三，正负五，约五"),
    ("大约是~25分钟", "大约是约二十五分钟"),
    ("R&D，C++", "R和D，C加加"),
    ("iPhone 15 很好，GPT-4，5G", "iPhone 十五很好，GPT 四，五G"),
    ("版本v3.11.2，USB 3.0", "版本v三点一一点二，USB 三点零"),
    ("他说 I have 3 apples and 5 pears，然后走了3步。", "他说 I have three apples and five pears，然后走了三步。"),
    ("访问 https://www.example.com/x，或 a@b.com。", "访问 example点com，或 a at b点com。"),
    ("２０２６年，100％", "二零二六年，百分之一百"),
    ("。", ""),
]

ENGLISH = [*MARKUP, *ADDRESSES, *QUANTITIES, *DATES, *MONEY_AND_UNITS, *SYMBOLS, *STRINGS]

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


@pytest.mark.parametrize(("text", "said"), ENGLISH)
def test_english_is_read_as_a_person_would(text: str, said: str) -> None:
    assert speakable(text, "en") == said


@pytest.mark.parametrize(("text", "said"), CHINESE)
def test_chinese_is_read_as_a_person_would(text: str, said: str) -> None:
    assert speakable(text, "zh") == said


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
    rows = [("en", said) for _, said in ENGLISH] + [("zh", said) for _, said in CHINESE]
    rows += [(language, said) for language, _, said in (*BLOCKS, *ELSEWHERE, *MIXED)]
    assert [speakable(said, language) for language, said in rows] == [said for _, said in rows]


def test_no_figure_is_left_to_the_voice() -> None:
    said = [speakable(text, "en") for text, _ in ENGLISH] + [speakable(text, "zh") for text, _ in CHINESE]
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
