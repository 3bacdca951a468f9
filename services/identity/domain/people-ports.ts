import type { AccountId, InvitationId, MemberId, UserId } from "./ids.ts";
import type { Invitation } from "./invitation.ts";
import type { Link, LinkPurpose, QueuedMail, QueuedMailTemplate } from "./mail.ts";
import type { Grant, Member } from "./member.ts";
import type { Actor } from "./mutation.ts";
import type { Clock, NewId, Page, PageOf, UnitOfWork } from "./ports.ts";
import type { Enforcement } from "./revocation.ts";
import type { User } from "./user.ts";

export interface UserStore {
  /** Deleted ones too: their rows stay, so that ids are never used again. */
  findEvenDeleted(id: UserId, signal: AbortSignal): Promise<User | undefined>;
  /** Undefined for deleted ones. */
  findByEmail(emailKey: string, signal: AbortSignal): Promise<User | undefined>;
  countRecoveryCodes(id: UserId, signal: AbortSignal): Promise<number>;
  /** All of them, by id. */
  listSuperAdmins(signal: AbortSignal): Promise<readonly User[]>;
}

/** Conditions that must all hold. */
export interface MemberFilter extends AddressFilter {
  /** One of these; empty for any. */
  readonly ids: readonly string[];
}

/** Without regard to case; empty texts for any address. */
export interface AddressFilter {
  readonly email: string;
  readonly emailContains: string;
}

export interface MemberStore {
  /** Undefined for unknown ones, those of other accounts, and those who have left. */
  find(accountId: AccountId, id: MemberId, signal: AbortSignal): Promise<Member | undefined>;
  /** As find, those who have left too: their rows stay, so that ids are never used again. */
  findEvenEnded(accountId: AccountId, id: MemberId, signal: AbortSignal): Promise<Member | undefined>;
  /** Newest first, without those who have left. PAGE_TOKEN_INVALID for a token of another list or filter. */
  list(
    accountId: AccountId,
    filter: MemberFilter,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<MemberProfile>>;
  /** How many such a list has on all its pages. */
  count(accountId: AccountId, filter: MemberFilter, signal: AbortSignal): Promise<number>;
  /** Undefined for unknown ones, and those of other accounts. */
  findProfile(accountId: AccountId, id: MemberId, signal: AbortSignal): Promise<MemberProfile | undefined>;
  /** The person has signed in; what is known to be later stays. */
  noteSignIn(member: Pick<Member, "accountId" | "id">, at: Date, signal: AbortSignal): Promise<void>;
  /** The memberships of a person that have not ended, oldest first; those in suspended accounts after all others. */
  listOfUser(userId: UserId, signal: AbortSignal): Promise<readonly Member[]>;
  /** Those of them that require a second factor. */
  accountsRequiringMfa(userId: UserId, signal: AbortSignal): Promise<readonly AccountId[]>;
}

/** A member and the person behind it, as the account sees them. */
export interface MemberProfile {
  readonly member: Member;
  readonly email: string;
  readonly displayName: string;
  readonly totpEnabled: boolean;
  /** Undefined: never. */
  readonly lastSignInAt: Date | undefined;
}

/** What is to be done to a membership. */
export type MemberChange = "disable" | "enable" | "remove" | "leave";

/** Who asks for a change of a membership. */
export interface MemberChangeRequest {
  readonly actor: Actor;
  /** The actor may do everything everywhere. */
  readonly isUnrestricted: boolean;
  readonly target: Member;
  readonly change: MemberChange;
}

/** Authorization's say in changes of memberships: it knows who is an administrator. */
export interface MemberGuard {
  /**
   * Rejects with ADMINISTRATOR_REQUIRED if the target is above the actor, DEPENDENCY_UNAVAILABLE if that can't
   * be known. Whether the actor may change memberships at all was asked before.
   */
  check(request: MemberChangeRequest, signal: AbortSignal): Promise<void>;
  /**
   * Asked before the member's access is taken away as of `version`: from then on it does not count as an active
   * administrator, so that of two who go at once one stays. LAST_ADMINISTRATOR. May be repeated.
   */
  hold(target: Member, version: number, signal: AbortSignal): Promise<void>;
}

export interface InvitationStore {
  /** Undefined for unknown ones, and those of other accounts. */
  find(accountId: AccountId, id: InvitationId, signal: AbortSignal): Promise<Invitation | undefined>;
  /** Pending ones, newest first. PAGE_TOKEN_INVALID for a token of another list or filter. */
  listPending(
    accountId: AccountId,
    filter: AddressFilter,
    page: Page,
    signal: AbortSignal,
  ): Promise<PageOf<Invitation>>;
  /** How many such a list has on all its pages. */
  countPending(accountId: AccountId, filter: AddressFilter, signal: AbortSignal): Promise<number>;
}

/** Who may give what. */
export interface GrantPolicy {
  /**
   * Rejects with GRANT_ABOVE_OWN_LEVEL unless the actor may give all of it, DEPENDENCY_UNAVAILABLE if that can't
   * be known.
   */
  requireGrantable(
    request: {
      readonly actor: Actor;
      /** The actor may do everything everywhere. */
      readonly isUnrestricted: boolean;
      readonly accountId: AccountId;
      readonly grants: readonly Grant[];
    },
    signal: AbortSignal,
  ): Promise<void>;
}

/** Which sessions of a person are to end, in all accounts. */
export interface SessionsEnd {
  readonly userId: UserId;
  readonly belowSecretsVersion: number;
  /** The sign-in that is spared; empty for none. */
  readonly exceptGroupId: string;
}

/** A person whose sessions in one account are to end, as of this version of the account's. */
export interface AccountSessionsEnd {
  readonly accountId: AccountId;
  readonly userId: UserId;
  readonly version: number;
}

/** What can be done to people within one transaction. */
export interface PeopleTx {
  /** The person who has not been deleted, kept from being changed by others until the transaction ends. */
  lockUser(id: UserId): Promise<User | undefined>;
  /**
   * Super administrators with an active membership in an account that is active, for others can't sign in; without
   * one person, or one membership. From then on nobody else counts them until the transaction ends.
   */
  countSuperAdmins(
    without?: { readonly user: UserId } | { readonly member: Pick<Member, "accountId" | "id"> },
  ): Promise<number>;
  /** False, and nothing done, if the address has a user. */
  insertUser(user: User): Promise<boolean>;
  /** EMAIL_TAKEN if another user has the address. */
  updateUser(user: User): Promise<void>;
  /** With what authorization owes the new member from the commit on; requireEnforcement is still to be called. */
  insertMember(member: Member, grants: readonly Grant[]): Promise<void>;
  /** As MemberStore.find; kept from being changed by others until the transaction ends. */
  lockMember(accountId: AccountId, id: MemberId): Promise<Member | undefined>;
  updateMember(member: Member): Promise<void>;
  /** Of the account, without this one. Certain only while the account is locked. */
  countOtherActiveMembers(member: Member): Promise<number>;
  /** A person's membership that has not ended, kept from being changed by others until the transaction ends. */
  lockMemberByEmail(accountId: AccountId, emailKey: string): Promise<Member | undefined>;
  hasPlan(planId: string): Promise<boolean>;
  /**
   * The seats of the account's plan that are not taken, below 0 if too many are; undefined: without a limit. Lock
   * the account first.
   */
  countFreeSeats(accountId: AccountId, now: Date): Promise<number | undefined>;
  /** Pending ones only; kept from being changed by others until the transaction ends. */
  lockInvitation(accountId: AccountId, id: InvitationId): Promise<Invitation | undefined>;
  /** As lockInvitation. */
  lockInvitationByEmail(accountId: AccountId, emailKey: string): Promise<Invitation | undefined>;
  insertInvitation(invitation: Invitation): Promise<void>;
  updateInvitation(invitation: Invitation): Promise<void>;
  /** The memberships of a person that have not ended. */
  membersOf(userId: UserId): Promise<readonly Member[]>;
  /** None of the earlier ones works any more. */
  replaceRecoveryCodes(userId: UserId, hashes: readonly Uint8Array[]): Promise<void>;
  /** Takes a code off, and tells whether there was such a one. */
  takeRecoveryCode(userId: UserId, hash: Uint8Array): Promise<boolean>;
  /** Guesses until now no longer count. */
  forgetGuesses(userId: UserId): Promise<void>;
  /** Sent after the commit. */
  queueMail(template: QueuedMailTemplate, recipient: string, subjectId: string): Promise<void>;
  /** Takes a link that is not past its time off, and tells whose it was; of two at once, one gets it. */
  takeLink(purpose: LinkPurpose, tokenHash: Uint8Array): Promise<string | undefined>;
  deleteLinksOf(subjectId: string, purpose: LinkPurpose): Promise<void>;
  /** From the commit on credential owes a confirmation that they have ended, and is told until it gives it. */
  requireSessionsEnd(end: SessionsEnd): Promise<void>;
  /**
   * As requireSessionsEnd, for each member of the account who has no second factor: who is disabled, too, since
   * sessions come back with the membership. Lock the account first.
   */
  requireSessionsEndWithoutMfa(account: { readonly id: AccountId; readonly version: number }): Promise<void>;
  /** As MemberStore.accountsRequiringMfa; no account of the person changes until the transaction ends. */
  holdAccountsRequiringMfa(userId: UserId): Promise<readonly AccountId[]>;
}

/** Sessions that credential has not confirmed to have ended. */
export interface SessionEndOutbox {
  pendingOf(userId: UserId, signal: AbortSignal): Promise<SessionsEnd | undefined>;
  /** Those that are to end in that account alone; at most `limit` of them. */
  pendingOfAccount(
    accountId: AccountId,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly AccountSessionsEnd[]>;
  /** Takes the debt off for this secrets version and all below; one for a higher one stays. */
  confirm(end: SessionsEnd, signal: AbortSignal): Promise<void>;
  /** As confirm, by the account's version. */
  confirmInAccounts(ends: readonly AccountSessionsEnd[], signal: AbortSignal): Promise<void>;
  /** As EnforcementOutbox.takeDue. */
  takeDue(
    limit: number,
    signal: AbortSignal,
  ): Promise<{
    readonly everywhere: readonly SessionsEnd[];
    readonly inAccounts: readonly AccountSessionsEnd[];
  }>;
}

export interface NewSession {
  readonly member: Member;
  readonly groupId: string;
  readonly secretsVersion: number;
  readonly userAgent: string;
  /** Empty if unknown. */
  readonly sourceIp: string;
}

/** The credential service's sessions. All methods reject with DEPENDENCY_UNAVAILABLE if it can't be asked. */
export interface Sessions {
  /** NO_ACTIVE_MEMBERSHIP if credential knows of no such active principal. */
  create(
    session: NewSession,
    signal: AbortSignal,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** Ends those of one sign-in, everywhere, from the moment this has returned. */
  endGroup(groupId: string, signal: AbortSignal): Promise<Enforcement>;
  endOfUser(end: SessionsEnd, signal: AbortSignal): Promise<Enforcement>;
  /** Ends all that these people have in the account; 1,000 people at most. */
  endInAccount(accountId: AccountId, userIds: readonly UserId[], signal: AbortSignal): Promise<Enforcement>;
  /** Ends none: what credential has to say of all that it has ended before. */
  confirmEnded(signal: AbortSignal): Promise<Enforcement>;
}

/** Slow on purpose, so only some at once: OVERLOADED when too many wait. */
export interface Passwords {
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** Undefined costs as much as a wrong one, and is one. */
  verify(hash: string | undefined, password: string, signal: AbortSignal): Promise<boolean>;
}

/** Codes of authenticator apps. */
export interface TotpCodes {
  /** In the clear for the person's app, and as it is kept. */
  newSecret(userId: UserId): { readonly secret: string; readonly sealedSecret: string };
  /** The step of the code, if it is one of now or a step around it; undefined if not. */
  stepOf(userId: UserId, sealedSecret: string, code: string, now: Date): number | undefined;
  uriOf(secret: string, label: string): string;
}

/** Slows down guessing: of one source for one subject, and of one source in all. Answers at once, from memory. */
export interface SignInAttempts {
  /** How long attempts are refused, in milliseconds; 0 if they are not. */
  blockedForMs(source: string, subject: string): number;
  failed(source: string, subject: string): void;
}

/** Slows down guessing a person's second factor: from all sources together, by who has the password. */
export interface CodeGuesses {
  /**
   * Counts a guess that is about to be looked at, so that of many at once no more are. How long guesses are
   * refused, in milliseconds; 0: this one may be looked at. Every ten in a row that were wrong are followed by a
   * pause, of 15 minutes at first, doubled each time, up to a day.
   */
  take(userId: UserId, now: Date, signal: AbortSignal): Promise<number>;
}

/** Mails that are due, and links in those that were sent. */
export interface MailOutbox {
  /** As EnforcementOutbox.takeDue. */
  takeDue(limit: number, signal: AbortSignal): Promise<readonly QueuedMail[]>;
  /** The link of a mail; in place of the one that it had when it was sent before. */
  putLink(mailId: string, link: Link, signal: AbortSignal): Promise<void>;
  /** Not past their time, but for those of this mail. */
  countLinks(
    subjectId: string,
    purpose: LinkPurpose,
    exceptMailId: string,
    signal: AbortSignal,
  ): Promise<number>;
  /** Whose link it is, without taking it off. */
  findLink(purpose: LinkPurpose, tokenHash: Uint8Array, signal: AbortSignal): Promise<string | undefined>;
  /** The mail was sent, or is not worth to be. */
  finish(mailId: string, signal: AbortSignal): Promise<void>;
}

/** Sends mails. */
export interface Mailer {
  /** Rejects if it could not be handed over. The text has a link: it must not be logged. */
  send(
    mail: { readonly to: string; readonly subject: string; readonly text: string },
    signal: AbortSignal,
  ): Promise<void>;
}

/** What everything about people needs. */
export interface PeopleDeps {
  readonly unitOfWork: UnitOfWork;
  readonly users: UserStore;
  readonly members: MemberStore;
  readonly memberGuard: MemberGuard;
  readonly invitations: InvitationStore;
  readonly grantPolicy: GrantPolicy;
  readonly sessionEnds: SessionEndOutbox;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly totpCodes: TotpCodes;
  readonly codeGuesses: CodeGuesses;
  readonly signInAttempts: SignInAttempts;
  readonly mails: MailOutbox;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly clock: Clock;
  readonly newId: NewId;
}
