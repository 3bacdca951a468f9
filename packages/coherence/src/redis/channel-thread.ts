// The program of the channel's thread. It owns the connections to Redis, so that an acknowledgement never waits for
// what the serving thread is doing.
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { openRedis } from "@portcullis/redis";
import { decodeAcknowledgement, encodeAcknowledgement, generationOf } from "../push.ts";
import { PushIntake } from "../push-intake.ts";
import { channelNames } from "./names.ts";
import { Outage } from "./outage.ts";
import { Subscription } from "./subscription.ts";
import {
  arrivalsIndex,
  type FromThread,
  heldIndex,
  type ThreadSettings,
  type ToThread,
} from "./thread-messages.ts";

const pushScript = `
redis.call("PUBLISH", ARGV[1], ARGV[2])
redis.call("XADD", KEYS[1], "MAXLEN", "~", "10000", "*", "text", ARGV[2])`;
const pushSha = createHash("sha1").update(pushScript).digest("hex");

/** So many of the last pushes are looked at once messages come again. */
const recentMax = 100;
/** Our own word through Redis, which tells that acknowledgements would come. */
const echo = "echo";
const echoMs = 1_000;
const silenceMsMax = 3_500;
/** Acknowledgements of that many generations can be read. */
const keysMax = 8;

// Both given by channel.ts.
const settings = workerData as ThreadSettings;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of Node's, not a window
const tell = (message: FromThread) => parentPort?.postMessage(message);
const shared = new Int32Array(settings.shared);
const names = channelNames(settings.service);
const mailbox = names.acknowledgements(settings.writer);
const keys = new Map<string, Uint8Array>();

const outage = new Outage<"listening" | "publishing">({
  onOutage: (error) => tell({ kind: "outage", error }),
  onRecovery: () => tell({ kind: "recovery" }),
});

const intake = new PushIntake({
  deliver(arrival) {
    // It is in the serving thread's queue when postMessage returns; only then it is counted, and only then deliver
    // returns and an acknowledgement may go out. The serving thread loads the count before each answer, and takes
    // what is there if it has grown: an answer that begins after the acknowledgement was sent has the entry.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of Node's, not a window
    settings.arrivals.postMessage(arrival);
    Atomics.add(shared, arrivalsIndex, 1);
  },
  // Atomics are sequentially consistent: we add to the count and then load `held`, the serving thread stores `held`
  // and then loads the count. Either we see that it holds, or it sees what we are about to acknowledge.
  isHeld: () => Atomics.load(shared, heldIndex) === 1,
  acknowledge: (writer, ack, key) =>
    publish((client) => client.publish(names.acknowledgements(writer), encodeAcknowledgement(ack, key))),
});

const connection = openRedis(settings.target, {
  onError: (error) => outage.failed("publishing", error),
});

const subscription = new Subscription({
  connection,
  channels: [names.pushes, mailbox],
  onMessage: (channel, text) => (channel === mailbox ? onMail(text) : intake.onText(text)),
  onSubscribed: () => {
    outage.worked("listening");
    void catchUp();
  },
  onError: (error) => outage.failed("listening", error),
});

setInterval(() => {
  publish((client) => client.publish(mailbox, echo));
  subscription.expectMessageWithin(silenceMsMax);
}, echoMs);

/** Best effort: while the connection is away, which it tells by itself, nothing is sent. */
function publish(send: (client: typeof connection.client) => Promise<unknown>): void {
  if (connection.client.status !== "ready") return;
  send(connection.client).then(
    () => outage.worked("publishing"),
    (error: unknown) => outage.failed("publishing", error),
  );
}

/** Another server, or the same after a restart, may know less than was published: the replica asks the authority. */
async function catchUp(): Promise<void> {
  const recent = await connection.client
    .xrevrange(names.recent, "+", "-", "COUNT", recentMax)
    .catch((): [string, string[]][] => []);
  for (const [, fields] of recent.toReversed()) intake.onText(fields[1] ?? "");
  intake.interrupted();
  tell({ kind: "listening" });
}

function onMail(text: string): void {
  if (text === echo) return;
  const key = keys.get(generationOf(text) ?? "");
  const acknowledgement = key === undefined ? undefined : decodeAcknowledgement(text, key);
  if (acknowledgement !== undefined) tell({ kind: "acknowledgement", acknowledgement });
}

function useKey(generation: string, key: Uint8Array): void {
  keys.set(generation, key);
  for (const oldest of keys.keys()) {
    if (keys.size <= keysMax) break;
    keys.delete(oldest);
  }
}

function push(text: string): void {
  const parts = [names.recent, names.pushes, text] as const;
  publish((client) =>
    client.evalsha(pushSha, 1, ...parts).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return client.eval(pushScript, 1, ...parts);
    }),
  );
}

async function close(): Promise<void> {
  subscription.close();
  await connection.close();
  process.exit();
}

parentPort?.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "follow":
      return intake.follow(message.following);
    case "unfollow":
      return intake.unfollow();
    case "acknowledge":
      return intake.acknowledge(message.position, message.sessionsClosed);
    case "key":
      return useKey(message.generation, message.key);
    case "push":
      return push(message.text);
    case "close":
      return void close();
  }
});
