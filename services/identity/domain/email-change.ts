import { parseUserId, type UserId } from "./ids.ts";
import type { User } from "./user.ts";

/** A change of address that a person has asked for. It is off once the secrets or the address are others. */
export interface EmailChange {
  readonly userId: UserId;
  readonly secretsVersion: number;
  readonly from: string;
  readonly to: string;
}

/** Whether the person is still the one who has asked. */
export function isOpenChange({ secretsVersion, from }: EmailChange, user: User): boolean {
  return user.state === "active" && user.secretsVersion === secretsVersion && user.email === from;
}

/** What its link and mail name it by: all there is of it. */
export function subjectOfChange({ userId, secretsVersion, from, to }: EmailChange): string {
  return JSON.stringify([userId, secretsVersion, from, to]);
}

export function parseChange(subject: string): EmailChange {
  const parts: unknown = JSON.parse(subject);
  const [userId, secretsVersion, from, to] = Array.isArray(parts) ? parts : [];
  if (typeof secretsVersion !== "number" || typeof from !== "string" || typeof to !== "string") {
    throw new Error("a link or mail names no change of address");
  }
  return { userId: parseUserId(String(userId)), secretsVersion, from, to };
}
