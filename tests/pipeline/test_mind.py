"""Who answers a question, and how it is asked, over scripted models on the virtual clock."""

import asyncio
import math
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import pytest

from pipeline.engines import Finish, LlmEngine, Message, Piece, Prompt, Usage
from pipeline.errors import EngineError, LimitedError
from pipeline.llm.account import Account
from pipeline.llm.asking import Asking
from pipeline.llm.catalog import Model
from pipeline.llm.fleet import PROBE_AFTER, Fleet
from pipeline.llm.mind import Mind
from pipeline.llm.restraint import Restraint, Step
from pipeline.llm.rollout import Policy
from pipeline.llm.warmth import warm
from pipeline.tts.clauses import first_clause
from tests.pipeline.fakes import FakeLlm
from tests.pipeline.rows import LARGE, LONG, SMALL
from tests.virtual_clock import run

GREETING, HARD = "Hello there!", "Explain step by step why the proof by induction fails, and how to repair it."


@dataclass
class Head:
    """Models by name, those of `rows` with a row in the catalogue; and what it was asked and said."""

    engines: Mapping[str, FakeLlm]
    rows: tuple[Model, ...] = (SMALL, LARGE, LONG)
    mind: Mind = field(init=False)
    account: Account = field(default_factory=Account)
    first: float = 0.0
    """Seconds from the question to the first piece."""

    def __post_init__(self) -> None:
        there: list[LlmEngine] = list(self.engines.values())
        self.mind = Mind(lambda: there, Fleet(self.rows))

    async def ask(self, question: str, **circumstances: object) -> str:
        """Its answer; `circumstances` are those of an `Asking`."""
        given = {"prompt": Prompt([Message("system", "Be kind."), Message("user", question)]), "time_left": 0.5}
        asking = Asking(question=question, **{**given, **circumstances})  # pyright: ignore[reportArgumentType]  by name
        self.account = Account()
        now = asyncio.get_running_loop().time
        begun, pieces = now(), list[Piece]()
        answering = self.mind.answer(asking, self.account)
        async with aclosing(answering.reply()) as stream:
            async for piece in stream:
                self.first = self.first if pieces else now() - begun
                pieces.append(piece)
        return "".join(piece for piece in pieces if isinstance(piece, str))


def named(name: str, first_token: float = 0.1, **script: object) -> FakeLlm:
    llm = FakeLlm([f"I am {name}."], first_token, name=name)
    for what, value in script.items():
        setattr(llm, what, value)
    return llm


def head(*engines: FakeLlm, rows: tuple[Model, ...] = (SMALL, LARGE, LONG)) -> Head:
    return Head({engine.name: engine for engine in engines}, rows)


def test_a_greeting_goes_to_the_cheapest_and_a_hard_question_to_the_best_that_is_in_time() -> None:
    async def scene() -> None:
        here = head(named("small"), named("large"), named("long"))
        assert await here.ask(GREETING, time_left=5.0) == "I am small."
        assert (here.account.kind, here.account.model) == ("greeting", "small")
        assert await here.ask(HARD, time_left=5.0) == "I am large."  # long is no better by a margin, and dearer
        assert here.account.why.startswith("large: ")
        assert await here.ask(HARD, time_left=0.25) == "I am small."

    run(scene())


@pytest.mark.parametrize(
    ("policy", "question", "left", "answers"),
    [("fast", HARD, 5.0, "small"), ("best", GREETING, 0.1, "large"), ("best", HARD, -1.0, "large")],
)
def test_the_caller_s_policy_counts_more_than_the_question(
    policy: Policy, question: str, left: float, answers: str
) -> None:
    async def scene() -> None:
        here = head(named("small"), named("large"), named("long"))
        assert await here.ask(question, time_left=left, policy=policy) == f"I am {answers}."

    run(scene())


def test_the_cheapest_that_holds_others_back_is_one_that_could_answer() -> None:
    free = replace(SMALL, price_in=0.0, price_out=0.0, tools=False)
    tool = {"type": "function", "name": "look_up"}
    prompt = Prompt([Message("user", GREETING)], tools=[tool])

    async def scene() -> None:
        here = head(named("small"), named("large"), rows=(free, LARGE))
        busy = Restraint(Step.CHEAPER, "much is going on")
        assert await here.ask(GREETING, prompt=prompt, restraint=busy, last_word="Sorry.") == "I am large."

    run(scene())


def test_only_those_are_chosen_among_that_are_started() -> None:
    async def scene() -> None:
        here = head(named("small"), named("brain"))
        assert await here.ask(HARD, time_left=5.0) == "I am small."

    run(scene())


def test_those_outside_the_catalogue_answer_when_no_row_has_a_word() -> None:
    async def scene() -> None:
        down = named("small", failure=EngineError("small is down"))
        here = head(down, named("brain"))
        assert await here.ask(GREETING) == "I am brain."
        assert here.account.model == "brain"
        assert here.account.failures[0] == "small is down"
        assert here.account.cost == 0

    run(scene())


def test_rows_that_keep_failing_are_not_waited_for_again_while_somebody_else_is_there() -> None:
    async def scene() -> None:
        slow = named("small", first_token=1.0, failure=EngineError("small is down"))
        here = head(slow, named("brain"))
        for _ in range(2):
            await here.ask(GREETING)
        asked = len(slow.prompts)
        await here.ask(GREETING)
        assert here.first == pytest.approx(0.1)
        assert len(slow.prompts) == asked

    run(scene())


CODE = "```python\n" + "def f(x):\n    return x\n" * 100 + "```\nThere."
INTERVAL = "On [0, 1) it grows. At one it is undefined, since the interval is open there." + " So it is." * 30


@pytest.mark.parametrize("text", [CODE, INTERVAL])
def test_an_answer_that_goes_on_without_a_clause_is_not_taken_for_one_that_stalls(text: str) -> None:
    async def scene() -> None:
        engines = [named(name, 0.2, replies=[text], tokens_per_second=30) for name in ("small", "large", "long")]
        here = head(*engines)
        assert await here.ask(HARD, clause=first_clause) == text
        assert len(here.account.asked) == 1
        assert here.first < 1.0

    run(scene())


def test_one_that_broke_off_is_not_replaced_in_mid_answer() -> None:
    async def scene() -> None:
        small = named("small", replies=["One two. Three four five six."], failure=EngineError("gone"), fails_at=4)
        here = head(small, named("brain"))
        with pytest.raises(EngineError):
            await here.ask(GREETING)

    run(scene())


def test_without_a_catalogue_the_first_that_works_answers_and_there_is_nothing_to_explain() -> None:
    async def scene() -> None:
        here = head(named("server"), named("brain"), rows=())
        assert await here.ask(GREETING) == "I am server."
        assert (here.account.model, here.account.why, here.account.asked) == ("server", "", ["server"])
        assert here.account.first_token == pytest.approx(0.1)

    run(scene())


def test_what_an_answer_costs_is_known_while_it_is_given_and_put_right_by_the_server_s_count() -> None:
    async def scene() -> None:
        counted: list[Piece] = ["I am small.", Finish(usage=Usage(1000, 500))]
        here = head(FakeLlm([counted], 0.1, name="small"))
        await here.ask(GREETING)
        assert here.account.cost == pytest.approx(SMALL.price(1000, 500))
        assert here.account.tokens == 1500

    run(scene())


def test_the_kind_of_question_settles_temperature_length_and_advice() -> None:
    async def scene() -> None:
        small = named("small")
        here = head(small)
        await here.ask("What is twelve times twelve?")
        asked = small.prompts[0]
        assert (asked.temperature, asked.max_tokens) == (0.0, 80)
        roles = [line.role for line in asked.messages if isinstance(line, Message)]
        assert roles == ["system", "system", "user"]
        assert asked.messages[0] == Message("system", "Be kind.")

    run(scene())


def test_what_the_caller_has_settled_stays_so() -> None:
    async def scene() -> None:
        small = named("small")
        here = head(small)
        question = "What is twelve times twelve?"
        given = Prompt([Message("user", question)], max_tokens=7, temperature=1.5)
        await here.ask(question, prompt=given, aloud=False)
        assert small.prompts == [given]

    run(scene())


def test_calls_and_thoughts_are_not_cut_at_a_number_of_tokens() -> None:
    async def scene() -> None:
        small = named("small")
        tools = Prompt([Message("user", GREETING)], tools=[{"name": "wave"}])
        await head(small).ask(GREETING, prompt=tools)
        await head(small, rows=(replace(SMALL, reasons=True),)).ask(GREETING)
        await head(small, rows=()).ask(GREETING)
        assert [prompt.max_tokens for prompt in small.prompts] == [None, None, None]

    run(scene())


def test_summaries_go_to_the_cheapest_and_are_tried_again_as_its_server_asks() -> None:
    async def scene() -> None:
        small = named("small", failure=LimitedError("too many", retry_after=3.0))
        here = head(named("large"), small, rows=(LARGE, SMALL))
        here.mind.ready = lambda: [small]
        now, words = asyncio.get_running_loop().time, list[Piece]()

        async def forgive() -> None:
            await asyncio.sleep(2.0)
            small.failure = None

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(forgive())
            async with aclosing(here.mind.cheapest().reply(Prompt([Message("user", "Sum up.")]))) as pieces:
                async for piece in pieces:
                    words.append(piece)
        assert words
        assert now() > 3.0

    run(scene())


def test_the_cheapest_is_asked_first_whatever_its_place() -> None:
    async def scene() -> None:
        small, large = named("small"), named("large")
        here = head(large, small, rows=(LARGE, SMALL))
        async with aclosing(here.mind.cheapest().reply(Prompt([Message("user", "Sum up.")]))) as pieces:
            async for _ in pieces:
                pass
        assert (len(small.prompts), len(large.prompts)) == (1, 0)

    run(scene())


def test_summaries_go_to_a_model_that_reasons_only_where_there_is_no_other() -> None:
    thinker = replace(SMALL, name="thinker", price_in=0.0, price_out=0.0, reasons=True)

    async def scene() -> None:
        small, thinking = named("small"), named("thinker")
        for here in (head(thinking, small, rows=(thinker, SMALL)), head(thinking, rows=(thinker,))):
            async with aclosing(here.mind.cheapest().reply(Prompt([Message("user", "Sum up.")], 200))) as pieces:
                async for _ in pieces:
                    pass
        assert [prompt.max_tokens for prompt in small.prompts] == [200]
        assert [prompt.max_tokens for prompt in thinking.prompts] == [None]  # its thoughts would use them up

    run(scene())


def test_models_nobody_asks_are_kept_warm_and_a_broken_one_is_found_out() -> None:
    async def scene() -> None:
        small, large, brain = named("small"), named("large", failure=EngineError("down")), named("brain")
        here = head(small, large, brain)
        await warm(here.mind)
        assert [len(one.prompts) for one in (small, large, brain)] == [1, 1, 1]
        await warm(here.mind)
        assert [len(one.prompts) for one in (small, large, brain)] == [1, 1, 1]
        await asyncio.sleep(PROBE_AFTER + 1)
        for _ in range(2):
            await asyncio.sleep(PROBE_AFTER + 1)
            await warm(here.mind)
        assert not here.mind.fleet.open(LARGE, asyncio.get_running_loop().time())
        assert len(small.prompts) == 3
        assert math.isfinite(here.mind.fleet.allowance.level)

    run(scene())
