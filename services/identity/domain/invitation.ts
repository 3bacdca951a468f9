import { DomainError } from "@portcullis/errors";
import { type AccountId, type InvitationId, parseAccountId, parseInvitationId } from "./ids.ts";
import type { Grant } from "./member.ts";

/** An invitation to an account, bound to an address. */
export interface Invitation {
  readonly accountId: AccountId;
  readonly id: InvitationId;
  readonly email: string;
  /** What the person is given on joining. */
  readonly grants: readonly Grant[];
  /** A pending one may be past its time. */
  readonly state: "pending" | "accepted" | "revoked";
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly version: number;
}

/** So long an invitation is open. */
export const invitationLifetimeMs = 24 * 3_600_000;

/** Pending and not past its time: it takes a seat. */
export function isOpen({ state, expiresAt }: Invitation, now: Date): boolean {
  return state === "pending" && expiresAt.getTime() > now.getTime();
}

/** What links and mails name an invitation by: with its account, which leads to where it is kept. */
export function subjectOf({ accountId, id }: Pick<Invitation, "accountId" | "id">): string {
  return `${accountId}/${id}`;
}

export function parseSubject(text: string): Pick<Invitation, "accountId" | "id"> {
  const [accountId = "", id = ""] = text.split("/");
  return { accountId: parseAccountId(accountId), id: parseInvitationId(id) };
}

const addressPattern = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;
const addressLengthMax = 254;

/** The address without spaces around it; undefined for what is none. */
export function parseAddress(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.length <= addressLengthMax && addressPattern.test(trimmed) ? trimmed : undefined;
}

export function noSeat(): DomainError {
  return new DomainError(
    "SEAT_LIMIT_REACHED",
    "The account's plan has no seat left. Remove or disable a member, revoke an invitation, or change the plan.",
  );
}
