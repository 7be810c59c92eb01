import { checkInteger, checkString, checkText, describeType, isBytes } from '@conclave/base'
import { isEventKeys, unknownKeyError } from '../keys/event-keys.ts'
import type { EventKeys } from '../keys/event-keys.ts'
import type { EventContext } from './event-context.ts'
import { MAX_CONTEXT_BYTES } from './event-context.ts'
import { EVENT_FLAGS, MAX_NAME_BYTES } from './event-header.ts'
import { decodeEventHeader } from './event-envelope.ts'
import { openEvent } from './open-event.ts'
import { sealEventBinary } from './seal-event.ts'

/** The context of a signalling message; all of it is authenticated with the body. spec S4 */
export interface SignalContext {
  readonly type: string
  readonly direction: 'to-sender' | 'to-receiver'
  readonly sender: string
  /** The empty string: everyone in the room. */
  readonly receiver: string
  readonly room: string
  readonly sequence: number
}

/** Seals and opens the signalling of one participant of one room. A `PayloadProtector` of `@conclave/p2p`. */
export interface SignalProtector {
  /**
   * Seals as this participant.
   *
   * @throws TypeError, RangeError for a context of another sender or room, or a malformed one
   * @throws E2eeError as `sealEvent`; all as rejections
   */
  seal(context: SignalContext, body: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
  /** Returns `undefined`, does not reject, for bytes that do not authenticate under exactly this context. */
  open(context: SignalContext, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>
}

/**
 * Makes the payload protector of one participant: each message is an event of kind `call`, sealed under a key that is
 * derived for its sender. Give it to `sealDriver`, which numbers messages and drops replays. spec S40
 *
 * You must not give a keyring whose current key is a bare `CryptoKey`: all senders would share it, so sealing fails.
 *
 * @param options.room 1 to 1,024 bytes
 * @param options.self this participant's id, 1 to 255 bytes
 * @throws TypeError, RangeError that name the argument
 */
export function createSignalProtector(
  keys: EventKeys,
  { room, self }: { readonly room: string; readonly self: string },
): SignalProtector {
  if (!isEventKeys(keys)) {
    throw new TypeError(`"keys" expected Keyring or KeySource, got ${describeType(keys)}`)
  }
  checkText('room', room, { min: 1, max: MAX_CONTEXT_BYTES })
  checkText('self', self, { min: 1, max: MAX_NAME_BYTES })
  keys.checkSender('self', self)
  return {
    seal: async (context, body) => {
      if (context.sender !== self) throw new TypeError('"context.sender" expected "self"')
      if (context.room !== room) throw new TypeError('"context.room" expected "room"')
      if (!isBytes(body)) {
        throw new TypeError(`"body" expected Uint8Array, got ${describeType(body)}`)
      }
      const bytes = await sealEventBinary(body, keys, { ...eventOf(context), sender: self })
      const header = decodeEventHeader(bytes)
      if (header === undefined) throw new Error('unreachable: a sealed event has a header')
      if (!isDerived(header)) throw unknownKeyError(header)
      return bytes
    },
    open: async (context, bytes) => {
      if (context.room !== room || context.sender === self) return undefined
      const header = decodeEventHeader(bytes)
      if (header === undefined || !isDerived(header)) return undefined
      const expected = expectedEvent(context)
      if (expected === undefined) return undefined
      // `sealDriver` numbers messages, which the context names, and drops replays.
      const opened = await openEvent(bytes, keys, { ...expected, self, replay: 'none' })
      const { value } = opened.type === 'opened' ? opened : NOTHING
      return isBytes(value) ? (value as Uint8Array<ArrayBuffer>) : undefined
    },
  }
}

/** The event of a context that a carrier claims; `undefined`, not throws, for one that cannot be sealed. */
function expectedEvent(context: SignalContext): Expected | undefined {
  try {
    checkText('context.sender', context.sender, { min: 1, max: MAX_NAME_BYTES })
    return { ...eventOf(context), sender: context.sender }
  } catch {
    return undefined
  }
}

/**
 * Lengths and fixed forms keep two contexts from having the same name. spec S40
 *
 * @throws TypeError, RangeError that name the part of the context
 */
function eventOf({ direction, sequence, receiver, type, room }: SignalContext): SignalEvent {
  if (direction !== 'to-sender' && direction !== 'to-receiver') {
    throw new TypeError('"context.direction" expected "to-sender" or "to-receiver"')
  }
  checkInteger('context.sequence', sequence, { min: 0, max: Number.MAX_SAFE_INTEGER })
  checkString('context.receiver', receiver)
  checkString('context.type', type)
  const eventName = `${direction} ${sequence} ${receiver.length} ${receiver}${type}`
  checkText('context', eventName, { min: 1, max: MAX_CONTEXT_BYTES })
  return { kind: 'call', callId: room, eventName }
}

type SignalEvent = EventContext & { readonly kind: 'call' }
type Expected = SignalEvent & { readonly sender: string }

const NOTHING = { value: undefined }

const isDerived = ({ flags }: { readonly flags: number }): boolean =>
  (flags & EVENT_FLAGS.derived) !== 0
