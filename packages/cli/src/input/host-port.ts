import { InvalidArgumentError } from "commander";

/** A TCP address. */
export interface HostPort {
  /** An IPv6 address stands here without its brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

const pattern = /^(?:\[([^[\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/;

/** Parses `host:port` or `[IPv6 address]:port`. Whether the host is one at all is for the service to judge. */
export function parseHostPort(text: string): HostPort {
  const [, address, name, digits] = pattern.exec(text) ?? [];
  const host = address ?? name;
  const port = Number(digits);
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    throw new InvalidArgumentError("Write host:port, with a port from 1 to 65535; an IPv6 address in [ ].");
  }
  return { host, port };
}
