/** An answer, as it was sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, if it is a JSON object; else empty. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RestRequest {
  /** Left out where undefined. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as it is if it is a text, else as JSON. */
  readonly body?: unknown;
}

/** Calls the REST API with nothing but fetch. */
export class RestClient {
  readonly #url: string;
  readonly #apiKey: string;
  /** `GET /credentials/{id}` and the like, of each request that was answered well. */
  readonly exercised = new Set<string>();

  constructor(url: string, apiKey: string) {
    this.#url = url;
    this.#apiKey = apiKey;
  }

  /** Another caller, whose requests are noted here as well. */
  as(apiKey: string): RestClient {
    const other = new RestClient(this.#url, apiKey);
    Object.assign(other, { exercised: this.exercised });
    return other;
  }

  async call(method: string, path: string, { headers = {}, body }: RestRequest = {}): Promise<Answer> {
    const all = {
      authorization: `Bearer ${this.#apiKey}`,
      "ngrok-version": "2",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) {
      const route = path.split("?")[0]?.replace(/^(\/\w+)\/.+$/, "$1/{id}");
      this.exercised.add(`${method} ${route}`);
    }
    return { status: response.status, headers: response.headers, text, body: parseObject(text) };
  }

  get(path: string): Promise<Answer> {
    return this.call("GET", path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.call("POST", path, { body });
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.call("PATCH", path, { body });
  }

  delete(path: string): Promise<Answer> {
    return this.call("DELETE", path);
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
