import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { fromServiceError, PortcullisError } from "../portcullis-error.ts";
import type { Address, AddressOptions, TlsOptions } from "./address.ts";
import { type Bearer, tokenOf } from "./bearer.ts";
import { type Replica, Replicas } from "./replicas.ts";

/** A method, as grpc-js wants to know of it. */
export interface Rpc<Input extends DescMessage, Output extends DescMessage> {
  readonly path: string;
  readonly input: Input;
  readonly output: Output;
}

/** A method of the contracts. */
export function rpcOf<Input extends DescMessage, Output extends DescMessage>(method: {
  readonly name: string;
  readonly parent: { readonly typeName: string };
  readonly input: Input;
  readonly output: Output;
}): Rpc<Input, Output> {
  const { input, output } = method;
  return { path: `/${method.parent.typeName}/${method.name}`, input, output };
}

/** Messages both ways. */
export interface Duplex<Request> {
  send(request: Request): void;
  /** No more is sent; what was sent is still answered. */
  end(): void;
  cancel(): void;
}

export interface DuplexListener<Response> {
  onMessage(response: Response): void;
  /** Once, and not before `duplex` has returned; undefined: the peer has ended it in order. */
  onEnd(error: PortcullisError | undefined): void;
}

/** Where a service is, and what this program proves itself with. */
export type ConnectionOptions = AddressOptions & Bearer;

const channelOptions: ChannelOptions = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 2_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.min_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // Each replica has its connection to itself, so that its end says something of that replica.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
};

/** A connection to one replica. grpc-js keeps it, and opens it again when it broke. */
class Channel {
  readonly #client: Client;
  readonly #bearer: Bearer;
  readonly #metadata: Metadata | undefined;

  constructor(address: Address, bearer: Bearer, tls: TlsOptions | undefined) {
    this.#bearer = bearer;
    this.#metadata = bearer.apiKey === undefined ? undefined : metadataOf(bearer.apiKey);
    this.#client = address.isTls
      ? new Client(
          address.target,
          credentials.createSsl(bytes(tls?.ca), bytes(tls?.key), bytes(tls?.certificate)),
          {
            ...channelOptions,
            "grpc.ssl_target_name_override": address.host,
            "grpc.default_authority": address.host,
          },
        )
      : new Client(address.target, credentials.createInsecure(), channelOptions);
  }

  /** Rejects with PortcullisError. */
  async unary<Input extends DescMessage, Output extends DescMessage>(
    rpc: Rpc<Input, Output>,
    request: MessageShape<Input>,
    timeoutMs: number,
  ): Promise<MessageShape<Output>> {
    const metadata = this.#metadata ?? (await this.#fetchMetadata());
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        rpc.path,
        (message: MessageShape<Input>) => encode(rpc.input, message),
        (data) => fromBinary(rpc.output, data),
        request,
        metadata,
        { deadline: Date.now() + timeoutMs } satisfies CallOptions,
        (error, response) => {
          if (error === null && response !== undefined) resolve(response);
          else
            reject(error === null ? new PortcullisError("INTERNAL", "no answer") : fromServiceError(error));
        },
      );
    });
  }

  /** What is sent before the call is under way waits. */
  duplex<Input extends DescMessage, Output extends DescMessage>(
    rpc: Rpc<Input, Output>,
    listener: DuplexListener<MessageShape<Output>>,
  ): Duplex<MessageShape<Input>> {
    let call: ClientDuplexStream<MessageShape<Input>, MessageShape<Output>> | undefined;
    let waiting: ((opened: NonNullable<typeof call>) => void)[] = [];
    let hasEnded = false;
    const onEnd = (error: PortcullisError | undefined) => {
      if (hasEnded) return;
      hasEnded = true;
      listener.onEnd(error);
    };
    const open = (metadata: Metadata) => {
      if (hasEnded) return;
      call = this.#client.makeBidiStreamRequest(
        rpc.path,
        (message: MessageShape<Input>) => encode(rpc.input, message),
        (data) => fromBinary(rpc.output, data),
        metadata,
      );
      call.on("data", (response: MessageShape<Output>) => {
        if (!hasEnded) listener.onMessage(response);
      });
      call.on("error", (error: ServiceError) => onEnd(fromServiceError(error)));
      call.on("end", () => onEnd(undefined));
      for (const task of waiting) task(call);
      waiting = [];
    };
    const withCall = (task: (opened: NonNullable<typeof call>) => void) => {
      if (hasEnded) return;
      if (call === undefined) waiting.push(task);
      else task(call);
    };
    // Not in this turn, so that the caller has what it is told about.
    Promise.resolve(this.#metadata ?? this.#fetchMetadata()).then(open, onEnd);
    return {
      send: (request) => withCall((opened) => opened.write(request)),
      end: () => withCall((opened) => opened.end()),
      cancel() {
        hasEnded = true;
        call?.cancel();
      },
    };
  }

  close(): void {
    this.#client.close();
  }

  async #fetchMetadata(): Promise<Metadata> {
    try {
      return metadataOf(await tokenOf(this.#bearer));
    } catch (error) {
      throw new PortcullisError("UNAVAILABLE", "There is no token to call with right now.", { cause: error });
    }
  }
}

export type Channels = Replicas<Channel>;
export type ReplicaChannel = Replica<Channel>;

/** Connections to all replicas of a service. */
export function openChannels(options: ConnectionOptions): Channels {
  return new Replicas(
    options,
    (address) => new Channel(address, options, options.tls),
    (channel) => channel.close(),
  );
}

function encode<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): Buffer {
  const { buffer, byteOffset, byteLength } = toBinary(desc, message);
  return Buffer.from(buffer, byteOffset, byteLength);
}

function metadataOf(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}

function bytes(pem: string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}
