import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import {
  BatchCheckResponseSchema,
  CheckReason,
  CheckResponseSchema,
  CheckService,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { PrincipalKind } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type {
  WatchRevocationsRequest,
  WatchRevocationsResponse,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { WatchRevocationsResponseSchema } from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import { CredentialKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  BatchVerifyTokensResponseSchema,
  VerificationResult as Result,
  type Verification,
  VerificationSchema,
  VerificationService,
  type VerifyStreamRequest,
  type VerifyStreamResponse,
  VerifyStreamResponseSchema,
  type VerifyTokenRequest,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { serverMethod } from "./server-method.ts";

/** A token that the fake knows. */
export interface FakeCredential {
  readonly accountId: string;
  readonly ownerId: string;
  /** Held in that account. */
  readonly permissions?: readonly string[];
  readonly kind?: "api_key" | "authtoken" | "session";
  readonly expireTime?: Date;
}

export interface FakePortcullisOptions {
  /** Whether it has VerifyStream. Default true. */
  readonly streams?: boolean;
  /** How long its leases are, in milliseconds; 0: none. Default 1,000. */
  readonly leaseMs?: number;
}

type Watcher = ServerDuplexStream<WatchRevocationsRequest, WatchRevocationsResponse>;
type Stream = ServerDuplexStream<VerifyStreamRequest, VerifyStreamResponse>;

const generation = "fake";
const wireKinds = {
  api_key: CredentialKind.API_KEY,
  authtoken: CredentialKind.AUTHTOKEN,
  session: CredentialKind.SESSION,
} as const;

/**
 * Stands for credential and authorization in tests of programs that use this SDK: tokens and permissions are what the
 * test says, over real gRPC, in this process. It keeps the protocol, but not the guarantees of several replicas.
 */
export class FakePortcullis {
  /** How often each method was called, and how many messages streams have brought. */
  readonly calls = { verifyToken: 0, batchVerifyTokens: 0, streamMessages: 0, check: 0, batchCheck: 0 };
  readonly #server = new Server();
  readonly #credentials = new Map<string, FakeCredential>();
  readonly #revoked = new Set<string>();
  readonly #watchers = new Set<Watcher>();
  readonly #kept = new Map<Stream, Map<bigint, VerifyTokenRequest>>();
  readonly #waiting = new Map<number, () => void>();
  readonly #options: Required<FakePortcullisOptions>;
  #position = 1;
  #address = "";

  constructor(options: FakePortcullisOptions = {}) {
    this.#options = { streams: true, leaseMs: 1_000, ...options };
  }

  static async start(options?: FakePortcullisOptions): Promise<FakePortcullis> {
    const fake = new FakePortcullis(options);
    await fake.#listen();
    return fake;
  }

  /** Where both services listen. */
  get address(): string {
    return this.#address;
  }

  add(token: string, credential: FakeCredential): void {
    this.#credentials.set(token, credential);
  }

  /** Resolves when no cache that follows answers for it any more. */
  async revoke(token: string): Promise<void> {
    this.#revoked.add(token);
    const position = ++this.#position;
    for (const [stream, kept] of this.#kept) {
      for (const [id, request] of kept) {
        if (request.token !== token) continue;
        kept.delete(id);
        const ended = [{ id, verification: this.#verify(request) }];
        stream.write(create(VerifyStreamResponseSchema, { ended }));
      }
    }
    const message = {
      case: "entry" as const,
      value: { position: BigInt(position), scopes: [scopeOf(token)] },
    };
    const confirmed = [...this.#watchers].map((watcher) => {
      watcher.write(create(WatchRevocationsResponseSchema, { message }));
      return new Promise<void>((resolve) => {
        this.#waiting.set(position, resolve);
        setTimeout(resolve, this.#options.leaseMs).unref();
      });
    });
    await Promise.all(confirmed);
  }

  /** Ends all connections and streams. */
  stop(): void {
    this.#server.forceShutdown();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #listen(): Promise<void> {
    const { verifyToken, batchVerifyTokens, verifyStream, watchRevocations } = VerificationService.method;
    const { check, batchCheck } = CheckService.method;
    this.#server.addService(
      {
        verifyToken: serverMethod(verifyToken),
        batchVerifyTokens: serverMethod(batchVerifyTokens),
        watchRevocations: serverMethod(watchRevocations),
        check: serverMethod(check),
        batchCheck: serverMethod(batchCheck),
        ...(this.#options.streams ? { verifyStream: serverMethod(verifyStream) } : {}),
      },
      {
        verifyToken: unary(verifyToken, (request) => {
          this.calls.verifyToken++;
          return create(VerifyTokenResponseSchema, { verification: this.#verify(request) });
        }),
        batchVerifyTokens: unary(batchVerifyTokens, ({ requests }) => {
          this.calls.batchVerifyTokens++;
          const verifications = requests.map((request) => this.#verify(request));
          return create(BatchVerifyTokensResponseSchema, { verifications });
        }),
        check: unary(check, ({ subject, permissionId }) => {
          this.calls.check++;
          return create(CheckResponseSchema, this.#decide(subject?.principalId, permissionId));
        }),
        batchCheck: unary(batchCheck, ({ items }) => {
          this.calls.batchCheck++;
          const results = items.map((item) => this.#decide(item.principalId, item.permissionId));
          return create(BatchCheckResponseSchema, { results });
        }),
        watchRevocations: (watcher: Watcher) => this.#serveWatch(watcher),
        verifyStream: (stream: Stream) => this.#serveStream(stream),
      },
    );
    return new Promise((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        this.#address = `127.0.0.1:${port}`;
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  #verify(request: VerifyTokenRequest): Verification {
    const { token, acceptedKinds, forCache } = request;
    const known = this.#credentials.get(token);
    const evaluatedRevision = BigInt(this.#position);
    if (known === undefined) return create(VerificationSchema, { result: Result.UNKNOWN, evaluatedRevision });
    const kind = wireKinds[known.kind ?? "api_key"];
    const isWrong = acceptedKinds.length > 0 && !acceptedKinds.includes(kind);
    const good = this.#revoked.has(token) ? Result.REVOKED : Result.VALID;
    return create(VerificationSchema, {
      result: isWrong ? Result.WRONG_KIND : good,
      evaluatedRevision,
      credential: {
        credentialId: `cred_of_${known.ownerId}`,
        kind,
        accountId: known.accountId,
        ownerId: known.ownerId,
        ownerKind: PrincipalKind.SERVICE_USER,
        ...(known.expireTime === undefined ? {} : { expireTime: timestampFromDate(known.expireTime) }),
      },
      ...(forCache ? { cache: { scopes: [scopeOf(token)], generation } } : {}),
    });
  }

  #decide(principalId: string | undefined, permissionId: string) {
    const held = [...this.#credentials.values()].filter(({ ownerId }) => ownerId === principalId);
    const allowed = held.some(({ permissions }) => permissions?.includes(permissionId) === true);
    return { allowed, reason: allowed ? CheckReason.ROLE : CheckReason.NOT_GRANTED };
  }

  #serveWatch(watcher: Watcher): void {
    this.#watchers.add(watcher);
    const reset = { generation, position: BigInt(this.#position) };
    watcher.write(create(WatchRevocationsResponseSchema, { message: { case: "reset", value: reset } }));
    watcher.on("data", ({ message }: WatchRevocationsRequest) => {
      if (message.case === "applied") this.#waiting.get(Number(message.value.position))?.();
      if (message.case !== "renew") return;
      const lease = { nonce: message.value.nonce, ttlMs: this.#options.leaseMs };
      watcher.write(create(WatchRevocationsResponseSchema, { message: { case: "lease", value: lease } }));
    });
    endTogether(watcher, () => this.#watchers.delete(watcher));
  }

  #serveStream(stream: Stream): void {
    const kept = new Map<bigint, VerifyTokenRequest>();
    this.#kept.set(stream, kept);
    stream.on("data", ({ verifications, releasedIds }: VerifyStreamRequest) => {
      this.calls.streamMessages++;
      for (const id of releasedIds) kept.delete(id);
      const answers = verifications.map(({ id, question, keep }) => {
        if (question.case !== "token") return { id, verification: create(VerificationSchema) };
        const verification = this.#verify(question.value);
        if (keep && verification.result === Result.VALID) kept.set(id, question.value);
        return { id, verification };
      });
      stream.write(create(VerifyStreamResponseSchema, { answers }));
    });
    endTogether(stream, () => this.#kept.delete(stream));
  }
}

function scopeOf(token: string): string {
  return `credential:${token}`;
}

function endTogether(stream: Watcher | Stream, onEnd: () => void): void {
  stream.on("end", () => stream.end());
  stream.on("close", onEnd);
  stream.on("cancelled", onEnd);
  stream.on("error", onEnd);
}

function unary<Input extends DescMessage, Output extends DescMessage>(
  _method: { readonly input: Input; readonly output: Output },
  answer: (request: MessageShape<Input>) => MessageShape<Output>,
) {
  return (
    { request }: ServerUnaryCall<MessageShape<Input>, MessageShape<Output>>,
    callback: sendUnaryData<MessageShape<Output>>,
  ) => {
    try {
      callback(null, answer(request));
    } catch (error) {
      callback({ code: status.INTERNAL, details: String(error) });
    }
  };
}
