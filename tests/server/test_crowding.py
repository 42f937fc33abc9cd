"""More clients are cut off than conversations can wait for: whoever comes back still finds theirs."""

from pathlib import Path

import pytest

from server.house import House
from server.realtime.lines import MOST_WAITING
from tests.server.caller import play
from tests.server.houses import at_home
from tests.server.test_resume import WAITING, visiting

pytestmark = pytest.mark.real


async def break_off(house: House, key: str, times: int) -> None:
    """Connect and lose the connection, so many times."""
    for _ in range(times):
        async with visiting(house.url, key) as guest:
            await guest.come()
            guest.drop()


def test_who_breaks_off_again_and_again_costs_nobody_else_a_place() -> None:
    async def scenario() -> None:
        async with at_home({**WAITING, "server.keys": "mine,yours"}) as house, visiting(house.url, "mine") as guest:
            await guest.come()
            await guest.ask("What is 2 plus 3?")
            guest.drop()
            await break_off(house, "yours", MOST_WAITING + 5)
            back = await guest.come_back()
            assert (back["resumed"], back["missed_events"]) == (True, 0)

    play(scenario())


@pytest.mark.parametrize("state", ["none", "kept"])
def test_who_is_crowded_out_finds_the_conversation_in_the_store(tmp_path: Path, state: str) -> None:
    async def scenario() -> None:
        folder = "none" if state == "none" else str(tmp_path)
        async with at_home({**WAITING, "server.state": folder}) as house, visiting(house.url) as guest:
            await guest.come()
            await guest.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
            await guest.ask("What is 2 plus 3?")
            guest.drop()
            await break_off(house, "", MOST_WAITING + 5)
            assert len(house.lines.waiting()) <= MOST_WAITING
            back = await guest.come_back()
            assert (back["resumed"], len(back["items"])) == (True, 2)
            assert guest.session["instructions"] == "Be brief."

    play(scenario())
