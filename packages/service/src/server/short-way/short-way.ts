import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import type { Access } from "@portcullis/contracts/portcullis/common/v1/access_pb.ts";
import type { Logger } from "pino";
import { accessOf } from "../../access.ts";
import { admitAndAnswer } from "../../data-plane/admit-and-answer.ts";
import type { UnaryMethod } from "../../data-plane/methods.ts";
import type { Gate } from "../../gate.ts";
import { frameBytesMax } from "../../grpc-frame.ts";
import { toAnswer } from "../../interceptors/errors.ts";
import { type ObserveCall, requestIdOf } from "../../interceptors/observe-call.ts";
import { sourceHeader } from "../../interceptors/source-address.ts";
import { requestIdHeader, withRequestId } from "../../request-id.ts";
import type { Handler, HttpRequest, HttpResponse } from "../listener.ts";
import { connect } from "./connect.ts";
import { grpc } from "./grpc.ts";
import { HotCall } from "./hot-call.ts";
import { headerOf, type Protocol } from "./protocol.ts";
import { putBack, readBody } from "./request-body.ts";

export interface ShortWayDeps {
  readonly methods: readonly UnaryMethod[];
  readonly gate: Gate;
  readonly callTimeoutMs: number;
  readonly log: Logger;
  readonly observe: ObserveCall;
  /** Connect. */
  readonly longWay: Handler;
}

interface HotMethod {
  readonly name: string;
  readonly access: Access;
  readonly unary: UnaryMethod;
}

/** One usual request of a hot method. */
interface Asked {
  readonly hot: HotMethod;
  readonly protocol: Protocol;
  readonly timeoutMs: number;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** To Connect, as it came. */
  readonly goTheLongWay: () => void;
}

/**
 * A way around Connect for the usual calls of hot methods: a message in bytes, answered from bytes. What is not usual,
 * from its headers to its body's last byte, goes to Connect as it came, before anything is asked: so no attempt counts
 * twice.
 */
export function shortWay({ methods, gate, callTimeoutMs, log, observe, longWay }: ShortWayDeps): Handler {
  const hotMethods = new Map<string, HotMethod>(
    methods.map((unary) => {
      const name = `${unary.method.parent.typeName}/${unary.method.name}`;
      return [`/${name}`, { name, access: accessOf(unary.method), unary }];
    }),
  );

  const serve = ({ hot, protocol, timeoutMs, request, response, goTheLongWay }: Asked, message: Buffer) => {
    const requestId = requestIdOf(headerOf(request, requestIdHeader));
    const observed = { method: hot.name, startedAt: performance.now(), requestId };
    const call = new HotCall(request, response, timeoutMs);
    const answer = (bytes: Uint8Array) => {
      call.finish();
      observe(observed, call);
      protocol.answer(request, response, bytes, requestId);
    };
    const refuse = (error: unknown) => {
      call.finish();
      // Connect says so before it looks at who is calling.
      if (!isReadable(hot.unary.method.input, message)) return goTheLongWay();
      const wire = toAnswer(error, call.signalInUse, log, requestId);
      observe(observed, call, wire);
      try {
        protocol.refuse(request, response, wire, requestId);
      } catch {
        response.destroy();
      }
    };
    const settle = async (later: Promise<Uint8Array>) => {
      try {
        answer(await later);
      } catch (error) {
        refuse(error);
      }
    };
    try {
      const begin = () => admitAndAnswer(gate, hot.access, hot.unary, message, call);
      const known = withRequestId(requestId, begin);
      if (known instanceof Promise) void settle(known);
      else answer(known);
    } catch (error) {
      refuse(error);
    }
  };

  return (request, response) => {
    const hot = request.method === "POST" ? hotMethods.get(request.url ?? "") : undefined;
    const protocol = protocolOf(request);
    const patienceMs = protocol?.isUsual(request) === true ? protocol.patienceMs(request) : undefined;
    if (hot === undefined || protocol === undefined || patienceMs === undefined) {
      return longWay(request, response);
    }
    const mayGoOn = (first: Buffer, size: number) => size <= frameBytesMax && protocol.mayBegin(first);
    readBody(request, mayGoOn, (chunks, isWhole) => {
      const goTheLongWay = () => {
        putBack(request, chunks);
        longWay(request, response);
      };
      const message = isWhole ? protocol.messageIn(joined(chunks), request) : undefined;
      if (message === undefined) return goTheLongWay();
      const timeoutMs = Math.min(callTimeoutMs, patienceMs);
      serve({ hot, protocol, timeoutMs, request, response, goTheLongWay }, message);
    });
  };
}

const protocols: ReadonlyMap<string, Protocol> = new Map([
  ["application/proto", connect],
  ["application/grpc", grpc],
  ["application/grpc+proto", grpc],
]);

function protocolOf(request: HttpRequest): Protocol | undefined {
  // Passed on by the gateway: it is to prove that.
  if (request.headers[sourceHeader] !== undefined) return undefined;
  return protocols.get(request.headers["content-type"] ?? "");
}

function isReadable(schema: DescMessage, bytes: Uint8Array): boolean {
  try {
    fromBinary(schema, bytes);
    return true;
  } catch {
    return false;
  }
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
