import { z } from "zod";
import { errorView, packedView } from "./envelope.ts";
import type { Operation } from "./operation.ts";

/** The description of the API, from the same table and schemas that it works by. */
export function openApiDocument(operations: readonly Operation[], publicOrigin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: describe(operation),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Portcullis: the REST API of Wavefront's clients",
      version: "v2",
      description: "Accounts, tokens, groups, roles and who may reach what.",
    },
    servers: [{ url: publicOrigin }],
    security: [{ bearer: [] }, { header: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        header: { type: "apiKey", in: "header", name: "X-AUTH-TOKEN" },
      },
      schemas: { Error: toSchema(errorView, "output") },
    },
  };
}

function describe(operation: Operation): object {
  const { id, summary, packing, result, body } = operation;
  const type = operation.isForm === true ? "application/x-www-form-urlencoded" : "application/json";
  return {
    operationId: id,
    summary,
    ...(operation.isDeprecated === true ? { deprecated: true } : {}),
    parameters: [...pathParametersOf(operation), ...queryParametersOf(operation)],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { [type]: { schema: toSchema(body, "input") } } } }),
    responses: {
      "200": {
        description: "Done.",
        content: jsonContent(toSchema(packedView(packing, result ?? z.unknown()), "output")),
      },
      default: {
        description: "An error. `debugInfo` has the operation's id, which is in the log, too.",
        content: jsonContent({ $ref: "#/components/schemas/Error" }),
      },
    },
  };
}

function pathParametersOf({ path }: Operation): readonly object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParametersOf({ query = [] }: Operation): readonly object[] {
  return query.map(({ name, description, schema }) => ({ name, in: "query", description, schema }));
}

function jsonContent(schema: object): object {
  return { "application/json": { schema } };
}

function toSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
