/**
 * Rules of a bad network: it loses, repeats, delays and reorders, by chance that repeats.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { AnyRule } from './rule.ts'

/** How often something happens. */
export interface Chance {
  /** The part of the messages, from 0 to 1. */
  readonly share: number
  /** From 0 to 1, such as `createRandom(seed)`; what happens repeats with it. */
  readonly random: () => number
}

/** Loses a part of the messages. */
export function lose({ share, random }: Chance): AnyRule {
  return (message, deliver) => {
    if (random() >= share) deliver(message)
  }
}

/** Delivers a part of the messages more than once: `times`, two by default. */
export function repeat({ share, random, times = 2 }: Chance & { times?: number }): AnyRule {
  return (message, deliver) => {
    const count = random() < share ? times : 1
    for (let n = 0; n < count; n += 1) deliver(message)
  }
}

/** Delays a part of the messages by a time between two bounds, each by itself: later ones may come first. */
export function delay({
  share,
  random,
  clock,
  fromMs = 0,
  toMs,
}: Chance & { clock: Clock; fromMs?: number; toMs: number }): AnyRule {
  return (message, deliver) => {
    if (random() >= share) return deliver(message)
    clock.setTimeout(() => deliver(message), fromMs + random() * (toMs - fromMs))
  }
}

/** Keeps as many messages as `among` says, and hands on one of them, by chance, for each that comes: the last ones stay. */
export function reorder({ among, random }: { among: number; random: () => number }): AnyRule {
  const kept: (() => void)[] = []
  return (message, deliver) => {
    kept.push(() => deliver(message))
    if (kept.length > among) kept.splice(Math.floor(random() * kept.length), 1)[0]?.()
  }
}

/** Groups that do not hear each other, for as long as it stands. Ids and names in no group hear everybody. */
export class Partition {
  /** The rule of it. */
  readonly rule: AnyRule = (message, deliver) => {
    if (!this.separates(message.from, message.to)) deliver(message)
  }
  #groups: readonly ReadonlySet<string>[] = []

  get [Symbol.toStringTag](): string {
    return 'Partition'
  }

  /** Separates these groups from each other, and nobody else. */
  split(...groups: readonly (readonly string[])[]): void {
    this.#groups = groups.map((group) => new Set(group))
  }

  /** Everybody hears everybody again. */
  heal(): void {
    this.#groups = []
  }

  /** Whether two are in different groups. */
  separates(one: string, other: string): boolean {
    const of = (id: string): number => this.#groups.findIndex((group) => group.has(id))
    return of(one) >= 0 && of(other) >= 0 && of(one) !== of(other)
  }
}
