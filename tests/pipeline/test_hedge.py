"""A choice run over scripted models, on the virtual clock: who answers, when, and what it costs."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import pytest

from pipeline.engines import CallPiece, Finish, Message, Piece, Prompt, RateLimit, Usage
from pipeline.errors import EngineError, LimitedError, RefusedError
from pipeline.llm.account import Account
from pipeline.llm.fleet import Fleet
from pipeline.llm.hedge import Hedged
from pipeline.llm.router import Attempt, Choice, Need
from tests.pipeline.fakes import FakeLlm, broken
from tests.pipeline.rows import LARGE, LONG, SMALL
from tests.virtual_clock import run

PROMPT = Prompt([Message("user", "Hi!")])
NEED = Need(400, 60, 0.45, 0.3)
ROWS = {row.name: row for row in (SMALL, LARGE, LONG)}
NEVER = math.inf


@dataclass
class Scene:
    """One turn with these models, asked at these times in this order."""

    minds: Mapping[str, FakeLlm]
    at: Mapping[str, float]
    clause_after: int = 1
    """Characters from which a text counts as a clause."""
    fleet: Fleet = field(default_factory=lambda: Fleet(list(ROWS.values())))
    account: Account = field(default_factory=Account)
    pieces: list[tuple[float, Piece]] = field(default_factory=list[tuple[float, Piece]])
    """With the loop's time of each, in ms."""
    tasks: int = 0
    """Left when it was over."""

    def hedged(self) -> Hedged:
        attempts = [Attempt(ROWS[name], at) for name, at in self.at.items()]
        choice = Choice(attempts, 0.9, hedged=True, reason="so be it" if attempts else "no model fits")
        return Hedged(
            self.fleet,
            lambda model: self.minds[model.name],
            choice,
            NEED,
            clause=self._clause,
            account=self.account,
        )

    def _clause(self) -> Callable[[str], bool]:
        lengths = list[int]()

        def there(piece: str) -> bool:
            lengths.append(len(piece))
            return sum(lengths) >= self.clause_after

        return there

    async def play(self) -> "Scene":
        now, before = asyncio.get_running_loop().time, len(asyncio.all_tasks())
        async with aclosing(self.hedged().reply(PROMPT)) as pieces:
            async for piece in pieces:
                self.pieces.append((round(now() * 1000), piece))
        self.tasks = len(asyncio.all_tasks()) - before
        return self

    @property
    def text(self) -> str:
        return "".join(piece for _, piece in self.pieces if isinstance(piece, str))

    @property
    def first(self) -> float:
        """When the first piece came, ms."""
        return self.pieces[0][0]


def mind(name: str, first_token: float, text: str = "", **script: object) -> FakeLlm:
    llm = FakeLlm([text or f"I am {name}."], first_token, name=name)
    for what, value in script.items():
        setattr(llm, what, value)
    return llm


def scene(*minds: FakeLlm, at: tuple[float, ...] = (0.0, 0.25, 2.0), clause_after: int = 1) -> Scene:
    names = [one.name for one in minds]
    return Scene(dict(zip(names, minds, strict=True)), dict(zip(names, at, strict=False)), clause_after)


def test_one_that_is_quick_answers_alone() -> None:
    small, large = mind("small", 0.2), mind("large", 0.1)
    after = run(scene(small, large).play())
    assert (after.text, after.first, after.account.asked) == ("I am small.", 200, ["small"])
    assert (after.account.model, after.account.first_token) == ("small", pytest.approx(0.2))
    assert (after.account.wasted, after.account.saved, len(large.prompts)) == (0, 0.0, 0)


def test_two_calls_of_one_answer_both_come_through() -> None:
    calls = [CallPiece(0, "a", "look_up", "{"), CallPiece(0, arguments="}"), CallPiece(1, "b", "switch_on", "{}")]
    after = run(scene(mind("small", 0.2, replies=[[*calls, Finish("stop")]]), mind("large", 0.1)).play())
    assert [piece for _, piece in after.pieces] == [*calls, Finish("stop")]


def test_the_runner_up_starts_at_its_moment_and_the_first_to_speak_wins() -> None:
    large, small = mind("large", 1.0), mind("small", 0.15)
    after = run(scene(large, small).play())
    assert (after.text, after.first) == ("I am small.", 400)
    assert (small.asked_at, large.left, after.tasks) == ([0.25], 1, 0)


def test_the_loser_is_closed_at_once_also_when_it_is_the_runner_up() -> None:
    closed = list[float]()

    @dataclass(eq=False)
    class Watched(FakeLlm):
        def __post_init__(self) -> None:
            self.name, self.first_token = "small", 5.0

        async def reply(self, prompt: Prompt):
            try:
                async for piece in super().reply(prompt):
                    yield piece
            finally:
                closed.append(asyncio.get_running_loop().time())

    large = mind("large", 0.3, "One two three four five six seven eight nine ten.")
    after = run(scene(large, Watched()).play())
    assert (after.text[:7], after.first) == ("One two", 300)
    assert closed == [pytest.approx(0.3)]


def test_what_hedging_wasted_and_saved_is_counted() -> None:
    large, small = mind("large", 1.0), mind("small", 0.15)
    after = run(scene(large, small).play())
    assert after.account.wasted == NEED.prompt_tokens
    assert 0.01 < after.account.saved < 0.5
    used = 400 + 5  # "I am small."
    assert after.fleet.allowance.level == pytest.approx(-400 + used * 0.05 / 0.95, abs=1)


def test_what_was_seen_is_remembered_also_of_the_loser() -> None:
    after = run(scene(mind("large", 1.0), mind("small", 0.15)).play())
    seen, cold = after.fleet.predictor, 1e6
    promised = Fleet([SMALL, LARGE]).predictor
    assert seen.of(SMALL, 400, cold).chance(0.2, 1.0) > promised.of(SMALL, 400, cold).chance(0.2, 1.0)
    assert seen.of(LARGE, 400, cold).chance(0.39, 1.0) < promised.of(LARGE, 400, cold).chance(0.39, 1.0)


@pytest.mark.parametrize("failing", [{"failure": broken("mind")}, {"replies": [""]}, {"replies": [[Finish()]]}])
def test_after_a_failure_the_next_starts_at_once(failing: dict[str, object]) -> None:
    after = run(scene(mind("small", 0.05, "x", **failing), mind("large", 0.3)).play())
    assert (after.text, after.first, after.account.asked) == ("I am large.", 350, ["small", "large"])
    assert len(after.account.failures) == 1


def test_one_that_refuses_a_request_is_not_blamed() -> None:
    fleet = Fleet(list(ROWS.values()))
    for _ in range(5):
        cast = scene(mind("small", 0.05, failure=RefusedError("too rude")), mind("large", 0.3))
        cast.fleet = fleet
        run(cast.play())
    assert fleet.standing["small"].breaker.allows(0.0)


def test_one_that_keeps_failing_is_left_alone() -> None:
    fleet = Fleet(list(ROWS.values()))
    for _ in range(3):
        cast = scene(mind("small", 0.05, failure=broken("mind")), mind("large", 0.3))
        cast.fleet = fleet
        run(cast.play())
    assert not fleet.standing["small"].breaker.allows(0.0)
    assert fleet.choose(NEED, 0.0).attempts[0].model.name == "large"


@pytest.mark.parametrize(("fails_at", "clause_after"), [(3, 1), (2, 12)], ids=["aloud", "before its first clause"])
def test_one_that_keeps_breaking_off_is_left_alone(fails_at: int, clause_after: int) -> None:
    fleet = Fleet(list(ROWS.values()))
    for _ in range(3):
        assert fleet.standing["small"].breaker.allows(0.0)
        cast = scene(
            mind("small", 0.05, "Well let me see.", failure=broken("mind"), fails_at=fails_at),
            mind("large", 0.3, "It is late."),
            clause_after=clause_after,
        )
        cast.fleet = fleet
        with suppress(EngineError):
            run(cast.play())
    assert not fleet.standing["small"].breaker.allows(0.0)
    assert fleet.standing["large"].breaker.failures == 0


async def leave_at_once(cast: Scene) -> None:
    async with aclosing(cast.hedged().reply(PROMPT)) as pieces:
        async for _ in pieces:
            break


async def leave_before_a_clause(cast: Scene) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await cast.play()


@pytest.mark.parametrize(("end", "clause_after"), [(leave_at_once, 1), (leave_before_a_clause, 90), (Scene.play, 20)])
def test_a_trial_that_is_left_is_no_verdict_and_makes_room_for_another(
    end: Callable[[Scene], Awaitable[object]], clause_after: int
) -> None:
    async def trial() -> None:
        breaker = cast.fleet.standing["small"].breaker
        for _ in range(3):
            breaker.failed(0.0)
        await asyncio.sleep(6.0)
        assert breaker.state(6.0) == "half_open"
        await end(cast)
        now = asyncio.get_running_loop().time()
        assert (breaker.state(now), breaker.allows(now), breaker.failures) == ("half_open", True, 3)

    dribbling = mind("small", 0.1, "Well let me see now.", tokens_per_second=0.5)
    cast = scene(dribbling, mind("large", 0.3, "It is late, and time for bed."), clause_after=clause_after)
    run(trial())


def test_when_all_fail_it_says_what_each_had() -> None:
    minds = [mind(name, 0.1, failure=EngineError(f"{name} is ill")) for name in ROWS]
    with pytest.raises(EngineError, match="no model is left: small is ill; large is ill; long is ill"):
        run(scene(*minds).play())


def test_when_no_model_fits_the_reason_is_told() -> None:
    with pytest.raises(EngineError, match="no model fits"):
        run(scene().play())


def test_all_that_never_answer_are_given_up_when_the_turn_is_and_leave_nothing_behind() -> None:
    minds = [mind("small", NEVER), mind("large", NEVER)]

    async def give_up() -> None:
        before = asyncio.all_tasks()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3.0):
                await cast.play()
        assert asyncio.all_tasks() == before

    cast = scene(*minds)
    run(give_up())
    assert ([one.left for one in minds], cast.account.model) == ([1, 1], "")
    assert cast.fleet.allowance.level == 0.0  # no hedge is to blame for that


def test_a_function_call_is_an_answer() -> None:
    small = mind("small", 0.1)
    small.replies = [[CallPiece(0, "a", "time"), CallPiece(0, arguments="{}"), Finish()]]
    after = run(scene(small, mind("large", 0.3), clause_after=50).play())
    assert [piece for _, piece in after.pieces] == small.replies[0]
    assert after.first == 100


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_end_with_a_reason_is_an_answer(reason: str) -> None:
    small = mind("small", 0.1)
    small.replies = [[Finish(reason)]]  # pyright: ignore[reportArgumentType]  both are reasons
    after = run(scene(small, mind("large", 0.3)).play())
    assert [piece for _, piece in after.pieces] == small.replies[0]


def test_text_is_held_back_until_it_can_be_spoken_and_then_comes_in_order() -> None:
    after = run(scene(mind("small", 0.1, "One two three four."), clause_after=9).play())
    assert (after.text, after.first) == ("One two three four.", 140)


def test_a_short_answer_needs_no_clause() -> None:
    assert run(scene(mind("small", 0.1, "Yes."), clause_after=90).play()).text == "Yes."


def test_one_that_dribbles_is_overtaken() -> None:
    small = mind("small", 0.1, "Well let me see now.", tokens_per_second=0.5)
    after = run(scene(small, mind("large", 0.3, "It is late, and time for bed."), clause_after=10).play())
    assert after.text == "It is late, and time for bed."
    assert after.first == pytest.approx(100 + 1200 + 300 + 40)
    assert (after.account.model, after.account.asked, small.left) == ("large", ["small", "large"], 1)
    assert after.account.wasted > NEED.prompt_tokens


def test_one_that_dribbles_but_comes_to_a_clause_first_goes_on() -> None:
    small = mind("small", 0.1, "Well then.", tokens_per_second=0.75)
    after = run(scene(small, mind("large", 3.0), clause_after=10).play())
    assert (after.account.model, after.account.asked) == ("small", ["small", "large"])
    assert after.text == "Well then."


def test_one_that_breaks_off_before_its_first_clause_is_replaced_unheard() -> None:
    small = mind("small", 0.1, "Well let me see.", failure=broken("mind"), fails_at=2)
    after = run(scene(small, mind("large", 0.3), clause_after=12).play())
    assert (after.text, after.account.model) == ("I am large.", "large")


def test_one_that_says_a_word_and_breaks_off_in_the_same_moment_is_replaced_once() -> None:
    class Brief(FakeLlm):
        async def reply(self, prompt: Prompt) -> AsyncGenerator[Piece]:
            self.prompts.append(prompt)
            yield "Well"
            raise broken("small")

    after = run(scene(Brief(name="small"), mind("large", 0.1), at=(0.0, 5.0), clause_after=6).play())
    assert (after.text, after.account.asked) == ("I am large.", ["small", "large"])


def test_one_that_breaks_off_later_is_not() -> None:
    small = mind("small", 0.1, "Well let me see.", failure=broken("mind"), fails_at=3)
    cast = scene(small, mind("large", 0.3))
    with pytest.raises(EngineError, match="the mind broke"):
        run(cast.play())
    assert cast.text == "Well let me"


def test_a_listener_who_leaves_closes_the_request() -> None:
    small = mind("small", 0.1, "One two three four.")
    cast = scene(small, mind("large", 0.3))

    async def leave() -> None:
        async with aclosing(cast.hedged().reply(PROMPT)) as pieces:
            async for _ in pieces:
                break
        assert small.left == 1

    run(leave())
    assert cast.fleet.allowance.level > 0


def test_what_the_server_tells_is_passed_on_and_learnt() -> None:
    small = mind("small", 0.1)
    end = Finish(usage=Usage(1000, 200), limits=(RateLimit("requests", 60, 0, 60.0),))
    small.replies = [["Yes.", end]]
    after = run(scene(small).play())
    assert after.pieces[-1][1] == end
    assert not after.fleet.standing["small"].rates.allow(1, 0.1)
    assert after.fleet.allowance.level == pytest.approx(1200 * 0.05 / 0.95)


def test_who_was_asked_too_often_is_left_alone_as_long_as_it_says_and_is_not_taken_for_broken() -> None:
    limited = mind("small", 0.05, failure=LimitedError("429", retry_after=30.0))
    after = run(scene(limited, mind("large", 0.1), at=(0.0, 5.0)).play())
    assert after.text == "I am large."
    standing = after.fleet.standing["small"]
    assert standing.breaker.failures == 0
    assert not standing.rates.allow(10, 20.0)
    assert standing.rates.allow(10, 31.0)


def test_both_are_paid_for_where_both_have_begun_and_nothing_where_one_has_failed() -> None:
    large, small = mind("large", 1.0), mind("small", 0.15)
    both = run(scene(large, small).play())
    spoken = both.account.tokens - 2 * NEED.prompt_tokens
    assert both.account.cost == pytest.approx(
        LARGE.price(NEED.prompt_tokens, 0) + SMALL.price(NEED.prompt_tokens, spoken)
    )
    failed = run(scene(mind("large", 0.1, failure=EngineError("down")), small).play())
    assert failed.account.cost == pytest.approx(SMALL.price(NEED.prompt_tokens, spoken))


def test_the_first_token_is_when_it_came_and_not_when_it_made_a_clause() -> None:
    after = run(scene(mind("small", 0.2, text="One two three four.", tokens_per_second=10.0), clause_after=12).play())
    assert after.first > 300
    assert after.account.first_token == pytest.approx(0.2)
