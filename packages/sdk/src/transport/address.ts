import { lookup } from "node:dns/promises";

/** Where a replica listens. */
export interface Address {
  /** `host:port`, an IPv6 address in brackets. */
  readonly target: string;
  /** The name that it was given by, which its certificate is for. */
  readonly host: string;
  readonly isTls: boolean;
}

/** `host:port`, `http://host:port`, `https://host:port`, or one name for all replicas: `dns:host:port`. */
export interface AddressOptions {
  readonly addresses: string | readonly string[];
  /** TLS, for addresses that don't say it with `https:`; with a certificate also mutual. */
  readonly tls?: TlsOptions | undefined;
}

/** PEM texts. */
export interface TlsOptions {
  /** Of the authorities that are trusted; else those that Node trusts. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** Addresses as they were given, and the names that stand for several. */
export interface ParsedAddresses {
  readonly fixed: readonly Address[];
  readonly names: readonly Address[];
}

/** Throws TypeError for what is no address: a mistake of the program. */
export function parseAddresses({ addresses, tls }: AddressOptions): ParsedAddresses {
  const given = typeof addresses === "string" ? [addresses] : addresses;
  if (given.length === 0) throw new TypeError("name at least one address");
  const fixed: Address[] = [];
  const names: Address[] = [];
  for (const text of given) {
    const [, scheme = "", rest = ""] = /^(https?:\/\/|dns:(?:\/\/\/)?)?([^/]+)\/?$/.exec(text) ?? [];
    const host = /^(\[[0-9a-f:.]+\]|[^:[\]]+):\d{1,5}$/i.exec(rest)?.[1];
    if (host === undefined) throw new TypeError(`${text} is no address; write host:port`);
    const isTls = scheme === "https://" || (scheme !== "http://" && tls !== undefined);
    const address = { target: rest, host: host.replace(/^\[|\]$/g, ""), isTls };
    (scheme.startsWith("dns:") ? names : fixed).push(address);
  }
  return { fixed, names };
}

/** The replicas behind a name, as DNS has them now. */
export async function resolveName(name: Address): Promise<readonly Address[]> {
  const port = name.target.slice(name.target.lastIndexOf(":"));
  const found = await lookup(name.host, { all: true });
  return found.map(({ address, family }) => ({
    ...name,
    target: `${family === 6 ? `[${address}]` : address}${port}`,
  }));
}
