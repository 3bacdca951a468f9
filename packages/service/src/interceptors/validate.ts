import type { DescMessage, Message } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import type { Interceptor } from "@connectrpc/connect";
import { DomainError } from "@portcullis/errors";

/**
 * Refuses a request that breaks a rule written at its fields in the proto, naming each field and rule. On a stream
 * each message is looked at as it comes.
 */
export function validateInterceptor(): Interceptor {
  const check = createMessageCheck();
  return (next) => async (request) => {
    if (request.stream) {
      const { message: messages, method } = request;
      return next({ ...request, message: checked(messages, (message) => check(method.input, message)) });
    }
    check(request.method.input, request.message);
    return next(request);
  };
}

/** Throws VALIDATION_FAILED for a message that breaks a rule. */
export function createMessageCheck(): (schema: DescMessage, message: Message) => void {
  const validator = createValidator();
  return (schema, message) => {
    const result = validator.validate(schema, message);
    if (result.kind === "invalid") throw validationFailed(result.violations);
    if (result.kind === "error") throw result.error;
  };
}

async function* checked<T>(messages: AsyncIterable<T>, check: (message: T) => void): AsyncIterable<T> {
  for await (const message of messages) {
    check(message);
    yield message;
  }
}

function validationFailed(violations: readonly Violation[]): DomainError {
  const byField = violations.map(({ field, message }) => [pathToString(field), message] as const);
  const text = byField.map(([path, message]) => (path === "" ? message : `${path} ${message}`)).join("; ");
  return new DomainError("VALIDATION_FAILED", text, {
    metadata: Object.fromEntries(byField.filter(([path]) => path !== "")),
  });
}
