import { fromBinary } from "@bufbuild/protobuf";
import {
  type ContextKey,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import type { UnaryMethod } from "../../data-plane/methods.ts";
import { admittedKey, requestIdKey } from "../../interceptors/observe.ts";
import { connectHandler } from "../connect-handler.ts";
import type { Handler, HttpRequest, HttpResponse } from "../listener.ts";
import { peerAddressKey } from "../peer-address.ts";
import type { HotCall } from "./hot-call.ts";

/** A call that was let in and asked for its answer, and that is not to be asked twice. */
export interface BegunCall {
  readonly call: HotCall;
  readonly requestId: string;
  readonly answer: Promise<Uint8Array>;
}

/**
 * Lets Connect send what a begun call comes to, whenever that is: its answer, compressed if that is asked for, or its
 * error. Observed and turned into words by the interceptors given; those which let calls in are not among them.
 */
export class BegunCalls {
  readonly #begun = new WeakMap<HttpRequest, BegunCall>();
  readonly #connect: Handler;

  constructor(methods: readonly UnaryMethod[], interceptors: Interceptor[]) {
    this.#connect = connectHandler({
      routes(router) {
        for (const { method } of methods) {
          router.rpc(method, async (_request, context) => fromBinary(method.output, await finish(context)));
        }
      },
      interceptors,
      contextValues: (request) => {
        const begun = this.#begun.get(request);
        const values = createContextValues().set(peerAddressKey, begun?.call.peerAddress);
        return values.set(requestIdKey, begun?.requestId ?? "").set(begunKey, begun);
      },
    });
  }

  /** The request must have its body. */
  goOn(request: HttpRequest, response: HttpResponse, begun: BegunCall): void {
    begun.answer.catch(() => {}); // Whether anybody waits for it depends on what Connect says of the request.
    this.#begun.set(request, begun);
    this.#connect(request, response);
  }
}

const begunKey: ContextKey<BegunCall | undefined> = createContextKey<BegunCall | undefined>(undefined);

async function finish({ values, signal }: HandlerContext): Promise<Uint8Array> {
  const begun = values.get(begunKey);
  if (begun === undefined) throw new Error("a call that was not begun");
  const { call, answer } = begun;
  call.endWith(signal);
  try {
    return await answer;
  } finally {
    call.finish();
    values.set(admittedKey, call.admitted);
  }
}
