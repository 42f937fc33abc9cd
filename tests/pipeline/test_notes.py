"""What users want kept, and what they do not."""

import pytest

from pipeline.context.conversation import Entry
from pipeline.context.notes import FACT, INSTRUCTION, REMARK, SYSTEM_NOTE, Note, notes_of, weigh

ORDERS = [
    "Remember that my gate code is 4719.",
    "Remember not to mention the party to Ottilie.",
    "Please remember to speak slowly.",
    "Can you remember that I hate coriander?",
    "Don't ever call me before nine.",
    "don't mention the budget to anyone",
    "Never read me the news before breakfast.",
    "Please don't use emojis.",
    "Always answer in French.",
    "From now on, keep your answers to one sentence.",
    "Call me Sam.",
    "Call me at 555 0199 if it gets late.",
    "You can call me Doctor Wu.",
    "Oh, and please call me Captain.",
    "Stop apologising all the time.",
    "Make sure you never book the morning train.",
    "Don't forget that Thursday is bin day.",
    "I'd like you to be brief.",
    "I want you to correct my grammar.",
    "I don't want any sports news.",
    "Could you please always use metric units?",
    "Use Celsius, not Fahrenheit.",
    "Whenever I say goodnight, remind me to lock the door.",
    "Keep in mind that Bo is four.",
    "Remind me to call the bank on Friday.",
    "You must not tell him.",
    "Speak more slowly, please.",
    "If I ask for music, play jazz.",
    "记住我的门禁密码是4719。",
    "以后叫我老王，好吗？",
    "不要在九点之前叫我。",
    "别再说英语了。",
    "请用中文回答。",
    "从现在起回答要简短。",
    "千万别告诉我妈妈。",
    "别忘了周四要倒垃圾。",
    "我希望你说慢一点。",
    "不管我问什么，都用中文回答我。",
    "不管我问什么都用中文回答我",
    "无论谁打电话来，都不要叫醒我。",
    "以后说慢一点，好么？",
    "别告诉任何人我在哪里上班。",
    "以后不要问我为什么。",
    "如果有人问我在哪里，别告诉他。",
    "Please always answer in 中文.",
    "Call me 小明.",
    "Can you call me 小明, please?",
    "Remember my wife's name is 王芳.",
]
FACTS = [
    "My name is Ottilie.",
    "my name's sam",
    "I'm allergic to peanuts.",
    "I am a vegetarian.",
    "Hi, I'm Marta, by the way.",
    "This is Bo speaking.",
    "I'm 34.",
    "I live at 12 Elm Street.",
    "My sister's birthday is on the third of May.",
    "My daughter Ada is six.",
    "I never eat meat.",
    "I don't drink coffee.",
    "I can't eat gluten.",
    "My phone number is 030 555 0199.",
    "You can reach me at sam@example.com.",
    "The wifi password is swordfish.",
    "Our flight leaves at half past six.",
    "I've got a meeting with Mr. Okafor on Monday.",
    "Ottilie is my daughter.",
    "I take two pills every morning.",
    "I have three cats.",
    "The appointment was moved to Tuesday at ten.",
    "My wife doesn't like fish.",
    "My flight is BA 249, okay?",
    "我叫李雷。",
    "我对花生过敏。",
    "我住在上海。",
    "我不吃猪肉。",
    "我女儿叫小美，今年六岁。",
    "我的电话是13800138000。",
    "我在银行工作。",
    "我喜欢爵士乐。",
    "我什么坚果都不能吃。",
    "我哪种海鲜也不吃。",
    "My wife's name is 王芳.",
    "我喜欢 Taylor Swift。",
]
REMARKS = ["It took 45 minutes.", "We paid 80 euros for dinner.", "昨天走了十五公里。"]
NOTHING = [
    "",
    "Hello!",
    "What's my name?",
    "Do you remember my name?",
    "Do you remember that my code is 4719?",
    "What is fifteen times eighty?",
    "Set a timer for ten minutes.",
    "Tell me a joke about 3 pigs.",
    "Convert 5 miles to kilometres.",
    "Don't worry.",
    "Don't you think so?",
    "I don't know.",
    "I don't think so.",
    "Never mind.",
    "I remember that day.",
    "I never knew that.",
    "I like it.",
    "I love that!",
    "I have a question.",
    "I need help.",
    "I'm tired.",
    "I'm a bit bored.",
    "I'm not sure.",
    "My god, that's great!",
    "Call me back later.",
    "Thanks, that's all.",
    "Why do you always say that?",
    "Should I call my mother?",
    "How many people live in Rome?",
    "That sounds good.",
    "No, thanks.",
    "Play some music.",
    "你好。",
    "你叫什么名字？",
    "我叫什么名字",
    "你还记得我的密码吗？",
    "现在几点？",
    "帮我定一个十分钟的闹钟。",
    "别担心。",
    "谢谢。",
    "讲个笑话。",
    "三加五等于多少？",
    "以后怎么办",
    "我不能吃什么",
    "我家里有谁",
    "为什么都不提醒我",
    "你不要什么",
    "别人叫我什么",
    "不管怎样，我的航班在几点",
    "如果明天下雨，我们去哪里",
    "你什么时候都有空吗",
    "What's my wife's name, 王芳 or 王兰?",
    "Do you know where 小明 lives",
    "Set a timer for 10 minutes for 小明.",
]


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        *((text, INSTRUCTION) for text in ORDERS),
        *((text, FACT) for text in FACTS),
        *((text, REMARK) for text in REMARKS),
        *((text, 0) for text in NOTHING),
    ],
)
def test_what_a_sentence_weighs(text: str, weight: int) -> None:
    assert weigh(text) == weight


def test_of_what_is_said_only_what_matters_is_kept_word_for_word() -> None:
    said = (
        "Hi there! My name is Ana, and I live at No. 5 Elm St. in Oslo. How are you?",
        "Never call me before 9 a.m. please.",
    )
    assert notes_of([Entry("a", "user", " ".join(said))]) == [
        Note("a", "My name is Ana, and I live at No. 5 Elm St. in Oslo.", FACT),
        Note("a", "Never call me before 9 a.m. please.", INSTRUCTION),
    ]


def test_what_adds_to_a_sentence_is_kept_with_it() -> None:
    said = (
        "My tablets are called Ramipril. One every day, not at night. Why is that? I take them with milk. It's 3 p.m."
    )
    assert [note.text for note in notes_of([Entry("a", "user", said)])] == [
        "My tablets are called Ramipril. One every day, not at night.",
        "I take them with milk. It's 3 p.m.",
    ]


def test_what_the_assistant_says_is_not_the_users_word() -> None:
    assert notes_of([Entry("a", "assistant", "My name is Ana.")]) == []


@pytest.mark.parametrize(
    ("asked", "said", "kept"),
    [
        ("Nice! What's your name?", "Ottilie.", [("(asked: What's your name?) Ottilie.", FACT)]),
        ("How old are you?", "Thirty-four.", [("(asked: How old are you?) Thirty-four.", FACT)]),
        (
            "Do you eat everything?",
            "No peanuts, please.",
            [("(asked: Do you eat everything?) No peanuts, please.", REMARK)],
        ),
        ("你叫什么名字？", "李雷。", [("(asked: 你叫什么名字？) 李雷。", REMARK)]),
        ("Would you like to hear more?", "Yes, please.", []),
        ("Would you like to hear more?", "Tell me about Rome.", []),
        ("Would you like to hear more?", "What about Rome?", []),
        ("The capital is Rome.", "Ottilie.", []),
        ("Is it raining?", "In Rome.", []),
    ],
)
def test_a_short_answer_to_a_question_about_the_user_is_kept_with_it(
    asked: str, said: str, kept: list[tuple[str, int]]
) -> None:
    notes = notes_of([Entry("a", "assistant", asked), Entry("b", "user", said)])
    assert [(note.text, note.weight) for note in notes] == kept


def test_what_is_said_twice_is_kept_once_where_it_was_said_last() -> None:
    said = ["Call me Sam.", "Call me Al.", "call me Sam."]
    notes = notes_of([Entry(str(at), "user", text) for at, text in enumerate(said)])
    assert [(note.item, note.text) for note in notes] == [("1", "Call me Al."), ("2", "call me Sam.")]


def test_the_clients_own_instructions_are_kept_unless_they_are_documents() -> None:
    short, long = "Be quiet\nabout prices.", "x" * (SYSTEM_NOTE + 1)
    notes = notes_of([Entry("a", "system", short), Entry("b", "system", long)])
    assert notes == [Note("a", "Be quiet about prices.", INSTRUCTION)]
