import { PortcullisError } from "../portcullis-error.ts";

/** A question that waits for its answer. */
export interface Pending<Question, Answer> {
  readonly question: Question;
  readonly promise: Promise<Answer>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export interface CoalescerOptions<Question, Answer> {
  /** Sends what was asked; answers or fails each, in time. */
  readonly send: (batch: readonly Pending<Question, Answer>[]) => void;
  readonly batchMax: number;
  /** What a batch may weigh together; a question weighs as many characters as its texts have. */
  readonly batchWeightMax: number;
  readonly weightOf: (question: Question) => number;
  /** Questions that wait for their answers at most; more are refused. */
  readonly waitingMax: number;
}

/**
 * Collects what is asked in one turn of the event loop, to be sent together. Who asks the same within the turn gets
 * the same answer. Nobody joins a question that was sent: it may have been answered before something changed that
 * the one who asks now must see.
 */
export class Coalescer<Question, Answer> {
  readonly #options: CoalescerOptions<Question, Answer>;
  #collected = new Map<string, Pending<Question, Answer>>();
  #waiting = 0;

  constructor(options: CoalescerOptions<Question, Answer>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** `key` says everything that the answer depends on. */
  ask(key: string, question: Question): Promise<Answer> {
    const same = this.#collected.get(key);
    if (same !== undefined) return same.promise;
    if (this.#waiting >= this.#options.waitingMax) {
      const message = `${this.#waiting} questions are waiting for their answers already. Ask fewer at a time.`;
      return Promise.reject(new PortcullisError("RESOURCE_EXHAUSTED", message));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (this.#collected.size === 0) setImmediate(() => this.#sendCollected());
    this.#waiting++;
    this.#collected.set(key, {
      question,
      promise,
      resolve: (answer) => {
        this.#waiting--;
        resolve(answer);
      },
      reject: (error) => {
        this.#waiting--;
        reject(error);
      },
    });
    return promise;
  }

  #sendCollected(): void {
    const { batchMax, batchWeightMax, weightOf, send } = this.#options;
    let batch: Pending<Question, Answer>[] = [];
    let weight = 0;
    const collected = this.#collected;
    this.#collected = new Map();
    for (const [key, pending] of collected) {
      const more = key.length + weightOf(pending.question);
      if (batch.length === batchMax || (batch.length > 0 && weight + more > batchWeightMax)) {
        send(batch);
        batch = [];
        weight = 0;
      }
      batch.push(pending);
      weight += more;
    }
    send(batch);
  }
}
