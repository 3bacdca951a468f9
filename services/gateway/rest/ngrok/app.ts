import { type Context, Hono } from "hono";
import type { Logger } from "pino";
import { pathOf } from "../../edge/exchange.ts";
import type { Gate } from "../../edge/gate.ts";
import { type Clients, callOptions } from "../../peers/clients.ts";
import { type BodyLimits, readJson, requireNoBody } from "../common/body.ts";
import { goneSignal } from "../common/gone.ts";
import type { RestEnv } from "../common/rest-env.ts";
import { toNgrokError } from "./error-answers.ts";
import { errorBody, unknownRouteBody } from "./errors.ts";
import { parseBody } from "./fields.ts";
import { parseListQuery, readQueryOnce } from "./list-query.ts";
import { openApiDocument } from "./openapi.ts";
import type { NgrokCall, Operation } from "./operation.ts";
import { operations } from "./operations.ts";
import { requireBearer, requireVersion } from "./required-headers.ts";

export interface NgrokDeps {
  readonly gate: Gate;
  readonly clients: Clients;
  readonly publicOrigin: string;
  readonly bodyLimits: BodyLimits;
  readonly now: () => Date;
  readonly log: Logger;
}

const documentPath = "/openapi/ngrok.json";

/** The REST API of contracts/ngrok.md §1, and for every other path its "Not Found". */
export function createNgrokApp(deps: NgrokDeps): Hono<RestEnv> {
  const app = new Hono<RestEnv>();
  for (const operation of operations) {
    const method = operation.method === "LIST" ? "GET" : operation.method;
    app.on(method, operation.path.replace("{id}", ":id"), async (context) => {
      context.env.exchange.route = operation.path;
      return await answer(deps, operation, context);
    });
  }
  const document = JSON.stringify(openApiDocument(operations, deps.publicOrigin));
  app.get(documentPath, (context) => {
    context.env.exchange.route = documentPath;
    return json(document, 200);
  });
  app.notFound(({ env: { incoming, exchange } }) =>
    json(JSON.stringify(unknownRouteBody(pathOf(incoming), exchange)), 404),
  );
  app.onError((error, { env: { exchange } }) => {
    const known = toNgrokError(error);
    exchange.code = known.code;
    const detail = { err: known.cause ?? known, operationId: exchange.operationId };
    if (known.status === 500) deps.log.error(detail, "internal error");
    else if (known.status > 500) deps.log.warn(detail, "unavailable");
    const retryAfter = known.retryAfterSeconds;
    return json(
      JSON.stringify(errorBody(known, exchange)),
      known.status,
      retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
    );
  });
  return app;
}

async function answer(deps: NgrokDeps, operation: Operation, context: Context<RestEnv>): Promise<Response> {
  const { incoming, outgoing, exchange } = context.env;
  requireVersion(incoming.headers);
  const bearer = requireBearer(incoming.headers);
  const gone = goneSignal(outgoing);
  const { caller, leave } = await deps.gate.enter(exchange, bearer, gone);
  try {
    // A change goes on when its client has gone: half of one would be worse than one that nobody waits for.
    const signal = operation.method === "GET" || operation.method === "LIST" ? gone : undefined;
    const call: NgrokCall = {
      clients: deps.clients,
      caller,
      options: callOptions(bearer, exchange.operationId, signal),
      publicOrigin: deps.publicOrigin,
      now: deps.now,
    };
    return await run(deps, operation, call, context);
  } finally {
    leave();
  }
}

async function run(
  { bodyLimits }: NgrokDeps,
  operation: Operation,
  call: NgrokCall,
  context: Context<RestEnv>,
): Promise<Response> {
  const { incoming } = context.env;
  const { url = "" } = incoming;
  const id = context.req.param("id") ?? "";
  switch (operation.method) {
    case "LIST": {
      const query = parseListQuery(url, operation.filterable);
      await requireNoBody(incoming, bodyLimits);
      return json(JSON.stringify(await operation.run(call, query)), 200);
    }
    case "GET": {
      readQueryOnce(url, []);
      await requireNoBody(incoming, bodyLimits);
      return json(JSON.stringify(await operation.run(call, id)), 200);
    }
    case "DELETE": {
      readQueryOnce(url, []);
      await requireNoBody(incoming, bodyLimits);
      await operation.run(call, id);
      return new Response(null, { status: 204 });
    }
    case "POST":
    case "PATCH": {
      readQueryOnce(url, []);
      const body = parseBody(operation.body, await readJson(incoming, bodyLimits));
      const status = operation.method === "POST" ? 201 : 200;
      return json(JSON.stringify(await operation.run(call, id, body)), status);
    }
  }
}

function json(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, { status, headers: { "content-type": "application/json", ...headers } });
}
