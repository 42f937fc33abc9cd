"""What fails on a running server can be found in its journal, and replayed."""

from contextlib import aclosing
from pathlib import Path

import pytest

from models import brain
from models.faults import Knobs
from server.journal import JOURNAL, Journal
from tests.server.caller import calling, play
from tests.server.houses import at_home
from tests.stand_ins.asgi import serving

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("server_error", "answers 500", ""),
        ("rate_limit", "answers 429", ""),
        ("cut", "broke off", "I must"),
        ("silence", "no word of an answer within 0.3 s", ""),
    ],
)
def test_a_request_that_fails_is_kept_whole(fault: str, error: str, said: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        faulty = brain.app(brain.Settings(Knobs(fault=fault, replies=("I must think about it.",))))  # pyright: ignore[reportArgumentType]
        async with serving(faulty) as url:
            given = {"llm.engine": "openai", "llm.url": f"{url}/v1", "llm.first_token": "0.3"}
            async with at_home({**given, "server.state": str(tmp_path)}) as house, calling(house.url) as caller:
                await caller.update(instructions="Be brief.", output_modalities=["text"], max_output_tokens=40)
                await caller.ask("What is an antiphon?")
            async with aclosing(Journal(tmp_path / JOURNAL)) as journal:
                noted = [one.failure for one in await journal.all()]
        kept = next(one for one in noted if one.request["messages"][-1]["content"] == "What is an antiphon?")
        assert kept.url == f"{url}/v1"
        assert error in kept.error
        assert kept.said.startswith(said)
        assert kept.request["messages"][0] == {"role": "system", "content": "Be brief."}
        assert kept.request["max_tokens"] == 40
        assert kept.waited >= (0.3 if fault == "silence" else 0.0)

    play(scenario())


def test_nothing_is_kept_where_nobody_wants_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        faulty = brain.app(brain.Settings(Knobs(fault="server_error")))
        async with serving(faulty) as url:
            given = {"llm.engine": "openai", "llm.url": f"{url}/v1", "llm.journal": "no"}
            async with at_home({**given, "server.state": str(tmp_path)}) as house, calling(house.url) as caller:
                await caller.ask("Hello!")

    play(scenario())
    assert not (tmp_path / JOURNAL).exists()
