"""One policy lives through one day, on a clock that jumps from event to event; ours through the same router, predictor,
breaker and race as on a server.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from pipeline.llm.catalog import Model
from pipeline.llm.difficulty import Classifier, built_in
from pipeline.llm.fleet import Asked, Fleet
from pipeline.llm.race import Race
from pipeline.llm.router import Choice, Need
from server.simulation.policies import Policy
from server.simulation.servers import Servers
from server.simulation.traffic import Turn

RETRIES = 2
"""Of a request that failed, and seconds before the first, doubled before the next: the defaults of OpenAI's SDK."""
BACKOFF = 0.5

PROBE = Need(prompt_tokens=10, answer_tokens=2, time_left=1.0, difficulty=0.0)
"""A request that only keeps a model warm."""


@dataclass(slots=True)
class Outcome:
    """What became of a turn."""

    turn: Turn
    model: Model | None = None
    """Who answered; None when nobody did."""
    wait: float = 0.0
    """Seconds from the choice of a model to the first token."""
    dollars: float = 0.0
    wasted: int = 0
    """Tokens of requests that were thrown away."""


@dataclass(slots=True)
class Timeline:
    """What is to happen, in order."""

    now: float = 0.0
    _order: "count[int]" = field(default_factory=count)
    _events: list[tuple[float, int, Callable[[], None]]] = field(
        default_factory=list[tuple[float, int, Callable[[], None]]]
    )

    def at(self, when: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), do))

    def run(self) -> None:
        while self._events:
            self.now, _, do = heapq.heappop(self._events)
            do()


def live(day: Sequence[Turn], take: Callable[[Turn, Timeline, Outcome], None]) -> Sequence[Outcome]:
    """What became of every turn of the day."""
    time = Timeline()
    outcomes = [Outcome(turn) for turn in day]

    def begin(number: int) -> None:
        if number + 1 < len(day):
            time.at(day[number + 1].at, lambda: begin(number + 1))
        take(day[number], time, outcomes[number])

    time.at(day[0].at, lambda: begin(0))
    time.run()
    return outcomes


@dataclass
class Naive:
    """Asks whom its policy names, and again when that fails."""

    policy: Policy
    servers: Servers

    def take(self, turn: Turn, time: Timeline, outcome: Outcome, tries: int = 0) -> None:
        """One request, and what follows from it."""
        tokens = turn.prompt_tokens + turn.answer_tokens
        fitting = [one for one in self.servers.world.models if one.window >= tokens]
        model = self.policy.pick(turn, fitting or self.servers.world.models[-1:], self.servers, time.now)
        fate = self.servers.ask(model, turn, tries, time.now)

        def end() -> None:
            self.policy.saw(model, turn, fate.after if fate.answers else None, time.now)
            if fate.answers:
                outcome.model, outcome.wait = model, time.now - turn.at
                outcome.dollars += model.price(turn.prompt_tokens, turn.answer_tokens)
            elif tries < RETRIES:
                time.at(time.now + BACKOFF * 2**tries, lambda: self.take(turn, time, outcome, tries + 1))

        time.at(time.now + fate.after, end)


@dataclass
class Ours:
    """The router."""

    fleet: Fleet
    servers: Servers
    classify: Classifier = field(default_factory=built_in)
    on_choice: Callable[[Turn, Choice], None] = lambda turn, choice: None

    def take(self, turn: Turn, time: Timeline, outcome: Outcome) -> None:
        """Choose, and run the race."""
        self._probe(turn, time, outcome)
        nature = self.classify(turn.question, turn.prompt_tokens)
        need = Need(turn.prompt_tokens, turn.answer_tokens, turn.time_left, nature.difficulty)
        choice = self.fleet.choose(need, time.now)
        self.on_choice(turn, choice)
        _Run(self, turn, need, choice, time, outcome).advance()

    def _probe(self, turn: Turn, time: Timeline, outcome: Outcome) -> None:
        """Keep everybody warm: a small request to those that nobody has asked for long."""
        for model in self.fleet.to_probe(time.now):
            outcome.wasted += PROBE.tokens
            outcome.dollars += model.price(PROBE.prompt_tokens, PROBE.answer_tokens)
            self.fleet.allowance.spend(PROBE.tokens)
            asked = self.fleet.ask(model, PROBE, PROBE.time_left, time.now)
            fate = self.servers.ask(model, turn, -1, time.now)
            time.at(time.now + fate.after, lambda asked=asked, ok=fate.answers: self._probed(asked, time.now, ok))

    def _probed(self, asked: Asked, now: float, ok: bool) -> None:
        if ok:
            self.fleet.answered(asked, now)
            self.fleet.settle(asked, PROBE.tokens, now)
        else:
            self.fleet.failed(asked, now)


@dataclass
class _Run:
    """One race."""

    ours: Ours
    turn: Turn
    need: Need
    choice: Choice
    time: Timeline
    outcome: Outcome
    race: Race = field(init=False)
    running: list[Asked] = field(default_factory=list[Asked])
    names: list[str] = field(default_factory=list[str])
    over: bool = False

    def __post_init__(self) -> None:
        self.race = Race(attempt.at for attempt in self.choice.attempts)

    def advance(self) -> None:
        """Send what is due, and come back when the next is."""
        while not self.over and self.race.due() <= self.time.now - self.turn.at + 1e-9:
            self._ask(self.choice.attempts[self.race.begin()].model)
        if not self.over and self.race.due() < float("inf"):
            self.time.at(self.turn.at + self.race.due(), self.advance)

    def _ask(self, model: Model) -> None:
        now, turn, fleet = self.time.now, self.turn, self.ours.fleet
        asked = fleet.ask(model, self.need, turn.at + turn.time_left - now, now)
        fate = self.ours.servers.ask(model, turn, self.names.count(model.name), now)
        self.names.append(model.name)
        self.running.append(asked)
        if fate.answers:
            self.time.at(now + fate.after, lambda: self._answered(asked))
        else:
            self.time.at(now + fate.after, lambda: self._failed(asked, fate.limited))

    def _failed(self, asked: Asked, limited: bool) -> None:
        if self.over:
            return
        self.running.remove(asked)
        self.race.end()
        if limited:
            self.ours.fleet.limited(asked, self.time.now)
        else:
            self.ours.fleet.failed(asked, self.time.now)
        self.over = self.race.lost  # nobody has answered
        self.advance()

    def _answered(self, asked: Asked) -> None:
        if self.over:
            return
        self.over = True
        now, turn, fleet, outcome = self.time.now, self.turn, self.ours.fleet, self.outcome
        fleet.answered(asked, now)
        for loser in self.running:
            if loser is not asked:
                fleet.outpaced(loser, asked, now)
                fleet.allowance.spend(turn.prompt_tokens)
                outcome.wasted += turn.prompt_tokens
                outcome.dollars += loser.model.price(turn.prompt_tokens, 0)
        outcome.model, outcome.wait = asked.model, now - turn.at
        outcome.dollars += asked.model.price(turn.prompt_tokens, turn.answer_tokens)
        done = now + turn.answer_tokens / asked.model.tokens_per_second
        self.time.at(done, lambda: self._over(asked, turn.prompt_tokens + turn.answer_tokens))

    def _over(self, asked: Asked, used: int) -> None:
        self.ours.fleet.settle(asked, used, self.time.now)
        self.ours.fleet.allowance.earn(used)
