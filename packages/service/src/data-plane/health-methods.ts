import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type {
  handleUnaryCall,
  Server,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from "@grpc/grpc-js";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { type HealthReporter, unknownService } from "../server/health.ts";
import { cancellationOf } from "./call-facts.ts";
import { toStatus } from "./status.ts";

const bytes = (value: Buffer) => value;
type Raw = ServerUnaryCall<Buffer, Buffer>;

/** Adds grpc.health.v1, as the control plane has it. */
export function addHealth(server: Server, reporter: HealthReporter): void {
  const unary = (name: string, handler: handleUnaryCall<Buffer, Buffer>) =>
    server.register(`/grpc.health.v1.Health/${name}`, handler, bytes, bytes, "unary");
  const check = async (call: Raw, respond: sendUnaryData<Buffer>) => {
    const status = await reporter.statusOf(serviceIn(call.request), cancellationOf(call).signal);
    if (status === undefined) respond(toStatus(unknownService()));
    else respond(null, encode(HealthCheckResponseSchema, { status }));
  };
  unary("Check", (call, respond) => void check(call, respond));
  const list = async (call: Raw, respond: sendUnaryData<Buffer>) => {
    const statuses = Object.entries(await reporter.statuses(cancellationOf(call).signal));
    const answers = Object.fromEntries(statuses.map(([name, status]) => [name, { status }]));
    respond(null, encode(HealthListResponseSchema, { statuses: answers }));
  };
  unary("List", (call, respond) => void list(call, respond));
  const watch = async (call: ServerWritableStream<Buffer, Buffer>) => {
    for await (const status of reporter.changesOf(serviceIn(call.request), cancellationOf(call).signal)) {
      call.write(encode(HealthCheckResponseSchema, { status }));
    }
    call.end();
  };
  server.register(
    "/grpc.health.v1.Health/Watch",
    (call: ServerWritableStream<Buffer, Buffer>) => void watch(call),
    bytes,
    bytes,
    "serverStream",
  );
}

/** The empty name, which is the server's, for what can't be read. */
function serviceIn(request: Buffer): string {
  try {
    return fromBinary(HealthCheckRequestSchema, request).service;
  } catch {
    return "";
  }
}

function encode<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Buffer {
  return Buffer.from(toBinary(schema, create(schema, message)));
}
