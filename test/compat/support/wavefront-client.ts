import { expect } from "vitest";
import { z } from "zod";

/** An answer of Wavefront's REST API, as it was sent. */
export interface WavefrontAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The whole body. */
  readonly json: unknown;
  /** The body, if it is an object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What stands in the envelope. */
  readonly response: unknown;
}

interface Documented {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

/** What the served document says, to hold answers against. */
export class WavefrontDocument {
  readonly #routes: readonly {
    readonly method: string;
    readonly pattern: RegExp;
    readonly operation: Documented;
    readonly answer: z.ZodType;
  }[];
  readonly #error: z.ZodType;
  /** The operations that were answered well. */
  readonly exercised = new Set<string>();

  constructor(document: unknown) {
    const { paths, components } = z
      .object({
        paths: z.record(z.string(), z.record(z.string(), z.custom<Documented>())),
        components: z.object({ schemas: z.object({ Error: z.record(z.string(), z.unknown()) }) }),
      })
      .parse(document);
    this.#error = z.fromJSONSchema(components.schemas.Error);
    this.#routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
        operation,
        answer: z.fromJSONSchema({ ...operation.responses["200"]?.content["application/json"]?.schema }),
      })),
    );
  }

  get operationIds(): readonly string[] {
    return this.#routes.map(({ operation }) => operation.operationId);
  }

  /** Fails unless the answer is as the document says it is. */
  check(method: string, path: string, { status, json }: WavefrontAnswer): void {
    // The more specific routes stand first.
    const route = this.#routes.find((one) => one.method === method && one.pattern.test(path));
    if (status === 200 && route === undefined) return expect.fail(`${method} ${path} is not documented`);
    const schema = status === 200 ? route?.answer : this.#error;
    const problem = schema?.safeParse(json).error;
    if (problem !== undefined) {
      expect.fail(`${method} ${path}: ${JSON.stringify(json)} is not as documented: ${problem.message}`);
    }
    if (status !== 200 || route === undefined) return;
    this.exercised.add(route.operation.operationId);
  }
}

export interface WavefrontRequest {
  /** Left out where undefined. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as it is if it is a text, else as JSON. */
  readonly body?: unknown;
}

/** Calls the REST API with nothing but fetch, and holds each answer against the document. */
export class WavefrontClient {
  readonly #url: string;
  readonly #token: string;
  readonly document: WavefrontDocument;

  private constructor(url: string, token: string, document: WavefrontDocument) {
    this.#url = url;
    this.#token = token;
    this.document = document;
  }

  static async create(url: string, token: string): Promise<WavefrontClient> {
    const document: unknown = await (await fetch(`${url}/api/v2/swagger.json`)).json();
    return new WavefrontClient(url, token, new WavefrontDocument(document));
  }

  /** Another caller. */
  as(token: string): WavefrontClient {
    return new WavefrontClient(this.#url, token, this.document);
  }

  async call(
    method: string,
    path: string,
    { headers = {}, body }: WavefrontRequest = {},
  ): Promise<WavefrontAnswer> {
    const all = {
      authorization: `Bearer ${this.#token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const full = path.startsWith("/api/") ? path : `/api/v2${path}`;
    const response = await fetch(`${this.#url}${full}`, {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: unknown = JSON.parse(text);
    const object: Readonly<Record<string, unknown>> =
      typeof json === "object" && json !== null && !Array.isArray(json) ? { ...json } : {};
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      json,
      body: object,
      response: object.response,
    };
    const type = response.headers.get("content-type");
    if (type !== "application/json") expect.fail(`${method} ${path}: ${type}`);
    this.document.check(method, full.split("?")[0] ?? "", answer);
    return answer;
  }

  get(path: string): Promise<WavefrontAnswer> {
    return this.call("GET", path);
  }

  post(path: string, body?: unknown): Promise<WavefrontAnswer> {
    return this.call("POST", path, { body });
  }

  put(path: string, body?: unknown): Promise<WavefrontAnswer> {
    return this.call("PUT", path, { body });
  }

  delete(path: string): Promise<WavefrontAnswer> {
    return this.call("DELETE", path);
  }
}
