"""Long conversations: old turns leave the prompt while nobody waits, and what matters of them stays."""

from pipeline.context.conversation import LASTING, Conversation, Entry
from pipeline.engines import Message
from pipeline.events import Forgotten, ReplyEnded
from pipeline.manner import Manner
from pipeline.session import Session
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeAsr, FakeLlm, Step, converse
from tests.virtual_clock import run

REPLY = "Summary: The user told of many small things, one after the other."
"""An answer that would do as a summary too."""


def say(number: int) -> Step:
    text = "My name is Ottilie." if number == 0 else f"This is small thing number {number}."

    def deed(session: Session) -> None:
        session.talk.add(Entry(f"said{number}", "user", text))
        session.respond()

    return deed


def long_talk(turns: int, pause: float = 8.0) -> Call:
    steps = [step for number in range(turns) for step in (say(number), (QUIET, pause))]
    return run(converse(*steps, call=Call(llm=FakeLlm([REPLY]))))


def test_old_turns_leave_the_prompt_and_what_matters_of_them_stays() -> None:
    call = long_talk(14)
    last = call.llm.prompts[-1].messages
    assert len(last) < 2 * 14
    assert isinstance(last[0], Message)
    assert "My name is Ottilie." in last[0].text
    assert "many small things" in last[0].text
    assert isinstance(last[-1], Message)
    assert last[-1].text == "This is small thing number 13."


def test_no_answer_waits_for_a_summary() -> None:
    call = long_talk(14)
    asked = [
        at
        for at, prompt in zip(call.llm.asked_at, call.llm.prompts, strict=True)
        if isinstance(prompt.messages[-1], Message) and prompt.messages[-1].text.startswith(("This is", "My name"))
    ]
    assert [round(at % 8.0, 3) for at in asked] == [0.0] * 14


def test_a_summary_that_is_still_being_written_gives_way_to_the_next_turn() -> None:
    hasty = long_talk(14, pause=4.7)
    assert hasty.outcomes() == [("completed", "")] * 14


def test_what_the_user_takes_back_was_never_said() -> None:
    asr = FakeAsr(["Book a table for two.", "Scrap that.", "Who are you?"])
    question: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 5.0))
    call = run(converse(*question, *question, *question, call=Call(asr, FakeLlm(["Sure."]))))
    [forgotten] = call.all(Forgotten)
    assert len(forgotten.entries) == 3
    assert [role for role, _ in call.lines()] == ["assistant", "user", "assistant"]
    assert len(call.llm.prompts) == 2
    assert "table" not in str(call.llm.prompts[-1].messages)
    assert call.outcomes() == [("completed", "")] * 3
    assert call.all(ReplyEnded)[1].heard == call.lines()[0][1]


def test_with_a_button_it_is_taken_back_as_well_but_not_beside_the_conversation() -> None:
    asr = FakeAsr(["Book a table for two.", "Scrap that."])

    def done(session: Session) -> None:
        session.commit()
        session.turns.respond_apart(Manner("Classify."), "apart", Conversation(list(session.talk.entries)))
        session.respond()

    question: tuple[Step, ...] = ((LOUD, 0.96), done, (QUIET, 5.0))
    call = run(converse(*question, *question, call=Call(asr, FakeLlm(["Sure."]), manner=Manner(endpointing=None))))
    [forgotten] = call.all(Forgotten)
    assert len(forgotten.entries) == 3
    assert [role for role, _ in call.lines()] == ["assistant"]
    assert len(call.llm.prompts) == 3


def test_what_the_user_did_not_quite_take_back_stays() -> None:
    asr = FakeAsr(["Book a table for two.", {0.96: "Scrap that.", 1.92: "Scrap that car, would you, or sell it?"}])
    steps: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 5.0), (LOUD, 0.96), (QUIET, 0.16), (LOUD, 0.96), (QUIET, 5.0))
    call = run(converse(*steps, call=Call(asr, FakeLlm(["Sure."]))))
    assert call.all(Forgotten) == []
    assert [role for role, _ in call.lines()] == ["user", "assistant"] * 2


def test_a_conversation_of_hours_loses_its_oldest_items_and_no_turn_notices() -> None:
    def earlier(session: Session) -> None:
        session.talk.entries += [Entry(f"old{number}", "user", f"Thing {number}.") for number in range(LASTING)]

    call = run(converse(earlier, say(0), (QUIET, 8.0), say(1), (QUIET, 8.0), call=Call(llm=FakeLlm([REPLY]))))
    assert call.outcomes() == [("completed", "")] * 2
    assert len(call.talk.entries) == LASTING
    assert call.talk.find("old3") is None
    assert call.talk.find("old4")
    assert call.all(Forgotten) == []
    last = call.llm.prompts[-1].messages
    assert "My name is Ottilie." in str(last)
