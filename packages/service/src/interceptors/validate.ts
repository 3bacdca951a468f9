import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import type { Interceptor } from "@connectrpc/connect";
import { DomainError } from "@portcullis/errors";

/** Refuses a request that breaks a rule written at its fields in the proto, naming each field and rule. */
export function validateInterceptor(): Interceptor {
  const validator = createValidator();
  return (next) => async (request) => {
    if (!request.stream) {
      const result = validator.validate(request.method.input, request.message);
      if (result.kind === "invalid") throw validationFailed(result.violations);
      if (result.kind === "error") throw result.error;
    }
    return next(request);
  };
}

function validationFailed(violations: readonly Violation[]): DomainError {
  const byField = violations.map(({ field, message }) => [pathToString(field), message] as const);
  const text = byField.map(([path, message]) => (path === "" ? message : `${path} ${message}`)).join("; ");
  return new DomainError("VALIDATION_FAILED", text, {
    metadata: Object.fromEntries(byField.filter(([path]) => path !== "")),
  });
}
