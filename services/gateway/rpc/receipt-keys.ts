import { type Client, createContextKey, createContextValues } from "@connectrpc/connect";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import {
  connectHandler,
  type HttpRequest,
  type HttpResponse,
  reasonOf,
  toWireError,
  unavailablePeer,
} from "@portcullis/service";
import type { Exchange } from "../edge/exchange.ts";
import type { Gate } from "../edge/gate.ts";
import { connect, type ServiceUrls } from "../peers/clients.ts";
import { originHeaders, type Proofs } from "../peers/passed-on.ts";
import { refuse, toConnectError } from "./refuse.ts";

export interface ReceiptKeysOptions {
  readonly urls: ServiceUrls;
  readonly proofs: Proofs;
  readonly gate: Gate;
  readonly callTimeoutMs: number;
}

type Issuer = keyof ServiceUrls;

const issuers: readonly Issuer[] = ["identity", "authorization", "credential"];
const exchangeKey = createContextKey<Exchange | undefined>(undefined);

/** Where the keys of all issuers are answered for. */
export const receiptKeysPath = `/${ReceiptService.typeName}/${ReceiptService.method.listReceiptKeys.name}`;

/** Answers for the receipts' public keys of all services, which each of them has for itself only. */
export function createReceiptKeys({ urls, proofs, gate, callTimeoutMs }: ReceiptKeysOptions) {
  const exchanges = new WeakMap<HttpRequest, Exchange>();
  const clientOf = (issuer: Issuer) => connect(urls[issuer], callTimeoutMs, proofs[issuer])(ReceiptService);
  const clients: Readonly<Record<Issuer, Client<typeof ReceiptService>>> = {
    identity: clientOf("identity"),
    authorization: clientOf("authorization"),
    credential: clientOf("credential"),
  };
  const keysOf = async (issuer: Issuer, exchange: Exchange | undefined, signal: AbortSignal) => {
    const headers = exchange === undefined ? {} : originHeaders(exchange);
    try {
      const { keys } = await clients[issuer].listReceiptKeys({ issuer }, { headers, signal });
      // Nobody speaks for another.
      return keys.filter((key) => key.issuer === issuer);
    } catch (error) {
      const known = toWireError(unavailablePeer(issuer, error));
      if (exchange !== undefined) exchange.code = reasonOf(known) ?? "";
      throw known;
    }
  };
  const answer = connectHandler({
    routes(router) {
      router.service(ReceiptService, {
        async listReceiptKeys({ issuer: asked }, { signal, values }) {
          const wanted = issuers.filter((issuer) => asked === "" || asked === issuer);
          const exchange = values.get(exchangeKey);
          const lists = await Promise.all(wanted.map((issuer) => keysOf(issuer, exchange, signal)));
          return { keys: lists.flat() };
        },
      });
    },
    contextValues: (request) => createContextValues().set(exchangeKey, exchanges.get(request)),
  });
  /** Answers one call. Never fails. */
  return async (exchange: Exchange, request: HttpRequest, response: HttpResponse): Promise<void> => {
    exchange.route = receiptKeysPath;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      await gate.pass(exchange, undefined, gone.signal);
    } catch (error) {
      const known = toConnectError(error);
      exchange.code = reasonOf(known) ?? "";
      return refuse(request, response, known);
    }
    exchanges.set(request, exchange);
    answer(request, response);
  };
}
