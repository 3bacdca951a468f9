import type { DescMethodBiDiStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import type { Call } from "../call.ts";
import type { ByteStream, StreamListener } from "./byte-stream.ts";
import type { DataCall } from "./data-call.ts";

export interface UnaryMethod {
  readonly kind: "unary";
  readonly method: DescMethodUnary;
  /** For a method whose request has an `account_id`: reads it; empty if it is not set. */
  readonly accountNamedBy?: (request: Buffer) => string;
  /** The answer's bytes; at once wherever nothing must be waited for. */
  answer(request: Buffer, call: DataCall): Uint8Array | Promise<Uint8Array>;
}

export interface StreamMethod {
  readonly kind: "stream";
  readonly method: DescMethodBiDiStreaming;
  /** Serves one stream; told of all that comes. */
  serve(stream: ByteStream, call: Call): StreamListener;
}

/** A method of the data plane. Who may call it is its proto option's to say. */
export type DataMethod = UnaryMethod | StreamMethod;
