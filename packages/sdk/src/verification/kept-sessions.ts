import type { Verification as WireVerification } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PortcullisError } from "../portcullis-error.ts";
import { backoffMs } from "../transport/backoff.ts";
import type { Channels, ReplicaChannel } from "../transport/channel.ts";
import { closed } from "./asker.ts";
import { KeptStream, keptMax, type ToKeep } from "./kept-stream.ts";
import { parseVerification } from "./messages.ts";
import type { Question } from "./question.ts";
import type { Verification } from "./verification.ts";

/** Why something that was kept in use is to end: what the service says, or that nobody can be asked. */
export type Ending = Verification | { readonly result: "unavailable" };

/** A credential in use. */
export interface Kept {
  /** What the service said when it was asked; not `valid`: nothing is kept, and nothing more will be told. */
  readonly verification: Verification;
  /** Its use has ended. Nothing is told of it from then on. */
  release(): void;
}

export interface KeptSessionsOptions {
  readonly channels: Channels;
  /** How long a first answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How long what is kept may go on while no replica can be asked, in milliseconds. */
  readonly unattendedMsMax: number;
}

interface Session extends ToKeep {
  /** Waits for the first answer; undefined once it has come. */
  first: PromiseWithResolvers<Verification> | undefined;
  /** Whether a replica keeps an eye on it. */
  isAttended: boolean;
  isOver: boolean;
  release: () => void;
  readonly onEnded: (ending: Ending) => void;
}

/**
 * Credentials that are in use for as long as something lasts that they opened. A replica keeps an eye on each; when
 * its stream ends, each is asked about again at another replica, and ended if that can't be done in time.
 */
export class KeptSessions {
  readonly #options: KeptSessionsOptions;
  readonly #streams = new Set<KeptStream<Session>>();
  readonly #sessions = new Set<Session>();
  #failures = 0;
  #isClosed = false;

  constructor(options: KeptSessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  async keep(question: Question, onEnded: (ending: Ending) => void): Promise<Kept> {
    if (this.#isClosed) throw closed();
    const first = Promise.withResolvers<Verification>();
    const session: Session = {
      question,
      first,
      isAttended: false,
      isOver: false,
      release: () => {},
      onEnded,
      answered: (message) => this.#answered(session, parseAnswer(message)),
      ended: (message) => this.#end(session, parseAnswer(message)),
    };
    this.#sessions.add(session);
    const late = new PortcullisError("DEADLINE_EXCEEDED", "There was no answer in time.");
    const timer = setTimeout(() => this.#failFirst(session, late), this.#options.timeoutMs);
    this.#attend(session);
    try {
      return { verification: await first.promise, release: () => this.#forget(session) };
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
    for (const session of this.#sessions) this.#failFirst(session, closed());
    this.#sessions.clear();
  }

  #attend(session: Session, not?: ReplicaChannel): void {
    const stream = [...this.#streams].find(({ isOpen, size }) => isOpen && size < keptMax) ?? this.#open(not);
    session.release = stream.keep(session);
  }

  #open(not?: ReplicaChannel): KeptStream<Session> {
    const replica = this.#options.channels.next(not);
    const stream = new KeptStream<Session>(replica, (left, error) => {
      this.#streams.delete(stream);
      if (error !== undefined) replica.failed();
      this.#left(left, replica, error);
    });
    this.#streams.add(stream);
    return stream;
  }

  #answered(session: Session, verification: Verification): void {
    this.#failures = 0;
    session.isAttended = true;
    const { first } = session;
    session.first = undefined;
    if (first === undefined) {
      if (verification.result !== "valid") this.#end(session, verification);
      return;
    }
    if (verification.result !== "valid") this.#forget(session);
    first.resolve(verification);
  }

  /** Nobody keeps an eye on these any more: another replica is to, soon. */
  #left(sessions: readonly Session[], replica: ReplicaChannel, error: PortcullisError | undefined): void {
    if (sessions.length === 0 || this.#isClosed) return;
    const orphaned = sessions.filter((session) => session.isAttended);
    for (const session of orphaned) session.isAttended = false;
    if (orphaned.length > 0) {
      setTimeout(() => {
        for (const session of orphaned)
          if (!session.isAttended) this.#end(session, { result: "unavailable" });
      }, this.#options.unattendedMsMax).unref();
    }
    if (error !== undefined && isFinal(error))
      for (const session of sessions) this.#failFirst(session, error);
    const pauseMs = this.#failures++ === 0 ? 0 : backoffMs(this.#failures);
    setTimeout(() => {
      if (this.#isClosed) return;
      for (const session of sessions) if (!session.isOver) this.#attend(session, replica);
    }, pauseMs).unref();
  }

  #end(session: Session, ending: Ending): void {
    if (session.isOver) return;
    this.#forget(session);
    // By itself, so that a listener that throws is in nobody's way.
    queueMicrotask(() => session.onEnded(ending));
  }

  #failFirst(session: Session, error: PortcullisError): void {
    const { first } = session;
    if (first === undefined) return;
    session.first = undefined;
    this.#forget(session);
    first.reject(error);
  }

  #forget(session: Session): void {
    session.isOver = true;
    this.#sessions.delete(session);
    session.release();
  }
}

function parseAnswer(message: WireVerification | undefined): Verification {
  return message === undefined
    ? { result: "unrecognized", evaluatedRevision: 0, stalenessMsMax: 0 }
    : parseVerification(message);
}

/** Another replica would say the same. */
function isFinal({ code }: PortcullisError): boolean {
  return code === "UNAUTHENTICATED" || code === "PERMISSION_DENIED" || code === "INVALID_ARGUMENT";
}
