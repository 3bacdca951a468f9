import { z } from "zod";
import { ngrokCodes } from "./errors.ts";
import type { Operation } from "./operation.ts";

/** Errors that any operation can have. */
const errorsOfAll = [200, 201, 202, 203, 206, 208, 217, 218, 220, 225, 226, 230, 231, 232, 636].map(
  (number) => `ERR_NGROK_${number}`,
);

/** The description of the API, from the same table and schemas that it works by. */
export function openApiDocument(operations: readonly Operation[], publicOrigin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const method = operation.method === "LIST" ? "get" : operation.method.toLowerCase();
    paths[operation.path] = { ...paths[operation.path], [method]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Portcullis: the REST API of ngrok's clients",
      version: "2",
      description: "Service users and their credentials. Requests need the header `Ngrok-Version: 2`.",
    },
    servers: [{ url: publicOrigin }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: "http", scheme: "bearer" } },
      schemas: { Error: toSchema(errorView, "output") },
    },
  };
}

const errorView = z.strictObject({
  error_code: z.enum(ngrokCodes).optional(),
  status_code: z.int(),
  msg: z.string(),
  details: z.record(z.string(), z.string()),
});

function describe(operation: Operation): object {
  const { id, summary, result, errors } = operation;
  const success = operation.method === "POST" ? "201" : operation.method === "DELETE" ? "204" : "200";
  return {
    operationId: id,
    summary,
    ...(operation.path.startsWith("/bot_users") ? { deprecated: true } : {}),
    parameters: parametersOf(operation),
    ...("body" in operation
      ? { requestBody: { required: true, content: jsonContent(toSchema(operation.body, "input")) } }
      : {}),
    responses: {
      [success]:
        result === undefined
          ? { description: "Done." }
          : { description: "Done.", content: jsonContent(toSchema(result, "output")) },
      default: {
        description: `An error: ${[...new Set([...errorsOfAll, ...errors])].join(", ")}, or of the server.`,
        content: jsonContent({ $ref: "#/components/schemas/Error" }),
      },
    },
  };
}

function parametersOf(operation: Operation): readonly object[] {
  const version = {
    name: "Ngrok-Version",
    in: "header",
    required: true,
    schema: { type: "string", const: "2" },
  };
  if (operation.path.includes("{id}")) {
    return [version, { name: "id", in: "path", required: true, schema: { type: "string" } }];
  }
  if (operation.method !== "LIST") return [version];
  const query = (name: string, description: string, schema: object) => ({
    name,
    in: "query",
    description,
    schema,
  });
  return [
    version,
    query("before_id", "Only what is older than this. `beforeId` is understood too.", { type: "string" }),
    query("limit", "How many at most.", { type: "integer", minimum: 1, maximum: 100, default: 100 }),
    ...(operation.filterable === undefined
      ? []
      : [
          query("filter", `A condition in CEL on obj.${Object.keys(operation.filterable).join(", obj.")}.`, {
            type: "string",
            maxLength: 4_096,
          }),
        ]),
  ];
}

function jsonContent(schema: object): object {
  return { "application/json": { schema } };
}

function toSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
