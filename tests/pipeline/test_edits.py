"""Which utterances are edits of the history, and what they take out."""

import pytest

from pipeline.context.conversation import Called, Entry, Item, Returned
from pipeline.context.edits import Edit, Forget, Scrap, StartOver, command_in, edit_of
from pipeline.engines import Result, ToolCall

LAST = [
    "Scrap that.",
    "scrap that",
    "Scratch that, please.",
    "Strike that!",
    "Okay, scrap that.",
    "No wait, scratch that.",
    "Um, scrap that last bit.",
    "Ignore that.",
    "Please disregard that.",
    "Forget that.",
    "Can you please forget that?",
    "Scrap that last question.",
    "Delete what I just said.",
    "Forget what I said.",
    "Please forget what I just told you.",
    "Could you forget what I just asked you, please?",
    "Erase what I said a moment ago.",
    "Forget my last question.",
    "Forget the last thing I said.",
    "Delete the last sentence I said.",
    "Scratch the last sentence.",
    "I take that back.",
    "Sorry, I take it back.",
    "Never mind, scrap that.",
    "I changed my mind, scrap that.",
    "删掉我刚才说的话。",
    "把我刚才说的删掉。",
    "请忘掉我刚才说的。",
    "当我没说。",
    "就当我没说过吧",
    "刚才说的不算。",
    "请把上一句删掉",
    "删掉那句话",
    "把刚才说的那句话忘了吧",
    "那句话不算",
    "那个不算",
    "那段话作废",
    "那这句话不算",
    "那那句话不算了",
    "把那句话删掉",
    "请把那句话删了吧",
    "能不能把这句话删掉",
    "把那句话删掉好吗",
    "麻烦把刚才那句话删掉",
    "把我刚才说的那句话撤回",
    "把刚才的话删掉",
    "把那段话去掉",
    "把刚才那句删了",
    "刚才那句不算",
]
VAGUE = [
    "Delete that.",
    "Please remove that.",
    "undo that",
    "Delete my last message.",
    "把那个删掉",
    "把它删掉",
    "请把这条删除",
    "删掉那个",
]
ANSWERS = ["Forget your last answer.", "Scrap that answer.", "Ignore what you just said.", "删掉你刚才的回答"]
ABOUT = {
    "Forget the part about my sister.": "my sister",
    "Please forget the part about the dentist.": "the dentist",
    "Delete everything I said about Lisbon.": "lisbon",
    "Forget what I told you about my salary.": "my salary",
    "Forget everything you know about my ex.": "my ex",
    "Can you delete the bit about the party?": "the party",
    "Erase all mention of the surprise party.": "the surprise party",
    "Forget that I mentioned the surprise.": "the surprise",
    "Forget I ever told you about Rome.": "rome",
    "Okay, forget the thing about the red car, please.": "the red car",
    "Forget the part about Tom and Jerry.": "tom and jerry",
    "忘掉关于我妹妹的那部分。": "我妹妹",
    "请忘掉我说的关于工资的事": "工资",
    "把关于里斯本的内容都删掉": "里斯本",
    "删除有关聚会的部分": "聚会",
    "把关于猫的内容都删掉": "猫",
    "删掉关于我的猫的内容": "我的猫",
}
ALL = [
    "Start over.",
    "Let's start over.",
    "Can we start over, please?",
    "Okay, let's just start over now.",
    "Start from scratch.",
    "Let's begin afresh.",
    "Start a new conversation.",
    "Clear the conversation.",
    "Reset this chat.",
    "Delete our conversation history.",
    "Forget everything.",
    "Please forget everything I said.",
    "Forget everything we've talked about so far.",
    "Forget everything you know about me.",
    "从头开始。",
    "我们重新开始吧",
    "清空对话记录",
    "忘掉我说过的一切",
    "开始新的对话",
]
NONE = [
    "Delete the last sentence.",
    "Remove the last part.",
    "Remove all mentions of Bob.",
    "关于密码的事情都忘了。",
    "忘了告诉你关于会议的事",
    "",
    "Don't forget to call my mother.",
    "Don't forget that.",
    "Don't scrap that!",
    "Do not delete what I just said.",
    "Forget it.",
    "Forget it, what's the weather?",
    "Never mind.",
    "Never mind, what's the weather?",
    "Forget about it.",
    "I forgot what I said.",
    "Did you forget what I said?",
    "Did you forget that?",
    "What did I just say?",
    "Why would you scrap that?",
    "I want to scrap my old car.",
    "Where can I scrap that car?",
    "Scrap that car for me.",
    "Scrap that, what's the capital of Peru?",
    "Forget that, tell me a joke.",
    "How do I delete what I just said in WhatsApp?",
    "Delete the file I just saved.",
    "Delete the last email.",
    "Delete everything.",
    "Remove all the apples from my list.",
    "Remove milk from my shopping list.",
    "Cancel that.",
    "Cancel my appointment.",
    "Start over with the story.",
    "Start the story over.",
    "Let's start.",
    "Start the timer over.",
    "How do I start over in life?",
    "I had to start over when I moved to Rome.",
    "Start a timer.",
    "Take that back to the shop.",
    "Forget the part about Rome and tell me about Paris.",
    "Forget the part about Rome, what about Paris?",
    "Tell me the part about the dragon.",
    "I'll never forget that.",
    "Remember that I said no.",
    "You forgot the part about my sister.",
    "Ignore the noise.",
    "Clear the table.",
    "Clear my calendar.",
    "Reset my password.",
    "Stop.",
    "What's that?",
    "Scrap paper is fine.",
    "That was the last thing I said.",
    "算了。",
    "没关系。",
    "别忘了给我妈妈打电话。",
    "不要忘记我说的话。",
    "忘了吧，今天天气怎么样？",
    "你忘了我刚才说的吗？",
    "我刚才说什么了？",
    "怎么删除微信聊天记录？",
    "删除日历里的会议",
    "把关于他的内容都删掉",
    "我想重新开始学钢琴",
    "重新开始计时",
    "忘掉他很难",
    "你忘了我刚才说的话。",
    "我忘了我刚才说的话。",
    "忘了刚才说的了",
    "别删掉我刚才说的话。",
    "不要删掉那句话",
    "别把那句话删掉",
    "不要把刚才的话删掉",
    "我把那句话删掉了",
    "你把那句话删了",
    "谁把那句话删掉了",
    "把那句话删掉了吗",
    "怎么把那句话删掉",
    "把那句话里的错字删掉",
    "把那段音乐删掉",
    "把那句话翻译成英文",
    "把那句话忘了",
    "把那句话记下来",
    "把那句话删掉，再加一句",
    "把那个会议删掉",
    "把那条短信删掉",
    "把它打开",
    "删掉它的照片",
    "I want to forget everything.",
    "You forget what I said.",
    "Nobody can forget that.",
]


def test_there_are_enough_of_both_kinds() -> None:
    assert len(NONE) >= 60
    assert len(LAST) + len(ABOUT) + len(ALL) >= 60


@pytest.mark.parametrize("text", LAST)
def test_commands_that_scrap_what_was_said_last(text: str) -> None:
    assert command_in(text) == Scrap()


@pytest.mark.parametrize("text", VAGUE)
def test_commands_that_may_be_meant_for_a_function(text: str) -> None:
    assert command_in(text) == Scrap(vague=True)


@pytest.mark.parametrize("text", ANSWERS)
def test_commands_that_scrap_an_answer(text: str) -> None:
    assert command_in(text) == Scrap(answer_only=True)


@pytest.mark.parametrize(("text", "about"), ABOUT.items())
def test_commands_that_forget_what_is_about_something(text: str, about: str) -> None:
    assert command_in(text) == Forget(about)


@pytest.mark.parametrize("text", ALL)
def test_commands_that_forget_everything(text: str) -> None:
    assert command_in(text) == StartOver()


@pytest.mark.parametrize("text", NONE)
def test_what_is_not_a_command_as_a_whole_is_none(text: str) -> None:
    assert command_in(text) is None


def user(name: str, text: str) -> Entry:
    return Entry(name, "user", text)


def answer(name: str, text: str) -> Entry:
    return Entry(name, "assistant", text)


TALK: list[Item] = [
    Entry("0", "system", "The user has just opened the app."),
    user("1", "My sister Ottilie lives in Rome."),
    answer("2", "How nice."),
    user("3", "I like jazz."),
    answer("4", "So do I."),
    user("5", "When does her train leave for the airport?"),
    answer("6", "Ottilie's train leaves at nine."),
    user("7", "我妹妹在上海。"),
    answer("8", "好的。"),
]


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("Scrap that.", Edit(("7", "8"), "Okay, scrapped.")),
        ("Forget your last answer.", Edit(("8",), "Okay, scrapped.")),
        ("Forget the part about Ottilie.", Edit(("1", "2", "5", "6"), "Okay, I've forgotten that part.")),
        ("Forget what I said about my sister Ottilie.", Edit(("1", "2"), "Okay, I've forgotten that part.")),
        ("Forget the part about cheese.", Edit((), "I have found nothing about cheese.")),
        ("Start over.", Edit(tuple("12345678"), "Okay, let's start over.")),
        ("忘掉关于我妹妹的部分", Edit(("7", "8"), "好的，那部分我忘掉了。")),
        ("忘掉关于钢琴的部分", Edit((), "没有找到关于钢琴的内容。")),
        ("当我没说", Edit(("7", "8"), "好的，不算了。")),
        ("从头开始", Edit(tuple("12345678"), "好的，我们重新开始。")),
    ],
)
def test_an_edit_takes_out_whole_exchanges_and_says_so_in_the_users_language(text: str, edit: Edit) -> None:
    assert edit_of(text, TALK) == edit


PETS: list[Item] = [
    user("1", "我养了一只猫，叫咪咪。"),
    answer("2", "真可爱。"),
    user("3", "我女儿的狗三岁了。"),
    answer("4", "好的。"),
    user("5", "他有一只狗。"),
    answer("6", "好的。"),
]


@pytest.mark.parametrize(
    ("about", "gone"),
    [
        *[("猫", "12"), ("我的猫", "12"), ("我女儿", "34"), ("我女儿的狗", "34"), ("狗", "3456"), ("他的狗", "56")],
        *[("我们的鱼", ""), ("我女儿的猫", "")],
    ],
)
def test_what_is_about_something_in_chinese_is_found_whoever_has_it(about: str, gone: str) -> None:
    edit = edit_of(f"删掉关于{about}的内容", PETS)
    assert edit is not None
    assert edit.gone == tuple(gone)


def test_a_reminder_is_scrapped_with_the_exchange_before_it() -> None:
    reminded = [user("1", "My PIN is 4711."), answer("2", "I see."), user("3", ""), answer("4", "Are you there?")]
    assert edit_of("Scrap that.", reminded) == Edit(tuple("1234"), "Okay, scrapped.")
    assert edit_of("Scrap that.", [*reminded, user("5", "")]) == Edit(tuple("12345"), "Okay, scrapped.")


def test_where_nothing_was_said_nothing_is_scrapped() -> None:
    assert edit_of("Scrap that.", []) == Edit((), "There is nothing to scrap.")


def test_other_talk_is_no_edit() -> None:
    assert edit_of("Don't forget to scrap that car.", TALK) is None


BOOKED: list[Item] = [
    user("1", "Book a table at nine."),
    Called("2", ToolCall("c", "book_table", '{"at": "21:00"}')),
    Returned("3", Result("c", "done")),
    answer("4", "It is booked."),
]


def test_a_call_goes_with_its_result() -> None:
    assert edit_of("Scrap that.", BOOKED) == Edit(tuple("1234"), "Okay, scrapped.")
    assert edit_of("Forget the part about the table.", BOOKED) == Edit(tuple("1234"), "Okay, I've forgotten that part.")


@pytest.mark.parametrize("text", VAGUE)
def test_what_may_be_meant_for_a_function_is_left_to_it_where_there_is_one(text: str) -> None:
    assert edit_of(text, BOOKED, functions=True) is None
    edit = edit_of(text, BOOKED[:1])
    assert edit is not None
    assert edit.gone == ("1",)
