// A web page without any library: the platform's own WebSocket, which cannot send headers, so that the key is a
// subprotocol. A browser hangs up unless the server chooses one of the subprotocols it was offered.

import assert from "node:assert/strict";
import { WebSocket as NodeSocket } from "ws";
import { assertUnderstood, Ledger } from "./ledger.mjs";
import { Microphone, spoken } from "./microphone.mjs";

const url = `${process.env.OPENAI_BASE_URL.replace("http", "ws")}/realtime?model=gpt-realtime`;

const offering = (key) => ["realtime", `openai-insecure-api-key.${key}`, "openai-agents-sdk.0.20.0"];

/** Plays a conversation over a socket of this kind. */
async function converse(Socket, play) {
  const ledger = new Ledger();
  const socket = new Socket(url, offering(process.env.OPENAI_API_KEY));
  const send = (type, fields) => socket.send(JSON.stringify({ type, ...fields }));
  socket.addEventListener("message", ({ data }) => ledger.take(JSON.parse(data)));
  socket.addEventListener("error", (problem) => ledger.complain(problem));
  try {
    await ledger.witness(async () => {
      await ledger.until("session.created");
      assert.equal(socket.protocol, "realtime");
      await play(ledger, send);
    });
  } finally {
    socket.close();
  }
}

async function ask(ledger, send) {
  const content = [{ type: "input_text", text: "What is 2 plus 3?" }];
  send("conversation.item.create", { item: { type: "message", role: "user", content } });
  send("response.create");
  const answer = await ledger.answer();
  assert.equal(answer.text, "2 plus 3 is 5.");
  assert.ok(answer.ms > 500);
}

export const text = () => converse(WebSocket, ask);

/** The `ws` package has stood in for browsers for years, and is stricter in places. */
export const text_through_ws = () => converse(NodeSocket, ask);

export const voice = () =>
  converse(WebSocket, async (ledger, send) => {
    const append = (sound) => send("input_audio_buffer.append", { audio: sound.toString("base64") });
    const microphone = new Microphone(append, 50);
    await microphone.speak("spk1_snt6");
    const answer = await ledger.answer();
    microphone.off();
    assert.equal(answer.status, "completed");
    const { transcript } = await ledger.until("conversation.item.input_audio_transcription.completed");
    assertUnderstood(await spoken("spk1_snt6"), transcript);
  });

export const wrong_key = async () => {
  const socket = new WebSocket(url, offering("guess"));
  const { code, reason } = await new Promise((resolve) => socket.addEventListener("close", resolve));
  assert.deepEqual([code, reason], [3000, "invalid_request_error.invalid_api_key"]);
};
