import type { Interceptor } from "@connectrpc/connect";
import type { Access } from "@portcullis/contracts/portcullis/common/v1/access_pb.ts";
import { accessOf } from "../../access.ts";
import { admitAndAnswer } from "../../data-plane/admit-and-answer.ts";
import type { UnaryMethod } from "../../data-plane/methods.ts";
import type { Gate } from "../../gate.ts";
import { type ObserveCall, requestIdOf } from "../../interceptors/observe-call.ts";
import { sourceHeader } from "../../interceptors/source-address.ts";
import { requestIdHeader, withRequestId } from "../../request-id.ts";
import type { Handler, HttpRequest, HttpResponse } from "../listener.ts";
import { BegunCalls } from "./begun-calls.ts";
import { connect } from "./connect.ts";
import { grpc } from "./grpc.ts";
import { HotCall } from "./hot-call.ts";
import { bodyBytesMax, headerOf, type Protocol } from "./protocol.ts";
import { putBack, readBody } from "./request-body.ts";

export interface ShortWayDeps {
  readonly methods: readonly UnaryMethod[];
  readonly gate: Gate;
  readonly callTimeoutMs: number;
  readonly observe: ObserveCall;
  /** Those that observe calls and turn errors into answers. */
  readonly interceptors: Interceptor[];
  /** Connect. */
  readonly longWay: Handler;
}

interface HotMethod {
  readonly name: string;
  readonly access: Access;
  readonly unary: UnaryMethod;
}

/**
 * A way around Connect for the usual calls of hot methods: a message in bytes, from bytes answered. What is not usual,
 * from its headers to its body's last byte, goes to Connect as it came. A call that was begun here and can't be
 * answered at once, or well, is finished by Connect too, but not begun again: so whatever it has done it has done once.
 */
export function shortWay(deps: ShortWayDeps): Handler {
  const { longWay, observe } = deps;
  const begunCalls = new BegunCalls(deps.methods, deps.interceptors);
  const hotMethods = new Map<string, HotMethod>(
    deps.methods.map((unary) => {
      const name = `${unary.method.parent.typeName}/${unary.method.name}`;
      return [`/${name}`, { name, access: accessOf(unary.method), unary }];
    }),
  );

  const serve = (
    { name, access, unary }: HotMethod,
    protocol: Protocol,
    request: HttpRequest,
    response: HttpResponse,
    chunks: readonly Buffer[],
    message: Buffer,
  ) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(headerOf(request, requestIdHeader));
    const call = new HotCall(request, deps.callTimeoutMs);
    const begin = () => admitAndAnswer(deps.gate, access, unary, message, call);
    let answer: Uint8Array | Promise<Uint8Array>;
    try {
      answer = withRequestId(requestId, begin);
    } catch (error) {
      answer = Promise.reject(error);
    }
    if (answer instanceof Promise) {
      putBack(request, chunks);
      return begunCalls.goOn(request, response, { call, requestId, answer });
    }
    call.finish();
    observe({ method: name, startedAt, requestId }, call);
    protocol.answer(request, response, answer, requestId);
  };

  return (request, response) => {
    const hot = request.method === "POST" ? hotMethods.get(request.url ?? "") : undefined;
    const protocol = protocolOf(request);
    if (hot === undefined || protocol?.isUsual(request) !== true) return longWay(request, response);
    const mayGoOn = (first: Buffer, size: number) => size <= bodyBytesMax && protocol.mayBegin(first);
    readBody(request, mayGoOn, (chunks, isWhole) => {
      const message = isWhole ? protocol.messageIn(joined(chunks), request) : undefined;
      if (message !== undefined) return serve(hot, protocol, request, response, chunks, message);
      putBack(request, chunks);
      longWay(request, response);
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

function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
