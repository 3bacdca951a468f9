import type { Arrival, Following } from "./channel.ts";
import { type Acknowledgement, decodePush, type Push } from "./push.ts";

export interface PushIntakeDeps {
  /** Puts an arrival where the replica sees it before it gives another answer, and returns when it is there. */
  readonly deliver: (arrival: Arrival) => void;
  /** Sends an acknowledgement to a writer. */
  readonly acknowledge: (writer: string, ack: Acknowledgement, key: Uint8Array) => void;
  /** Whether the replica has asked to acknowledge by itself. */
  readonly isHeld: () => boolean;
}

/** More writers than that are not waiting for one replica; the oldest do without an acknowledgement. */
const waitingMax = 10_000;

/** The part of a receiver that decides what a push means. It never vouches for more than it has delivered in order. */
export class PushIntake {
  readonly #deps: PushIntakeDeps;
  #following: Following | undefined;
  /** All entries up to here are delivered, or were applied before. */
  #position = 0;
  /** Up to here the replica has acknowledged by itself, and so it need not be asked once more. */
  #settled = -1;
  #sessionsClosed: ReadonlyMap<number, number> = new Map();
  /** Who is to be told, by writer and position. */
  readonly #waiting = new Map<string, Pick<Push, "writer" | "position" | "generation">>();

  constructor(deps: PushIntakeDeps) {
    this.#deps = deps;
  }

  follow(following: Following): void {
    const { generation, incarnation, position } = following;
    const isNew = this.#following?.incarnation !== incarnation || this.#following.generation !== generation;
    this.#position = isNew ? position : Math.max(this.#position, position);
    this.#following = following;
    if (isNew) this.#settled = -1;
    this.#acknowledgeWaiting();
  }

  unfollow(): void {
    this.#following = undefined;
    this.#waiting.clear();
  }

  /** For a replica that holds: up to that position. */
  acknowledge(position: number, sessionsClosed: ReadonlyMap<number, number>): void {
    this.#settled = Math.max(this.#settled, Math.min(position, this.#position));
    this.#sessionsClosed = sessionsClosed;
    this.#acknowledgeWaiting();
  }

  /** Pushes may have been lost, e.g. since the connection broke. */
  interrupted(): void {
    this.#deps.deliver({ kind: "gap" });
  }

  /** What is no push of the generation that is followed is taken for a reason to ask the authority, or ignored. */
  onText(text: string): void {
    const following = this.#following;
    if (following === undefined) return;
    const push = decodePush(text, following.key);
    if (push === undefined) return;
    this.#onPush(push, following);
  }

  #onPush(push: Push, following: Following): void {
    this.#wait(push);
    if (push.generation !== following.generation) {
      this.#deps.deliver({ kind: "gap" });
    } else if (push.position > this.#position) {
      const { generation, position, scopes } = push;
      if (scopes !== undefined && position === this.#position + 1) {
        this.#position = position;
        this.#deps.deliver({ kind: "entry", generation, entry: { position, scopes } });
      } else {
        this.#deps.deliver({ kind: "gap" });
      }
    }
    this.#acknowledgeWaiting();
  }

  #wait({ writer, position, generation }: Push): void {
    this.#waiting.set(`${writer} ${position}`, { writer, position, generation });
    for (const key of this.#waiting.keys()) {
      if (this.#waiting.size <= waitingMax) break;
      this.#waiting.delete(key);
    }
  }

  #acknowledgeWaiting(): void {
    const following = this.#following;
    if (following === undefined) return;
    const { replica, incarnation, generation, key } = following;
    const upTo = this.#deps.isHeld() ? this.#settled : this.#position;
    for (const [waitingKey, { writer, position, generation: asked }] of this.#waiting) {
      if (asked === generation && position > upTo) continue;
      this.#waiting.delete(waitingKey);
      if (asked !== generation) continue;
      const closed = this.#sessionsClosed.get(position) ?? 0;
      const ack = { generation, position, replica, incarnation, sessionsClosed: closed };
      this.#deps.acknowledge(writer, ack, key);
    }
  }
}
