"""Whether the words sound finished, as bare as pocketsphinx gives them and with Whisper's punctuation."""

import pytest

from pipeline.hearing.finished import RuleJudge

JUDGE = RuleJudge()

FINISHED = [
    "the child almost hurt the small dog",
    "the pencils have all been used",
    "drop the two when you add the figures",
    "sunday is the best part of the week",
    "he was not an ill disposed young man",
    "he might even have been made amiable himself",
    "he considered how much there might be prudently in his power to do for them",
    "ask not what your country can do for you ask what you can do for your country",
    "i live in paris",
    "i love you",
    "my name is bob",
    "let me know",
    "me too",
    "call my mother",
    "play some music",
    "tell me a joke",
    "turn the lights off",
    "turn it on",
    "set a timer for five minutes",
    "remind me to call my sister tomorrow",
    "which one is the best",
    "What's the matter with you",
    "paris",
    "我想去北京",
    "今天天气很好",
    "给我讲个故事",
    "请帮我打开灯",
]
SURELY_FINISHED = [
    "yes",
    "no",
    "okay",
    "ok thanks",
    "stop",
    "please stop",
    "yes please",
    "no thank you",
    "thank you very much",
    "yes i do",
    "no i can't",
    "i don't know",
    "never mind",
    "go on",
    "that's all",
    "could you turn it off please",
    "i think so",
    "what time is it",
    "how are you",
    "who are you",
    "what is this",
    "hello how are you",
    "where is the station",
    "what do you mean",
    "what can you do",
    "how much does it cost",
    "what's the weather like tomorrow",
    "What time is it?",
    "I like it.",
    "The child almost hurt the small dog.",
    "Stop!",
    'He said "go".',
    "Hello. What time is it?",
    "好",
    "好的",
    "好的。",
    "谢谢",
    "不用了",
    "几点了",
    "几点了？",
    "你好吗",
    "我们走吧",
    "今天天气怎么样",
    "你叫什么名字",
    "这个多少钱",
    "他什么时候来",
    "我喜欢听音乐。",
]
UNFINISHED = [
    "the",
    "and",
    "um",
    "so um",
    "i want",
    "i want to",
    "i'd like",
    "i would like",
    "i need",
    "i think",
    "i mean",
    "i was wondering if",
    "i am looking for",
    "could you",
    "can you please",
    "tell me",
    "tell me what",
    "remind me to",
    "set a timer for",
    "what is",
    "what's the",
    "what about",
    "how do you",
    "do you know",
    "there is",
    "it's",
    "when i",
    "if you",
    "my",
    "i went to the",
    "a lot of",
    "and then",
    "no but",
    "because",
    "drop the two when",
    "drop the two when you",
    "drop the two when you add the",
    "the child almost",
    "the pencils have",
    "sunday is",
    "the book is between",
    "I think...",
    "Well,",
    "I was-",
    "I went to the shop and,",
    "Hello. I want to",
    "然后",
    "因为",
    "但是",
    "我想要",
    "我想去的话",
    "你能不能",
    "为了",
    "除了",
    "我昨天嗯",
    "他回来的时候",
    "我觉得，",
]
OPEN = [
    "the child",
    "the small",
    "we went to see the new",
    "i do",
    "i have some",
    "i am looking",
    "play",
    "i want.",
    "I want to go to the.",
    "And.",
    "my number is five five five",
    "five five five one two",
    "the code is four",
    "555 123",
    "twenty",
    "set a timer for five",
    "一三八零零",
    "我喜欢红色的",
    "嗯",
]
MIDDLING = [
    "drop the two",
    "wake me up at seven",
    "five",
    "it costs twenty five",
    "the lights off",
    "i was born in 1999",
]


@pytest.mark.parametrize("text", SURELY_FINISHED)
def test_whole_answers_and_questions_are_surely_finished(text: str) -> None:
    assert JUDGE.finished(text, "") >= 0.8


@pytest.mark.parametrize("text", FINISHED)
def test_what_could_end_here_is_rather_finished(text: str) -> None:
    assert 0.55 <= JUDGE.finished(text, "") <= 0.9


@pytest.mark.parametrize("text", UNFINISHED)
def test_what_leans_on_the_next_word_is_unfinished(text: str) -> None:
    assert JUDGE.finished(text, "") <= 0.12


@pytest.mark.parametrize("text", OPEN)
def test_what_may_well_go_on_is_rather_unfinished(text: str) -> None:
    assert 0.12 < JUDGE.finished(text, "") <= 0.4


@pytest.mark.parametrize("text", MIDDLING)
def test_what_nobody_could_tell_is_in_the_middle(text: str) -> None:
    assert 0.4 < JUDGE.finished(text, "") < 0.6


def test_a_full_stop_from_whisper_does_not_finish_what_dangles() -> None:
    dangling, whole = JUDGE.finished("I want to go to the.", "en"), JUDGE.finished("I want to go home.", "en")
    assert dangling <= 0.25
    assert whole >= 0.9
    assert JUDGE.finished("My number is 555.", "en") < 0.5


def test_dictated_figures_are_finished_when_a_phone_number_is_whole() -> None:
    figures = ["five", "five", "five", "one", "two", "three", "four", "five", "six", "seven", "nine"]
    heard = [JUDGE.finished("my number is " + " ".join(figures[:count]), "en") for count in (3, 5, 6, 7, 10, 11)]
    assert heard[:3] == [0.3, 0.3, 0.3]
    assert heard[2] < heard[3] < heard[4] < heard[5]
    assert JUDGE.finished("一三八零零一三八零零零", "zh") > 0.9
    assert JUDGE.finished("我的电话是一三八零零", "zh") == 0.3


@pytest.mark.parametrize("text", ["", "  ", "...", "。", "?!", "-"])
def test_nothing_heard_is_undecided(text: str) -> None:
    assert JUDGE.finished(text, "en") == 0.5


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("Ich möchte nach Hause.", 0.9, 1.0),
        ("Où est la gare ?", 0.9, 1.0),
        ("Ich möchte", 0.5, 0.5),
        ("Ich möchte,", 0.0, 0.12),
        ("Also...", 0.0, 0.12),
    ],
)
def test_of_other_languages_only_punctuation_is_known(text: str, least: float, most: float) -> None:
    assert least <= JUDGE.finished(text, "de") <= most


def test_case_apostrophes_and_quotes_do_not_matter() -> None:
    assert JUDGE.finished("I Don’t Know", "en") == JUDGE.finished("i don't know", "en")
    assert JUDGE.finished("“I want to”", "en") == JUDGE.finished("i want to", "en")


def test_a_long_turn_is_judged_by_its_end() -> None:
    long = "we walked along the river and talked about many things " * 200
    assert JUDGE.finished(long + "because", "en") <= 0.12
    assert JUDGE.finished(long + "how are you", "en") >= 0.8


@pytest.mark.parametrize("text", ["As an example of fine typography,", "I live in Paris;", "今天天气很好，我们出去"])
def test_a_comma_behind_a_whole_phrase_leaves_it_open(text: str) -> None:
    assert 0.3 <= JUDGE.finished(text, "") <= 0.75
