import type { Machine } from "./machine.ts";
import type { Random } from "./random.ts";

/** How bad things are by themselves; faults come on top. */
export interface Weather {
  readonly lossRate: number;
  readonly duplicateRate: number;
  /** How often a message or a call takes long. */
  readonly slowRate: number;
  readonly slowMsMax: number;
  /** How often a call to the authority is not done, and how often it is done and nobody is told. */
  readonly failRate: number;
  readonly unknownRate: number;
}

/** What is broken at the moment. Each is counted, for faults overlap. */
export class Network {
  readonly #random: Random;
  #weather: Weather;
  readonly #broken = new Map<string, number>();

  constructor(random: Random, weather: Weather) {
    this.#random = random;
    this.#weather = weather;
  }

  break(what: string): void {
    this.#broken.set(what, (this.#broken.get(what) ?? 0) + 1);
  }

  heal(what: string): void {
    this.#broken.set(what, (this.#broken.get(what) ?? 0) - 1);
  }

  /** From now on nothing is lost, fails or is slow. */
  calm(): void {
    const { slowMsMax } = this.#weather;
    this.#broken.clear();
    this.#weather = { lossRate: 0, duplicateRate: 0, slowRate: 0, slowMsMax, failRate: 0, unknownRate: 0 };
  }

  isBroken(what: string): boolean {
    return (this.#broken.get(what) ?? 0) > 0;
  }

  delayMs(): number {
    const { slowRate, slowMsMax } = this.#weather;
    if (this.isBroken("pace") ? this.#random.chance(0.5) : this.#random.chance(slowRate)) {
      return this.#random.between(0, slowMsMax);
    }
    return this.#random.between(0.1, 3);
  }

  /** After which delays a message of the channel arrives: none, one, or more of them. */
  arrivals(): readonly number[] {
    const { lossRate, duplicateRate } = this.#weather;
    if (this.#random.chance(this.isBroken("quality") ? 0.5 : lossRate)) return [];
    const first = this.delayMs();
    return this.#random.chance(duplicateRate) ? [first, first + this.#random.between(0, 500)] : [first];
  }

  /** How long the authority's answer takes. */
  answerDelayMs(machine: Machine): number {
    return this.isBroken(`answers to ${machine.name}`) ? this.#random.between(50, 900) : this.delayMs();
  }

  /** What becomes of a call to the authority. */
  fate(machine: Machine, isWriteOfReplica: boolean): "done" | "refused" | "hangs" | "not told" {
    const { failRate, unknownRate } = this.#weather;
    if (this.isBroken("authority") || this.isBroken(`authority of ${machine.name}`)) {
      return this.#random.chance(0.5) ? "refused" : "hangs";
    }
    if (isWriteOfReplica && this.isBroken(`word of ${machine.name}`)) return "refused";
    if (this.#random.chance(failRate)) return this.#random.chance(0.7) ? "refused" : "hangs";
    if (this.#random.chance(this.isBroken("certainty") ? 0.3 : unknownRate)) return "not told";
    return "done";
  }

  reachesChannel(machine: Machine): boolean {
    return !this.isBroken("channel") && !this.isBroken(`channel of ${machine.name}`);
  }
}
