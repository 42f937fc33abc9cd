"""Conversations in a real Redis: shared by servers, one of which may die, or believe what is no longer so."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from pipeline.errors import ConfigError
from server.auth import BROWSER_KEY, WRONG_KEY, Guest, door_of
from server.client_secrets import PREFIX, hashed
from server.fallback import REST, Fallback, store_of
from server.keeper import GATHER
from server.redis_store import RedisStore, redis_store
from server.sessions import MOST, MemoryStore, StoreError
from server.settings import ServerSettings
from tests.server.caller import play
from tests.server.stores import goes_on_elsewhere, kept
from tests.server.test_resume import visiting
from tests.server.test_serve import health, serving
from tests.stand_ins.redis_server import RedisServer, redis_serving


@pytest.fixture
def redis(tmp_path: Path) -> Generator[RedisServer]:
    with redis_serving(tmp_path) as server:
        yield server


@asynccontextmanager
async def servers(redis: RedisServer, count: int = 2) -> AsyncGenerator[list[RedisStore]]:
    """So many servers' stores on one Redis."""
    async with AsyncExitStack() as closing:
        stores = [redis_store(redis.url) for _ in range(count)]
        for store in stores:
            closing.push_async_callback(store.aclose)
        yield stores


@pytest.mark.real
def test_what_one_server_put_another_takes_and_nobody_takes_it_again(redis: RedisServer) -> None:
    async def scene() -> None:
        async with servers(redis, 4) as [one, *others]:
            for number in range(50):
                await one.put(f"{number}", kept(f"session {number}"), 600)
            asked = [store.take(f"{number}", "") for store in (one, *others) for number in range(50)]
            taken = [found.session for found in await asyncio.gather(*asked) if found]
            assert sorted(taken) == sorted(f"session {number}" for number in range(50))

    asyncio.run(scene())


@pytest.mark.real
def test_a_server_that_waits_in_vain_cannot_undo_what_another_made_of_the_conversation(redis: RedisServer) -> None:
    async def scene() -> None:
        async with servers(redis) as [before, after]:
            await goes_on_elsewhere(before, after)
            await before.forget("a")
            assert await after.take("new", "") == kept("a", b"2")

    asyncio.run(scene())


@pytest.mark.real
def test_what_redis_lost_is_put_again(redis: RedisServer) -> None:
    async def scene() -> None:
        async with servers(redis) as [one, other]:
            await one.put("token", kept("a", b"1"), 600)
            redis.ask("FLUSHALL")
            await one.put("token", kept("a", b"2"), 600)
            assert await other.take("token", "") == kept("a", b"2")

    asyncio.run(scene())


@pytest.mark.real
def test_nothing_stays_for_ever(redis: RedisServer) -> None:
    async def scene() -> None:
        async with servers(redis, 1) as [store]:
            for number in range(10):
                await store.put(f"{number}", kept(f"{number}"), 600)
            await store.take("0", "")
            await store.forget("1")
        assert redis.ask("DBSIZE") == ":17\r\n"  # two for each of the eight, and a mark for the one that was taken
        redis.age(1200)
        assert redis.ask("DBSIZE") == ":0\r\n"

    asyncio.run(scene())


@pytest.mark.real
def test_of_what_it_has_put_a_server_remembers_a_bounded_part(redis: RedisServer) -> None:
    async def scene() -> None:
        async with servers(redis, 1) as [store]:
            for number in range(MOST + 5):
                await store.put(f"{number}", kept(f"{number}", b""), 600)
            await store.forget("0")  # the oldest is known no longer, and forgotten all the same
            assert await store.take("0", "") is None

    asyncio.run(scene())


@pytest.mark.real
def test_the_token_itself_is_nowhere_in_redis(redis: RedisServer) -> None:
    async def scene() -> None:
        async with servers(redis, 1) as [store]:
            await store.put("a secret token", kept("a", b"a conversation"), 600)
            assert "secret" not in redis.ask("KEYS", "*") + redis.ask("HGETALL", "antiphon:session:a")
            assert "a conversation" in redis.ask("HGETALL", "antiphon:session:a")

    asyncio.run(scene())


@pytest.mark.real
def test_a_redis_that_is_full_is_said_to_be(redis: RedisServer) -> None:
    async def scene() -> None:
        async with servers(redis, 1) as [store]:
            await store.put("token", kept("a"), 600)
            redis.ask("CONFIG", "SET", "maxmemory", "1")
            with pytest.raises(StoreError, match=r"^Redis at .*redis\.sock: .*maxmemory"):
                await store.put("token", kept("a"), 600)

    asyncio.run(scene())


@pytest.mark.real
def test_a_redis_that_hangs_is_not_waited_for(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with servers(redis, 1) as [store]:
            await store.put("token", kept("a"), 600)
            redis.ask("CLIENT", "PAUSE", "60000", "ALL")
            with pytest.raises(StoreError, match="Timeout"):
                await store.put("token", kept("a"), 600)
            redis.stop()
            redis.start()
            await store.put("token", kept("a"), 600)

    monkeypatch.setattr("server.redis_client.PATIENCE", 0.1)
    asyncio.run(scene())


@pytest.mark.real
def test_a_redis_that_is_down_costs_no_conversation(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with servers(redis) as [ours, theirs]:
            store = Fallback(ours)
            await store.put("before", kept("a"), 600)
            redis.stop()
            await store.put("meanwhile", kept("b"), 600)
            assert await store.take("before", "") == kept("a")
            redis.start()
            await asyncio.sleep(REST)
            await store.put("after", kept("c"), 600)
            assert await theirs.take("meanwhile", "") == kept("b")
            assert await theirs.take("before", "") is None
            await store.aclose()

    asyncio.run(scene())
    assert [one.split(":")[0] for one in caplog.messages] == [
        "conversations are kept in memory only, where a restart would lose them",
        "conversations are written down again, and so are those of the meantime",
    ]


@pytest.mark.real
def test_a_talk_goes_on_at_another_server_when_the_first_dies(redis: RedisServer) -> None:
    async def scene() -> None:
        state = ("--redis", redis.url, "--resume", "60")
        async with serving(*state) as (first, url), serving(*state) as (_, another):
            async with visiting(url) as guest:
                await guest.come()
                await guest.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
                await guest.ask("What is 2 plus 3?")
                await asyncio.sleep(GATHER * 3)
                first.kill()
                await first.wait()
            async with visiting(another) as back:
                ours = await back.come(f"&resume={guest.token()}")
                assert (ours["resumed"], back.session["instructions"]) == (True, "Be brief.")
                assert [item["role"] for item in ours["items"]] == ["user", "assistant"]
                back.linter.items += [item["id"] for item in ours["items"]]
                assert (await back.ask("What is 3 plus 4?"))["status"] == "completed"

    play(scene())


@pytest.mark.real
def test_a_talk_that_moved_while_its_first_server_lives_stays_where_it_went(redis: RedisServer) -> None:
    async def scene() -> None:
        brief, long = (("--redis", redis.url, "--resume", seconds) for seconds in ("3", "60"))
        async with serving(*brief) as (_, url), serving(*long) as (_, another), visiting(url) as guest:
            await guest.come()
            await guest.ask("What is 2 plus 3?")
            await asyncio.sleep(GATHER * 3)
            guest.drop()
            async with visiting(another) as moved:
                ours = await moved.come(f"&resume={guest.token()}")
                assert ours["resumed"]
                moved.linter.items += [item["id"] for item in ours["items"]]
                await moved.ask("What is 3 plus 4?")
                async with asyncio.timeout(15):  # until the first server gives the conversation up
                    while (await asyncio.to_thread(health, url))[1]["sessions"]:  # noqa: ASYNC110  it can only be asked
                        await asyncio.sleep(0.1)
                assert "3 plus 4" in redis.ask("HGET", f"antiphon:session:{moved.session['id']}", "state")

    play(scene())


@pytest.mark.real
def test_a_secret_that_one_server_issued_opens_another(redis: RedisServer) -> None:
    async def scene() -> None:
        settings = ServerSettings(keys="sesame", redis=redis.url)
        issuer, other = door_of(settings), door_of(settings)
        secret, _ = issuer.secrets.issue(hashed("sesame"), {"instructions": "Bré f."}, 60)
        shown = Headers({"authorization": f"Bearer {secret}", "host": "my.example"})
        assert await other.admit(shown, []) == WRONG_KEY
        await issuer.secrets.share(secret)
        assert await other.admit(shown, []) == Guest(hashed("sesame"), {"instructions": "Bré f."})
        assert await other.admit(Headers({"host": "my.example"}), [f"{BROWSER_KEY}{secret}"]) == other.guest(shown, [])
        assert secret.removeprefix(PREFIX) not in redis.ask("KEYS", "*")
        redis.age(61)
        assert redis.ask("DBSIZE") == ":0\r\n"
        for door in (issuer, other):
            await door.secrets.aclose()

    asyncio.run(scene())


@pytest.mark.real
def test_without_its_redis_a_server_honours_its_own_secrets(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        door = door_of(ServerSettings(keys="sesame", redis=redis.url))
        redis.stop()
        secret, _ = door.secrets.issue(hashed("sesame"), {}, 60)
        await door.secrets.share(secret)
        admitted = [
            await door.admit(Headers({"authorization": f"Bearer {one}"}), []) for one in (secret, f"{PREFIX}another")
        ]
        assert admitted == [Guest(hashed("sesame"), {}), WRONG_KEY]
        await door.secrets.aclose()

    asyncio.run(scene())
    assert [message.split(":")[0] for message in caplog.messages] == [
        "a client secret is good at this server alone",
        "what a client secret stands for cannot be found out",
    ]


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://127.0.0.1:6379", "write it like redis://127.0.0.1:6379/0"),
        ("redis", "write it like redis://127.0.0.1:6379/0"),
        ("redis://127.0.0.1:port", "is no address"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        store_of(ServerSettings(redis=url), {})


def test_a_store_that_is_not_wanted_is_not_asked_for() -> None:
    assert isinstance(store_of(ServerSettings(redis="redis://127.0.0.1:1", resume=0), {}), MemoryStore)


def test_a_password_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        store = store_of(ServerSettings(redis="redis://me:secret@127.0.0.1:1/0?client_name=secret"), {})
        await store.put("token", kept("a"), 600)
        await store.aclose()

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scene())
    assert "127.0.0.1:1/0" in caplog.text
    assert "secret" not in caplog.text
