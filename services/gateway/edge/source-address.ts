import { type BlockList, isIP } from "node:net";

/** What is read of a request to know where it comes from. */
interface Request {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Tells the address that a request comes from: what the last proxy that is not ours says in `x-forwarded-for`, or who
 * is at the other end of the connection. Undefined once the socket is gone.
 */
export function createSourceReader(trustedProxies: BlockList): (request: Request) => string | undefined {
  const isTrusted = (address: string) => contains(trustedProxies, address);
  return ({ headers, socket }) => {
    let source = socket.remoteAddress === undefined ? undefined : plain(socket.remoteAddress);
    const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
    while (source !== undefined && isTrusted(source) && forwarded.length > 0) {
      const before = plain((forwarded.pop() ?? "").trim());
      if (isIP(before) === 0) break;
      source = before;
    }
    return source;
  };
}

export function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** By whom requests are counted: an address, or the /64 of IPv6 that one customer has. */
export function countedAs(source: string | undefined): string {
  if (source === undefined || isIP(source) !== 6) return source ?? "unknown";
  const [head = "", tail] = source.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  return [...groups, ...Array.from({ length: Math.max(0, missing) }, () => "0")].slice(0, 4).join(":");
}

/** An IPv4 address, also where a socket of both kinds shows it as IPv6. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "").replace(/%.*$/, "");
}
