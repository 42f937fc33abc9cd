"""Is a second request to the same model worth as much as one to another? Learnt from who came first when both ran."""

from dataclasses import dataclass

from pipeline.llm.latency import Latencies

AT_FIRST = 0.85
"""What it is taken to be worth before anything was seen."""

SAMPLES = 20.0
"""What that assumption counts as."""

MEMORY = 0.99
"""Weight that a race keeps when another one follows it."""


@dataclass(slots=True)
class Again:
    """One model. If each request is delayed by itself, the second comes first as often as its luck has it; if what
    delays them is common to both, the second never does.
    """

    won: float = AT_FIRST * SAMPLES / 2
    likely: float = SAMPLES / 2

    @property
    def worth(self) -> float:
        """0..1."""
        return min(1.0, self.won / self.likely)

    def learn(self, latencies: Latencies, second_won: bool, waited: tuple[float, float], now: float) -> None:
        """One of two has just answered, when the first had been under way for `waited[0]` and the second for
        `waited[1]` seconds.
        """
        first, second = (latencies.hazard(seconds, now) for seconds in waited)
        likely = second / (first + second) if first + second > 0 else 0.5
        self.won = MEMORY * self.won + second_won
        self.likely = MEMORY * self.likely + likely
