import {
  create,
  type DescMethodBiDiStreaming,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Call } from "../call.ts";
import { Outbox } from "../streams/outbox.ts";
import type { ByteStream } from "./byte-stream.ts";
import { parseMessage } from "./messages.ts";
import type { StreamMethod } from "./methods.ts";

/** Requests that are read ahead of whoever takes them. */
const readAheadMax = 16;

/** A method of which few streams are opened and little is said on each: in messages instead of bytes. */
export function messageStream<Method extends DescMethodBiDiStreaming>(
  method: Method,
  serve: (
    requests: AsyncIterable<MessageShape<Method["input"]>>,
    call: Call,
  ) => AsyncIterable<MessageInitShape<Method["output"]>>,
): StreamMethod {
  return {
    kind: "stream",
    method,
    serve(stream, call) {
      const requests = new Outbox<MessageShape<Method["input"]>>(Number.POSITIVE_INFINITY);
      let waiting = 0;
      let wake = () => {};
      const taken = async function* () {
        for await (const request of requests) {
          waiting--;
          wake();
          yield request;
        }
      };
      void send(stream, method, serve(taken(), call));
      return {
        onMessage(bytes) {
          requests.push(parseMessage<Method["input"]>(method.input, bytes));
          waiting++;
          if (waiting < readAheadMax) return undefined;
          return new Promise((resolve) => {
            wake = resolve;
          });
        },
        onEnd: () => requests.end(),
        onClose: () => requests.end(new Error("the stream has ended")),
      };
    },
  };
}

async function send<Method extends DescMethodBiDiStreaming>(
  stream: ByteStream,
  method: Method,
  answers: AsyncIterable<MessageInitShape<Method["output"]>>,
): Promise<void> {
  try {
    for await (const answer of answers) {
      await stream.writeInTurn(toBinary(method.output, create<Method["output"]>(method.output, answer)));
      if (stream.signal.aborted) break;
    }
    stream.end();
  } catch (error) {
    stream.end(error);
  }
}
