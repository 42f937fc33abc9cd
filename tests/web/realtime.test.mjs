import assert from "node:assert/strict";
import { test } from "node:test";

import { Realtime, realtimeUrl } from "../../client/web/js/realtime.js";

/** A page with a clock of its own, and servers that do as they are told. */
class World {
  sockets = [];
  told = [];
  #now = 0;
  #timers = new Map();
  #numbers = 0;

  constructor(key = "") {
    const { sockets } = this;
    this.WebSocket = class {
      sent = [];
      closed = null;
      bufferedAmount = 0;
      constructor(url, protocols) {
        Object.assign(this, { url: new URL(url), protocols });
        sockets.push(this);
      }
      send(text) {
        this.sent.push(JSON.parse(text));
      }
      close(code) {
        this.closed = code;
      }
    };
    this.realtime = new Realtime(
      "ws://here/v1/realtime",
      key,
      {
        greeted: (_session, ...how) => this.told.push(["greeted", ...how]),
        event: ({ type }) => this.told.push([type]),
        lost: () => this.told.push(["lost"]),
        failed: (reason) => this.told.push(["failed", reason]),
      },
      this,
    );
    this.realtime.connect();
  }

  now = () => this.#now;
  random = () => 1;
  setTimeout = (deed, ms) => {
    this.#timers.set(++this.#numbers, { deed, at: this.#now + ms });
    return this.#numbers;
  };
  clearTimeout = (timer) => this.#timers.delete(timer);

  get socket() {
    return this.sockets.at(-1);
  }

  say(type, number, fields = {}) {
    this.socket.onmessage({ data: JSON.stringify({ type, event_id: `event_${number}`, ...fields }) });
  }

  greet(number, antiphon = { resumed: false, resume: { token: "t1", seconds: 600 } }) {
    this.say("session.created", number, { session: { antiphon } });
  }

  drop(code = 1006, reason = "") {
    this.socket.onclose({ code, reason });
  }

  pass(ms) {
    for (const end = this.#now + ms; ;) {
      const [timer, next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [0, { at: Infinity }];
      if (next.at > end) {
        this.#now = end;
        return;
      }
      this.#now = next.at;
      this.#timers.delete(timer);
      next.deed();
    }
  }
}

test("the key travels as a subprotocol", () => {
  assert.deepEqual(new World("k").socket.protocols, ["realtime", "openai-insecure-api-key.k"]);
  assert.deepEqual(new World().socket.protocols, ["realtime"]);
});

test("events wait for the greeting, sound does not", () => {
  const world = new World();
  world.realtime.send({ type: "response.create" });
  assert.equal(world.realtime.ready, false);
  assert.deepEqual(world.socket.sent, []);
  world.greet(1);
  assert.equal(world.realtime.ready, true);
  assert.deepEqual(world.socket.sent, [{ type: "response.create" }]);
});

test("a dropped conversation is taken up where it broke off", () => {
  const world = new World();
  world.greet(1);
  world.say("response.created", 7);
  world.drop();
  world.pass(250);
  const { searchParams } = world.socket.url;
  assert.equal(world.sockets.length, 2);
  assert.deepEqual([searchParams.get("resume"), searchParams.get("last_event_id")], ["t1", "event_7"]);
  world.greet(20, { resumed: true, resume: { token: "t2", seconds: 600 } });
  assert.deepEqual(world.told, [["greeted", false, false], ["response.created"], ["lost"], ["greeted", true, true]]);
});

test("a greeting says nothing of what came before it: what is sent again after it may be lost again", () => {
  const world = new World();
  const back = { resumed: true, resume: { token: "t2", seconds: 600 } };
  world.greet(1);
  world.say("response.created", 7);
  world.drop();
  world.pass(250);
  world.greet(20, back);
  world.drop();
  world.pass(250);
  assert.equal(world.socket.url.searchParams.get("last_event_id"), "event_7");
  assert.equal(world.socket.url.searchParams.get("resume"), "t2");
  world.greet(30, back);
  world.say("response.output_item.added", 8);
  world.drop();
  world.pass(250);
  assert.equal(world.socket.url.searchParams.get("last_event_id"), "event_8");
});

test("a server that was started anew counts anew", () => {
  const world = new World();
  world.greet(1);
  world.say("response.created", 50);
  world.drop();
  world.pass(250);
  world.greet(1, { resumed: true, resume: { token: "t2", seconds: 600 } });
  assert.deepEqual(world.told.at(-1), ["greeted", true, false]);
  world.drop();
  world.pass(250);
  assert.equal(world.socket.url.searchParams.get("last_event_id"), "event_1");
});

test("what was asked during an outage is asked after it, but of items of a lost conversation nothing", () => {
  for (const [resumed, expected] of [
    [true, ["response.create", "conversation.item.truncate"]],
    [false, ["response.create"]],
  ]) {
    const world = new World();
    world.greet(1);
    world.drop();
    world.realtime.send({ type: "response.create" });
    world.realtime.send({ type: "conversation.item.truncate", item_id: "a" });
    world.pass(250);
    world.greet(2, { resumed, resume: { token: "t2", seconds: 600 } });
    assert.deepEqual(
      world.socket.sent.map(({ type }) => type),
      expected,
    );
  }
});

test("attempts are spaced out, until there is no time for another", () => {
  const world = new World();
  const times = [];
  while (!world.told.length && times.length < 20) {
    times.push(world.now());
    const { length } = world.sockets;
    world.drop();
    while (world.sockets.length === length && !world.told.length) {
      world.pass(50);
    }
  }
  assert.deepEqual(times, [0, 250, 750, 1750, 3750]);
  assert.deepEqual(world.told, [["failed", "server-gone"]]);
});

test("a server that does not even refuse is given up after five seconds", () => {
  const world = new World();
  world.pass(4999);
  assert.deepEqual(world.told, []);
  world.pass(1);
  assert.deepEqual(world.told, [["failed", "server-gone"]]);
});

test("one that is there may take its time to greet", () => {
  const world = new World();
  world.pass(1000);
  world.socket.onopen();
  world.pass(7000);
  world.greet(1);
  world.pass(60_000);
  assert.deepEqual(world.told, [["greeted", false, false]]);
});

test("a connection that was good once is sought for a minute", () => {
  const world = new World();
  world.greet(1, { resumed: false });
  world.drop();
  world.pass(59_000);
  assert.deepEqual(world.told, [["greeted", false, false], ["lost"]]);
  world.pass(2000);
  assert.deepEqual(world.told.at(-1), ["failed", "server-gone"]);
});

test("the network that is back is not kept waiting", () => {
  const world = new World();
  world.greet(1);
  for (let n = 0; n < 6; n++) {
    world.drop();
    world.pass(8000);
  }
  world.drop();
  const { length } = world.sockets;
  world.realtime.hurry();
  assert.equal(world.sockets.length, length + 1);
});

test("a server that does not greet is tried again", () => {
  const world = new World();
  world.greet(1);
  world.drop();
  world.pass(250 + 8000 + 500);
  assert.equal(world.sockets.length, 3);
  assert.equal(world.sockets[1].closed, 4900);
});

test("a line that is dead though nobody closed it is given up four seconds after a question", () => {
  const world = new World();
  world.greet(1);
  world.pass(60_000);
  assert.equal(world.sockets.length, 1);
  world.realtime.doubt();
  world.pass(7000);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(world.told.at(-1), ["lost"]);
});

for (const [code, reason, expected] of [
  [3000, "invalid_request_error.invalid_api_key", "bad-key"],
  [4001, "the conversation goes on over another connection", "elsewhere"],
  [1001, "session_expired", "session-expired"],
]) {
  test(`closed with ${code} ${reason} it stays closed`, () => {
    const world = new World();
    world.greet(1);
    world.drop(code, reason);
    world.pass(60_000);
    assert.deepEqual(world.told.at(-1), ["failed", expected]);
    assert.equal(world.sockets.length, 1);
  });
}

test("what is no Realtime server is told apart from one that is gone", () => {
  const world = new World();
  world.socket.onmessage({ data: "<html>" });
  assert.deepEqual(world.told, [["failed", "not-understood"]]);
});

test("the round trip is the shortest of the last updates", () => {
  const world = new World();
  world.greet(1);
  for (const ms of [30, 12, 50]) {
    world.realtime.send({ type: "session.update" });
    world.pass(ms);
    world.say("session.updated", 2);
  }
  assert.equal(world.realtime.roundTrip, 12);
});

test("a call that is ended says so, and hears no more", () => {
  const world = new World();
  world.greet(1);
  const { socket } = world;
  world.realtime.close();
  assert.equal(socket.closed, 1000);
  assert.equal(socket.onmessage, null);
  world.pass(60_000);
  assert.equal(world.sockets.length, 1);
});

test("all ways to write an address mean the same endpoint", () => {
  for (const url of ["http://h:1", "http://h:1/", "ws://h:1/v1", "h:1", "ws://h:1/v1/realtime"]) {
    assert.equal(realtimeUrl(url, { model: "", policy: undefined }), "ws://h:1/v1/realtime");
  }
  assert.equal(realtimeUrl("https://h/p/v1", { model: "a b" }), "wss://h/p/v1/realtime?model=a+b");
});
