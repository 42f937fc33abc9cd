"""Functions that an answer calls: what the listener is told of them, and what the model is told of their results."""

import pytest

from pipeline.context.conversation import Called, Conversation, Entry, Returned
from pipeline.engines import CallPiece, Calls, Finish, Message, Piece, Result, ToolCall, Usage
from pipeline.events import CallBegan, CallGrew, CallMade, Event, ReplyBegan, ReplyEnded, Said, SayingBegan
from pipeline.manner import Manner
from pipeline.session import Session
from pipeline.turns import CLIENT_CANCELLED
from tests.pipeline.fakes import LOUD, QUIET, Call, FakeLlm, FakeTts, Step, broken, converse
from tests.virtual_clock import run

QUESTION: tuple[Step, ...] = ((LOUD, 0.96), (QUIET, 4.0))

TOOLS = [{"name": "look_up", "parameters": {"type": "object"}}]

CALLS: list[Piece] = [
    CallPiece(0, "call_w", "look_up"),
    CallPiece(0, arguments='{"what": '),
    CallPiece(0, arguments='"weather"}'),
    CallPiece(1, "call_t", "look_up"),
    Finish("stop", Usage(50, 20, 10)),
]


def asking(*replies: str | list[Piece]) -> Call:
    return Call(llm=FakeLlm(replies), manner=Manner(tools=TOOLS, tool_choice="required", parallel_calls=True))


def test_calls_are_told_piece_by_piece_each_with_one_beginning_and_one_end() -> None:
    call = run(converse(*QUESTION, call=asking(CALLS)))
    first, second = call.all(CallBegan)
    assert [event.name for event in (first, second)] == ["look_up", "look_up"]
    assert len({first.call, second.call, "call_w", "call_t"}) == 4  # ours: models use theirs again and again
    assert [(event.entry, event.arguments) for event in call.all(CallGrew)] == [
        (first.entry, '{"what": '),
        (first.entry, '"weather"}'),
    ]
    assert [(event.entry, event.call) for event in call.all(CallMade)] == [
        (first.entry, ToolCall(first.call, "look_up", '{"what": "weather"}')),
        (second.entry, ToolCall(second.call, "look_up", "{}")),
    ]
    assert (second.after, call.outcomes(), call.all(SayingBegan)) == (first.entry, [("completed", "")], [])


def test_a_call_is_made_while_the_words_before_it_are_still_being_spoken() -> None:
    words = "One moment, I will have a look at that for you, it is quickly done. "
    call = run(converse(*QUESTION, call=asking([words, *CALLS])))
    assert call.kinds().index("CallMade") < call.kinds().index("Spoken")
    assert [type(item) for item in call.talk.entries[-2:]] == [Called, Called]
    assert call.said(call.all(ReplyBegan)[0].turn) == words


def test_the_model_is_offered_the_tools_and_told_what_came_of_its_calls() -> None:
    call = asking(CALLS, "It rains.")

    def answer(session: Session) -> None:
        weather, time = (event.call for event in call.all(CallMade))
        session.talk.add(Returned("r1", Result(time.id, "noon")))
        session.talk.add(Returned("r2", Result(weather.id, "rain")))
        session.respond()

    run(converse(*QUESTION, answer, (QUIET, 4.0), call=call))
    asked, told = call.llm.prompts
    weather, time = (event.call for event in call.all(CallMade))
    assert (asked.tools, asked.tool_choice, asked.parallel_calls) == (TOOLS, "required", True)
    assert told.messages[-3:] == [Calls([weather, time]), Result(weather.id, "rain"), Result(time.id, "noon")]


def test_a_call_that_was_cut_off_was_never_made() -> None:
    def stop(session: Session) -> None:
        session.stop(CLIENT_CANCELLED)

    call = asking(CALLS)
    call.llm.tokens_per_second = 1.0
    run(converse((LOUD, 0.96), (QUIET, 1.6), stop, lambda session: session.respond(), (QUIET, 0.4), call=call))
    assert call.all(CallMade) == []
    assert not any(isinstance(line, Calls) for line in call.llm.prompts[-1].messages)


def test_a_model_that_breaks_off_within_a_call_has_not_made_it() -> None:
    call = asking(CALLS)
    call.llm.failure, call.llm.fails_at = broken("mind"), 2
    run(converse(*QUESTION, call=call))
    assert call.all(CallMade) == []
    assert call.outcomes() == [("failed", "the mind broke")]
    assert call.said(call.all(ReplyBegan)[0].turn) != ""


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_call_that_was_cut_short_is_not_made_and_nobody_waits_for_it(reason: str) -> None:
    end = Finish(reason)  # pyright: ignore[reportArgumentType]  both are reasons
    cut: list[Piece] = [CallPiece(0, "a", "look_up", "{}"), CallPiece(1, "b", "set_alarm", '{"time": "07:'), end]
    call = run(converse(*QUESTION, call=asking(cut)))
    assert [event.name for event in call.all(CallBegan)] == ["look_up", "set_alarm"]
    [made] = call.all(CallMade)
    assert made.call.name == "look_up"
    assert call.talk.waits()
    call.talk.add(Returned("r", Result(made.call.id, "noon")))
    assert not call.talk.waits()


@pytest.mark.parametrize("first_audio", [0.01, 2.0], ids=["before the model is done", "after it"])
def test_a_call_is_made_though_no_voice_works(first_audio: float) -> None:
    call = asking(["Sure thing!", " I turn", " it off now.", *CALLS])
    call.tts = FakeTts(first_audio=first_audio, failure=broken("voice"))
    call.llm.tokens_per_second = 20
    run(converse((LOUD, 0.96), (QUIET, 8.0), call=call))
    assert len(call.all(CallMade)) == 2
    assert call.outcomes()[0][0] == "failed"


def test_a_call_that_the_model_broke_off_is_not_made_when_the_voice_fails_as_well() -> None:
    call = asking(["Sure thing!", *CALLS[:2]])
    call.llm.failure, call.llm.fails_at = broken("mind"), 2
    call.tts.failure = broken("voice")
    run(converse((LOUD, 0.96), (QUIET, 8.0), call=call))
    assert call.all(CallMade) == []
    assert len(call.all(CallBegan)) == 1


def test_usage_is_the_servers_and_estimated_where_it_does_not_tell() -> None:
    told, estimated = run(converse(*QUESTION, *QUESTION, call=asking(CALLS, "It rains."))).all(ReplyEnded)
    assert told.usage == Usage(50, 20, 10)
    assert estimated.usage.prompt > 10
    assert 1 < estimated.usage.completion < 9


def test_an_answer_that_had_more_to_say_is_incomplete() -> None:
    assert run(converse(*QUESTION, call=asking(["It is", Finish("length")]))).outcomes() == [
        ("incomplete", "max_output_tokens")
    ]
    assert run(converse(*QUESTION, call=asking([Finish("content_filter")]))).outcomes() == [
        ("incomplete", "content_filter")
    ]


def test_an_answer_apart_stays_out_of_the_conversation_and_runs_beside_another() -> None:
    def aside(session: Session) -> None:
        session.turns.respond_apart(Manner("Sum up.", aloud=False), "apart", Conversation(list(session.talk.entries)))

    long = "One two three four five six seven. " * 12
    call = run(converse((LOUD, 0.96), (QUIET, 1.6), aside, (QUIET, 3.2), call=Call(llm=FakeLlm([long, "A chat."]))))
    began = {event.turn: event for event in call.all(ReplyBegan)}
    assert began["apart"].apart
    assert call.said("apart") == "A chat."
    assert "A chat." not in [text for _, text in call.lines()]
    ends = [event.turn for event in call.all(ReplyEnded)]
    assert (ends[0], call.outcomes()[1][0]) == ("apart", "cancelled")  # the other went on until the caller hung up
    assert call.llm.prompts[1].messages[0] == Message("system", "Sum up.")


def test_other_lines_may_be_answered_in_place_of_the_conversation() -> None:
    def ask(session: Session) -> None:
        session.respond(context=Conversation())

    call = run(converse(*QUESTION, ask, (QUIET, 4.0), call=Call(manner=Manner("Be brief."))))
    assert call.llm.prompts[-1].messages == [Message("system", "Be brief.")]
    assert [role for role, _ in call.lines()] == ["user", "assistant", "assistant"]


def test_what_is_answered_and_where_is_settled_when_the_answer_is_asked_for() -> None:
    def ask_twice(session: Session) -> None:
        session.talk.add(Entry("first", "user", "Who are you?"))
        session.respond()
        session.talk.add(Entry("second", "user", "And why?"))

    call = run(converse(ask_twice, (QUIET, 4.0)))
    assert call.llm.questions() == ["Who are you?"]
    assert [entry.id for entry in call.talk.entries] == ["first", call.all(SayingBegan)[0].entry, "second"]


def test_an_answer_that_was_cut_short_is_not_complete() -> None:
    long = "One two three four five six seven. " * 12
    call = run(converse((LOUD, 0.96), (QUIET, 1.6), *QUESTION, call=Call(llm=FakeLlm([long, "Yes."]))))
    answers = [entry for entry in call.talk.entries if isinstance(entry, Entry) and entry.role == "assistant"]
    assert [entry.complete for entry in answers] == [False, True]


def test_all_events_of_a_call_name_its_turn() -> None:
    def turn_of(event: Event) -> str:
        match event:
            case CallBegan(turn) | CallGrew(turn) | CallMade(turn) | Said(turn) | ReplyEnded(turn):
                return turn
            case _:
                return ""

    call = run(converse(*QUESTION, call=asking(CALLS)))
    assert {turn_of(event) for _, event in call.events} == {"", call.all(ReplyBegan)[0].turn}
