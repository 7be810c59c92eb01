/**
 * The form of a sealed message on a raw bus. spec S5
 *
 * @module
 */
import type { SignalContext } from '../protectors.ts'
import { isId } from './messages.ts'
import type { Namespace } from './namespace.ts'

/** Longest sealed body, in characters of base64url. */
const MAX_SEALED_LENGTH = 131_072

/** A sealed message as plain JSON: the clear part and the sealed body. spec S5 */
export interface SignalEnvelope {
  readonly type: string
  /** The id that the message claims as its sender; authenticated by opening it. */
  readonly id: string
  readonly sequence: number
  /** Base64url without padding. */
  readonly sealed: string
}

/** Decodes an untrusted value. Returns `undefined`, not throws, for anything but an envelope. */
export function decodeSignalEnvelope(value: unknown): SignalEnvelope | undefined {
  try {
    const { type, id, sequence, sealed } = value as Partial<Record<keyof SignalEnvelope, unknown>>
    if (!isId(type) || !isId(id) || typeof sealed !== 'string') return undefined
    if (sealed.length > MAX_SEALED_LENGTH) return undefined
    if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) {
      return undefined
    }
    return { type, id, sequence, sealed }
  } catch {
    return undefined
  }
}

/** The part of a {@link SignalContext} that a namespace determines. */
export type SignalRoute = Pick<SignalContext, 'direction' | 'room' | 'receiver'>

/** Parses a namespace of `ownRoom`; `undefined` for one of another room or another form. */
export function parseRoute(namespace: Namespace, ownRoom: string): SignalRoute | undefined {
  const [role, room, receiver = '', ...rest] = namespace
  if (rest.length > 0 || room !== ownRoom) return undefined
  if (role !== 'sender' && role !== 'receiver') return undefined
  if (namespace.length === 3 && !isId(receiver)) return undefined
  return { direction: `to-${role}`, room, receiver }
}
