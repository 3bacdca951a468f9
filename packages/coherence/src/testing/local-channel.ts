import type { Arrival, Channel, Following, Receiver } from "../channel.ts";
import {
  type Acknowledgement,
  decodeAcknowledgement,
  encodeAcknowledgement,
  encodePush,
  type Push,
} from "../push.ts";
import { PushIntake } from "../push-intake.ts";

/** A channel within one process, to itself: nothing gets lost, and nothing takes time. */
export function createLocalChannel(): { readonly channel: Channel; readonly receiver: Receiver } {
  const ear = new LocalReceiver();
  let listener: (ack: Acknowledgement) => void = () => {};
  const keys = new Map<string, Uint8Array>();
  ear.acknowledgeTo((text) => {
    for (const key of keys.values()) {
      const ack = decodeAcknowledgement(text, key);
      if (ack !== undefined) listener(ack);
    }
  });
  const channel: Channel = {
    writer: "here",
    push: (push: Push, key: Uint8Array) => ear.hear(encodePush(push, key)),
    onAcknowledgement(tell) {
      listener = tell;
    },
    useKey: (generation, key) => void keys.set(generation, key),
  };
  return { channel, receiver: ear };
}

class LocalReceiver implements Receiver {
  readonly #arrived: Arrival[] = [];
  #count = 0;
  #listener = () => {};
  #isHeld = false;
  #sendAck: (text: string) => void = () => {};
  readonly #intake = new PushIntake({
    deliver: (arrival) => {
      this.#arrived.push(arrival);
      this.#count++;
      this.#listener();
    },
    acknowledge: (_writer, ack, key) => this.#sendAck(encodeAcknowledgement(ack, key)),
    isHeld: () => this.#isHeld,
  });

  acknowledgeTo(send: (text: string) => void): void {
    this.#sendAck = send;
  }

  hear(text: string): void {
    this.#intake.onText(text);
  }

  arrivals(): number {
    return this.#count;
  }

  take(): Arrival | undefined {
    return this.#arrived.shift();
  }

  onArrival(listener: () => void): void {
    this.#listener = listener;
  }

  follow(following: Following): void {
    this.#intake.follow(following);
  }

  unfollow(): void {
    this.#intake.unfollow();
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  acknowledge(position: number, sessionsClosed: ReadonlyMap<number, number>): void {
    this.#intake.acknowledge(position, sessionsClosed);
  }
}
