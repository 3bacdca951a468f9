import type { IncomingHttpHeaders } from "node:http";
import { type Context, Hono } from "hono";
import type { Logger } from "pino";
import type { Gate } from "../../edge/gate.ts";
import { type Clients, callOptions } from "../../peers/clients.ts";
import { bearerOf } from "../common/bearer.ts";
import { type BodyLimits, readAnyBody } from "../common/body.ts";
import { RequestFault } from "../common/fault.ts";
import { goneSignal } from "../common/gone.ts";
import { readQuery } from "../common/query.ts";
import type { RestEnv } from "../common/rest-env.ts";
import { createDirectory } from "./directory.ts";
import { pack } from "./envelope.ts";
import { toWavefrontError } from "./error-answers.ts";
import { errorBody, WavefrontError } from "./errors.ts";
import { parseBody } from "./fields.ts";
import { openApiDocument } from "./openapi.ts";
import type { Operation, WavefrontCall } from "./operation.ts";
import { operations } from "./operations.ts";

export interface WavefrontDeps {
  readonly gate: Gate;
  readonly clients: Clients;
  readonly publicOrigin: string;
  readonly bodyLimits: BodyLimits;
  readonly log: Logger;
}

const documentPath = "/api/v2/swagger.json";

/** Whether a path is this API's. */
export function isWavefrontPath(path: string): boolean {
  return path === "/api/v2" || path.startsWith("/api/v2/") || path.startsWith("/api/logout/");
}

/** The REST API of contracts/wavefront.md §4. */
export function createWavefrontApp(deps: WavefrontDeps): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  const document = JSON.stringify(openApiDocument(operations, deps.publicOrigin));
  app.get(documentPath, (context) => {
    context.env.exchange.route = documentPath;
    return json(document, 200);
  });
  for (const operation of operations) {
    app.on(operation.method, operation.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (context) => {
      context.env.exchange.route = operation.path;
      return await answer(deps, operation, context);
    });
  }
  app.notFound(({ env: { exchange } }) =>
    json(JSON.stringify(errorBody(404, "There is nothing at this address.", exchange)), 404),
  );
  app.onError((error, { env: { exchange } }) => {
    const known = toWavefrontError(error);
    exchange.code = known.code;
    const detail = { err: known.cause ?? known, operationId: exchange.operationId };
    if (known.status === 500) deps.log.error(detail, "internal error");
    else if (known.status > 500) deps.log.warn(detail, "unavailable");
    const retryAfter = known.retryAfterSeconds;
    return json(
      JSON.stringify(errorBody(known.status, known.message, exchange)),
      known.status,
      retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
    );
  });
  return app;
}

async function answer(
  { gate, clients, bodyLimits }: WavefrontDeps,
  operation: Operation,
  context: Context<RestEnv>,
): Promise<Response> {
  const { incoming, outgoing, exchange } = context.env;
  const bearer = requireBearer(incoming.headers);
  const gone = goneSignal(outgoing);
  const { caller, leave } = await gate.enter(exchange, bearer, gone);
  try {
    // A change goes on when its client has gone: half of one would be worse than one that nobody waits for.
    const signal = operation.method === "GET" ? gone : undefined;
    const options = callOptions(bearer, exchange.operationId, signal);
    const directory = createDirectory(clients, options);
    const call: WavefrontCall = { clients, caller, options, directory, notes: [] };
    const query = readQuery(incoming.url ?? "");
    // What comes with a request that takes no body is read all the same: clients send `{}` and `null`.
    const bytes = operation.method === "GET" ? undefined : await readAnyBody(incoming, bodyLimits);
    const result = await operation.run(call, {
      path: context.req.param(),
      query: (name) => query.get(name) ?? [],
      body:
        bytes === undefined || operation.body === undefined
          ? undefined
          : parse(operation, bytes, incoming.headers),
    });
    return json(JSON.stringify(pack(operation.packing, result, call.notes)), 200);
  } finally {
    leave();
  }
}

/** What the body's schema makes of it, whatever type it says it is: clients send JSON as text/plain. */
function parse(operation: Operation, bytes: Buffer, headers: IncomingHttpHeaders): unknown {
  const { body: schema } = operation;
  if (schema === undefined) return undefined;
  const text = decode(bytes);
  if (text.trim() === "") return parseBody(schema, undefined);
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  if (isForm && operation.isForm === true) {
    return parseBody(schema, Object.fromEntries(new URLSearchParams(text)));
  }
  return parseBody(schema, parseJson(text));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unparsable();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unparsable();
  }
}

function unparsable(): RequestFault {
  return new RequestFault("body_unparsable", "The body could not be parsed as JSON in UTF-8.");
}

const tokenLike = /^pc(?:ak|at|se)_[0-9A-Za-z_]+$/;

/** The credential, from either header. What can't be one is told without asking anybody, and never repeated. */
function requireBearer(headers: IncomingHttpHeaders): string {
  const { authorization, "x-auth-token": named } = headers;
  const header = Array.isArray(named) ? named[0] : named;
  const bearer =
    authorization === undefined && header !== undefined ? header.trim() : bearerOf(authorization);
  if (tokenLike.test(bearer)) return bearer;
  throw new WavefrontError(401, "That does not look like an API token, which begins with pcak_.");
}

function json(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, { status, headers: { "content-type": "application/json", ...headers } });
}
