import type { Authority, Incarnation, Registration, SyncAnswer } from "../authority.ts";
import type { LogEntry } from "../log-entry.ts";
import type { Scope } from "../scope.ts";

/** An authority whose calls are done at once, unless it is told to be away or to keep what it is asked waiting. */
export class MemoryAuthority implements Authority {
  generation = "generation-1";
  readonly channelKey = new Uint8Array(32).fill(7);
  readonly log: LogEntry[] = [];
  readonly rows = new Map<string, Registration>();
  isAway = false;
  /** Runs before a registry is answered, e.g. to keep it waiting. */
  beforeRegistrations: () => Promise<void> = () => Promise.resolve();
  /** Runs after a sync has been read and before it is answered. */
  afterSync: () => Promise<void> = () => Promise.resolve();

  append(...scopes: readonly Scope[]): LogEntry {
    const entry = { position: this.log.length + 1, scopes };
    this.log.push(entry);
    return entry;
  }

  /** A row as another replica's. */
  enroll(replica: string, over: Partial<Registration> = {}): Registration {
    const row = { replica, incarnation: "1", leaseMs: 1_000, isDead: false, acknowledged: 0, ...over };
    this.rows.set(replica, row);
    return row;
  }

  async register({ replica, incarnation }: Incarnation, leaseMs: number): Promise<void> {
    this.#check();
    this.enroll(replica, { incarnation, leaseMs });
  }

  async sync(self: Incarnation, after: number, limit: number): Promise<SyncAnswer> {
    this.#check();
    const row = this.#find(self);
    const answer = {
      head: { generation: this.generation, position: this.log.length },
      channelKey: this.channelKey,
      entries: this.log.slice(Math.max(after, this.log.length - limit)),
      isRegistered: row !== undefined && !row.isDead,
    };
    await this.afterSync();
    return answer;
  }

  async acknowledge(self: Incarnation, at: { readonly position: number }): Promise<void> {
    this.#check();
    const row = this.#find(self);
    if (row !== undefined) this.rows.set(self.replica, { ...row, acknowledged: at.position });
  }

  async unregister(self: Incarnation): Promise<void> {
    this.#check();
    if (this.#find(self) !== undefined) this.rows.delete(self.replica);
  }

  async registrations(signal: AbortSignal): Promise<readonly Registration[]> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    await Promise.race([this.beforeRegistrations(), aborted]);
    this.#check();
    return [...this.rows.values()];
  }

  async markDead(other: Incarnation): Promise<void> {
    this.#check();
    const row = this.#find(other);
    if (row !== undefined) this.rows.set(other.replica, { ...row, isDead: true });
  }

  async removeDead(other: Incarnation): Promise<void> {
    this.#check();
    if (this.#find(other)?.isDead === true) this.rows.delete(other.replica);
  }

  #find({ replica, incarnation }: Incarnation): Registration | undefined {
    const row = this.rows.get(replica);
    return row?.incarnation === incarnation ? row : undefined;
  }

  #check(): void {
    if (this.isAway) throw new Error("the authority is away");
  }
}
