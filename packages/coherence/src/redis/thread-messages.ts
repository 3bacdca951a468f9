import type { MessagePort } from "node:worker_threads";
import type { RedisTarget } from "@portcullis/redis";
import type { Following } from "../channel.ts";
import type { Acknowledgement } from "../push.ts";

/** What the channel's thread is started with. */
export interface ThreadSettings {
  readonly target: RedisTarget;
  readonly service: string;
  readonly writer: string;
  /** Where arrivals go. */
  readonly arrivals: MessagePort;
  /** Two Int32, by the indexes below. */
  readonly shared: SharedArrayBuffer;
}

/** How many arrivals there have been; wraps around. */
export const arrivalsIndex = 0;
/** 1 while the replica acknowledges by itself. */
export const heldIndex = 1;

export type ToThread =
  | { readonly kind: "follow"; readonly following: Following }
  | { readonly kind: "unfollow" }
  | {
      readonly kind: "acknowledge";
      readonly position: number;
      readonly sessionsClosed: ReadonlyMap<number, number>;
    }
  | { readonly kind: "key"; readonly generation: string; readonly key: Uint8Array }
  | { readonly kind: "push"; readonly text: string }
  | { readonly kind: "close" };

export type FromThread =
  | { readonly kind: "acknowledgement"; readonly acknowledgement: Acknowledgement }
  | { readonly kind: "listening" }
  | { readonly kind: "outage"; readonly error: unknown }
  | { readonly kind: "recovery" };
