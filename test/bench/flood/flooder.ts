// Floods a service in one way until it is told to stop. Forked by flood.ts, with the settings as its argument; tells
// how often it was answered with what.
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { crc32 } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import {
  BatchVerifyTokensRequestSchema,
  VerifyStreamRequestSchema,
  VerifyTokenRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { FloodSettings } from "./kinds.ts";

const callsAtOnce = 32;
const streamsMax = 2_000;
const silentMax = 2_000;
const tooLargeBytes = 8 * 2 ** 20;
const path = "/portcullis.credential.v1.VerificationService";
const asIs = (bytes: Buffer) => bytes;
const outcomes: Record<string, number> = {};
const over = new AbortController();

function note(outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

function metadataOf(bearer: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${bearer}`);
  return metadata;
}

const nameOf = (error: ServiceError) => status[error.code] ?? String(error.code);
const pause = () => new Promise((resolve) => setImmediate(resolve));

/** One call after the other, so many at once. */
async function callAll({ host, port }: FloodSettings, bearer: string, method: string, body: () => Buffer) {
  const client = new Client(`${host}:${port}`, credentials.createInsecure());
  const metadata = metadataOf(bearer);
  const call = () =>
    new Promise<void>((resolve) => {
      const deadline = Date.now() + 10_000;
      client.makeUnaryRequest(`${path}/${method}`, asIs, asIs, body(), metadata, { deadline }, (error) => {
        note(error === null ? "answered" : nameOf(error));
        resolve();
      });
    });
  const caller = async () => {
    while (!over.signal.aborted) await call();
  };
  await Promise.all(Array.from({ length: callsAtOnce }, caller));
  client.close();
}

function tokenRequest(token: string): Buffer {
  return Buffer.from(toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, { token })));
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Of the form of an API key, checksum and all, and nobody's. */
function unknownToken(): string {
  const random = (length: number) => Array.from({ length }, () => digits.charAt(randomInt(62))).join("");
  const body = `pcak_${random(22)}_${random(32)}`;
  let [rest, checksum] = [crc32(body), ""];
  for (let digit = 0; digit < 6; digit++) {
    checksum = digits.charAt(rest % 62) + checksum;
    rest = Math.floor(rest / 62);
  }
  return body + checksum;
}

async function connectAndLeave({ host, port }: FloodSettings): Promise<void> {
  const one = async () => {
    while (!over.signal.aborted) {
      const socket = connect(port, host);
      socket.on("error", () => {});
      await Promise.race([once(socket, "connect"), once(socket, "close")]);
      note(socket.readyState === "open" ? "connected" : "refused");
      socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      socket.resetAndDestroy();
      await pause();
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, one));
}

async function connectAndWait({ host, port }: FloodSettings): Promise<void> {
  while (!over.signal.aborted) {
    const open = (outcomes["connected"] ?? 0) - (outcomes["cut off"] ?? 0);
    if (open < silentMax) {
      const socket = connect(port, host);
      socket.on("error", () => {});
      socket.once("connect", () => {
        note("connected");
        socket.once("close", () => note("cut off"));
      });
      socket.resume();
    }
    await pause();
  }
}

async function openStreams({ host, port, bearer }: FloodSettings): Promise<void> {
  const client = new Client(`${host}:${port}`, credentials.createInsecure());
  const question = { id: 1n, question: { case: "token", value: { token: unknownToken() } } } as const;
  const request = create(VerifyStreamRequestSchema, { verifications: [question] });
  const body = Buffer.from(toBinary(VerifyStreamRequestSchema, request));
  let open = 0;
  while (!over.signal.aborted) {
    if (open < streamsMax) {
      open++;
      const stream = client.makeBidiStreamRequest(`${path}/VerifyStream`, asIs, asIs, metadataOf(bearer));
      note("opened");
      stream.on("error", (error: ServiceError) => note(nameOf(error)));
      stream.once("close", () => open--);
      // Asked, and never read.
      stream.write(body);
      stream.pause();
    }
    await pause();
  }
  client.close();
}

function flood(settings: FloodSettings): Promise<void> {
  const { kind, bearer } = settings;
  switch (kind) {
    case "garbage tokens":
      return callAll(settings, bearer, "VerifyToken", () => tokenRequest(randomBytes(33).toString("base64")));
    case "unknown tokens of the right form":
      return callAll(settings, bearer, "VerifyToken", () => tokenRequest(unknownToken()));
    case "callers that prove nothing":
      return callAll(settings, unknownToken(), "VerifyToken", () => tokenRequest(unknownToken()));
    case "huge batches": {
      const requests = Array.from({ length: 1_000 }, () => ({ token: unknownToken() }));
      const batch = create(BatchVerifyTokensRequestSchema, { requests });
      const body = Buffer.from(toBinary(BatchVerifyTokensRequestSchema, batch));
      return callAll(settings, bearer, "BatchVerifyTokens", () => body);
    }
    case "messages that are too large": {
      const body = tokenRequest("x".repeat(tooLargeBytes));
      return callAll(settings, bearer, "VerifyToken", () => body);
    }
    case "new connections":
      return connectAndLeave(settings);
    case "connections that say nothing":
      return connectAndWait(settings);
    case "streams that never end":
      return openStreams(settings);
  }
}

process.once("message", () => {
  over.abort();
});
// Written by flood.ts.
const settings = JSON.parse(process.argv[2] ?? "{}") as FloodSettings;
await flood(settings);
process.send?.(outcomes, () => process.exit());
