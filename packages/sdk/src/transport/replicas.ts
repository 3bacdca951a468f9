import { type Address, type AddressOptions, parseAddresses, resolveName } from "./address.ts";
import { backoffMs } from "./backoff.ts";

/** How often names are looked up anew, in milliseconds. */
const lookupEveryMs = 30_000;

/** A replica, by way of what it is reached with. */
export class Replica<Peer> {
  readonly peer: Peer;
  #failures = 0;
  #outUntilMs = 0;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  /** Until when it is not asked while another one is there; on the monotonic clock. */
  get outUntilMs(): number {
    return this.#outUntilMs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#outUntilMs = 0;
  }

  /** It did not answer, or could not: others are asked for a while, longer each time. */
  failed(): void {
    const nowMs = performance.now();
    // Calls that fail together are one failure.
    if (this.#outUntilMs <= nowMs) this.#outUntilMs = nowMs + backoffMs(this.#failures++);
  }
}

/** The replicas of a service, asked in turn; one that fails is left out for a while. */
export class Replicas<Peer> {
  readonly #fixed: readonly Address[];
  readonly #names: readonly Address[];
  readonly #connect: (address: Address) => Peer;
  readonly #disconnect: (peer: Peer) => void;
  readonly #byTarget = new Map<string, Replica<Peer>>();
  #inTurn: readonly Replica<Peer>[] = [];
  // Programs that start together don't all begin with the same one.
  #turn = Math.floor(Math.random() * 1_000);
  #lookup: NodeJS.Timeout | undefined;

  constructor(
    addresses: AddressOptions,
    connect: (address: Address) => Peer,
    disconnect: (peer: Peer) => void,
  ) {
    const { fixed, names } = parseAddresses(addresses);
    this.#fixed = fixed;
    this.#names = names;
    this.#connect = connect;
    this.#disconnect = disconnect;
    // Until a name is looked up it stands for one replica.
    this.#replace([...fixed, ...names]);
    if (names.length > 0) {
      this.#lookup = setInterval(() => void this.#lookUp(), lookupEveryMs).unref();
      void this.#lookUp();
    }
  }

  get count(): number {
    return this.#inTurn.length;
  }

  /** The next one that is not left out; if all are, the one whose time is over first. `not`: only if there is no other. */
  next(not?: Replica<Peer>): Replica<Peer> {
    const nowMs = performance.now();
    const all = this.#inTurn;
    let best: Replica<Peer> | undefined;
    this.#turn = (this.#turn + 1) % all.length;
    for (let step = 0; step < all.length; step++) {
      const replica = all[(this.#turn + step) % all.length];
      if (replica === undefined || (replica === not && all.length > 1)) continue;
      if (replica.outUntilMs <= nowMs) return replica;
      if (best === undefined || replica.outUntilMs < best.outUntilMs) best = replica;
    }
    if (best === undefined) throw new Error("there are no replicas: closed");
    return best;
  }

  close(): void {
    clearInterval(this.#lookup);
    this.#lookup = undefined;
    for (const { peer } of this.#inTurn) this.#disconnect(peer);
  }

  async #lookUp(): Promise<void> {
    const found = await Promise.all(this.#names.map((name) => resolveName(name).catch(() => [])));
    // What can't be looked up is where it was; and after close nothing is opened any more.
    if (this.#lookup === undefined || found.some(({ length }) => length === 0)) return;
    this.#replace([...this.#fixed, ...found.flat()]);
  }

  #replace(addresses: readonly Address[]): void {
    const wanted = new Map(addresses.map((address) => [address.target, address]));
    for (const [target, { peer }] of this.#byTarget) {
      if (wanted.has(target)) continue;
      this.#byTarget.delete(target);
      this.#disconnect(peer);
    }
    for (const [target, address] of wanted) {
      if (!this.#byTarget.has(target)) this.#byTarget.set(target, new Replica(this.#connect(address)));
    }
    this.#inTurn = [...this.#byTarget.values()];
  }
}
