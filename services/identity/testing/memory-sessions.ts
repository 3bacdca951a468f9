import { DomainError } from "@portcullis/errors";
import type { NewSession, Sessions, SessionsEnd } from "../domain/people-ports.ts";
import type { Enforcement } from "../domain/revocation.ts";
import { MemoryLog } from "./memory-log.ts";

/** The credential service's sessions, kept by its rules, that a test can hold up or take away. */
export class MemorySessions implements Sessions {
  isReachable = true;
  /** Awaited before a session is created. */
  beforeCreate: () => Promise<void> = async () => {};
  readonly #log = new MemoryLog("credential");
  readonly #open = new Map<string, NewSession>();
  #created = 0;

  async create(session: NewSession) {
    await this.beforeCreate();
    this.#requireReachable();
    const token = `pcse_${++this.#created}`;
    this.#open.set(token, session);
    return { token, expiresAt: new Date("2099-01-01T00:00:00Z") };
  }

  async endGroup(groupId: string): Promise<Enforcement> {
    this.#requireReachable();
    return this.#end((session) => session.groupId === groupId);
  }

  async endOfUser({ userId, belowSecretsVersion, exceptGroupId }: SessionsEnd): Promise<Enforcement> {
    this.#requireReachable();
    return this.#end(
      ({ member, secretsVersion, groupId }) =>
        member.userId === userId && secretsVersion < belowSecretsVersion && groupId !== exceptGroupId,
    );
  }

  async endInAccount(accountId: string, userIds: readonly string[]): Promise<Enforcement> {
    this.#requireReachable();
    return this.#end(({ member }) => member.accountId === accountId && userIds.includes(member.userId));
  }

  async confirmEnded(): Promise<Enforcement> {
    this.#requireReachable();
    return this.#end(() => false);
  }

  find(token: string): NewSession | undefined {
    return this.#open.get(token);
  }

  /** Tokens of those in an account. */
  openOf(accountId: string): readonly string[] {
    return [...this.#open].flatMap(([token, { member }]) => (member.accountId === accountId ? [token] : []));
  }

  isOpen(token: string): boolean {
    return this.#open.has(token);
  }

  #end(matches: (session: NewSession) => boolean): Enforcement {
    for (const [token, session] of this.#open) {
      if (!matches(session)) continue;
      this.#open.delete(token);
      this.#log.append();
    }
    const said = this.#log.say();
    if (said === undefined) throw new Error("it is of this release");
    return said;
  }

  #requireReachable(): void {
    if (!this.isReachable) throw new DomainError("DEPENDENCY_UNAVAILABLE", "credential is not there");
  }
}
