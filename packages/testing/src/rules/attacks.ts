/**
 * Rules of a hostile hub or bus: it reflects, misdirects, changes and invents.
 *
 * @module
 */
import type { AnyRule, Carried, Rule } from './rule.ts'
import type { Chance } from './losses.ts'

/** Delivers a part of the messages to their senders too, as if the receiver had sent them. */
export function reflect({ share, random }: Chance): AnyRule {
  return (message, deliver) => {
    deliver(message)
    if (random() < share) deliver({ ...message, from: message.to, to: message.from })
  }
}

/** Delivers a part of the messages to everybody else too, and to their receiver in the name of everybody else. */
export function misdirect({
  share,
  random,
  among,
}: Chance & {
  /** The ids or names of everybody, at the time of a message. */
  among: () => readonly string[]
}): AnyRule {
  return (message, deliver) => {
    deliver(message)
    if (random() >= share) return
    for (const other of among()) {
      if (other !== message.to) deliver({ ...message, to: other })
      if (other !== message.from) deliver({ ...message, from: other })
    }
  }
}

/** Delivers a part of the messages as `into` changes them, and not as they were. */
export function change<Message extends Carried>({
  share,
  random,
  into,
}: Chance & { into: (message: Message) => Message }): Rule<Message> {
  return (message, deliver) => deliver(random() < share ? into(message) : message)
}

/** Bytes with one other bit, or with a shorter end: for {@link change}. */
export function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = Math.floor(random() * bytes.length)
  if (random() < 0.5) return bytes.slice(0, at)
  const damaged = bytes.slice()
  damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(8 * random()))
  return damaged
}

/** Adds messages that nobody sent: those that `invented` makes when a message comes. */
export function invent<Message extends Carried>(
  invented: (message: Message) => readonly Message[],
): Rule<Message> {
  return (message, deliver) => {
    deliver(message)
    for (const forged of invented(message)) deliver(forged)
  }
}

/** Remembers what comes, to play it again. */
export class Tape<Message extends Carried = Carried> {
  /** Everything that came, oldest first; at most 100,000 messages. */
  readonly messages: Message[] = []
  readonly #deliver: ((message: Message) => void)[] = []
  /** The rule of it, which changes nothing. */
  readonly rule: Rule<Message> = (message, deliver) => {
    if (this.messages.length < MAX_KEPT) {
      this.messages.push(message)
      this.#deliver.push(deliver)
    }
    deliver(message)
  }

  get [Symbol.toStringTag](): string {
    return 'Tape'
  }

  /** Delivers everything again, as `changed` says. */
  play(changed: (message: Message) => Message = (message) => message): void {
    // What is caused by it comes to the end of the tape.
    for (const [at, message] of [...this.messages].entries()) this.#deliver[at]?.(changed(message))
  }
}

const MAX_KEPT = 100_000
