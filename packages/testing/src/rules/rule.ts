/**
 * Rules: what a hub, a bus or a network between two sessions does with each message.
 *
 * @module
 */

/** A message on its way, as far as a rule needs to know it. */
export interface Carried {
  readonly from: string
  readonly to: string
}

/**
 * Decides what becomes of a message: hands on what is to arrive, as often, as late and as changed as it likes. What it does
 * not hand on is lost. A rule fits `LocalHub.rule`, `MemoryNetwork.rule`, `driverThrough` and `transportThrough`.
 */
export type Rule<Message extends Carried = Carried> = (
  message: Message,
  deliver: (message: Message) => void,
) => void

/** A rule for messages of any kind. */
export type AnyRule = <Message extends Carried>(
  message: Message,
  deliver: (message: Message) => void,
) => void

/** One rule after the other: each decides about what those before it hand on. */
export function inTurn<Message extends Carried>(...rules: readonly Rule<Message>[]): Rule<Message> {
  return (message, deliver) => {
    const pass = (at: number, passed: Message): void => {
      const rule = rules[at]
      if (rule === undefined) deliver(passed)
      else rule(passed, (next) => pass(at + 1, next))
    }
    pass(0, message)
  }
}

/** A rule for some messages only; all others arrive. */
export function onlyFor<Message extends Carried>(
  isMeant: (message: Message) => boolean,
  rule: Rule<Message>,
): Rule<Message> {
  return (message, deliver) => {
    if (isMeant(message)) rule(message, deliver)
    else deliver(message)
  }
}
