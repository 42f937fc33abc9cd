"""Extracts made for summary prompts."""

from datetime import UTC, datetime

from models.wits import Question, think
from models.wits.conversation import Line
from models.wits.pieces import estimate_tokens, pieces

NOW = datetime(2026, 11, 21, tzinfo=UTC)

TRANSCRIPT = """User: Hi there!
Assistant: Hello! What can I do for you?
User: My name is Ana and I live in Oslo.
Assistant: Nice to meet you, Ana.
User: Never call me before 9 a.m.
Assistant: All right.
User: The weather was grey and rather dull in the afternoon I think.
User: Remember that the door code is 1234. What do you think of that?
Assistant: I'll remember that."""


def summary(prompt: str, *system: str, max_tokens: int | None = None) -> str:
    lines = [*(Line("system", text) for text in system), Line("user", prompt)]
    thought = think(Question(lines, NOW, max_tokens=max_tokens))
    assert isinstance(thought, str)
    return thought


def test_names_numbers_and_instructions_are_kept_word_for_word() -> None:
    kept = summary(f"Summarise this conversation in at most 60 tokens:\n```\n{TRANSCRIPT}\n```")
    assert "My name is Ana and I live in Oslo." in kept
    assert "Never call me before 9 a.m." in kept
    assert "Remember that the door code is 1234." in kept
    assert "Hi there" not in kept
    assert estimate_tokens(kept) <= 60


def test_the_instruction_may_stand_in_the_system_prompt_and_the_fence_be_tags() -> None:
    kept = summary(f"<transcript>\n{TRANSCRIPT}\n</transcript>", "You summarize conversations.")
    assert kept.index("Ana") < kept.index("9 a.m.") < kept.index("1234")


def test_max_tokens_bounds_the_summary_and_orders_win() -> None:
    kept = summary(f"Summarize:\n```\n{TRANSCRIPT}\n```", max_tokens=24)
    assert kept == "User: Never call me before 9 a.m.\nUser: Remember that the door code is 1234."


def test_chinese_is_summarised_too() -> None:
    kept = summary("请总结以下对话：\n```\n用户：你好\n用户：我叫小明。记住不要晚上打电话给我。\n助手：好的。\n```")
    assert kept == "用户: 我叫小明。 记住不要晚上打电话给我。"


def test_the_fences_language_is_not_part_of_the_text() -> None:
    assert summary("Summarize this:\n```text\nUser: My cat is called Tom.\n```") == "User: My cat is called Tom."


def test_the_conversation_is_summed_up_aloud() -> None:
    lines = [Line("user", "My name is Ana."), Line("assistant", "Hi."), Line("user", "summarize what we talked about")]
    assert think(Question(lines, NOW)) == "My name is Ana."


def test_a_persona_that_can_summarise_still_converses() -> None:
    assert summary("what time is it", "You are Nova. You can summarise things.") == "It's 12:00 AM."


def test_pieces_are_the_text_again() -> None:
    for text in ("Hello there, Ana!", "你好，世界 hello 世界。", "  a\n\nb  ", "it's 3:07 — ok 😀", ""):
        assert "".join(pieces(text)) == text
    assert pieces("Hello there, Ana!") == ["Hello", " there", ",", " Ana", "!"]
    assert pieces("今天天气很好。") == ["今天", "天气", "很好", "。"]
