import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createMessageCheck } from "../interceptors/validate.ts";

/** The bytes are no message of the type; answered as Connect answers it. */
export class UnreadableMessage extends Error {
  override readonly name = "UnreadableMessage";

  toWire(): ConnectError {
    return new ConnectError(`parse binary: ${this.message}`, Code.Internal);
  }
}

const check = createMessageCheck();

/** Reads a message and holds it against the rules at its fields: UnreadableMessage, VALIDATION_FAILED. */
export function parseMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  const message = readMessage(schema, bytes);
  check(schema, message);
  return message;
}

/** Reads a message as it is: UnreadableMessage. */
export function readMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new UnreadableMessage(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
