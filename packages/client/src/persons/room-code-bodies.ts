/**
 * The bodies of the messages by which sessions compare whom they see. They have authenticated, but their sender may be
 * hostile. spec R90
 *
 * @module
 */
import {
  type Shape,
  compareBytes,
  concatBytes,
  decodeBase64Url,
  encodeBase64Url,
  hasShape,
  isIntegerUpTo,
} from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import { type ParticipantId, idToBytes } from '@conclave/wire'
import { decodeJson, encodeBody } from '../messages/bodies.ts'

/** A part of a round: the commitment of a session, or the nonce that opens it. */
export interface RoundPart {
  /** The digest of the sessions that are compared. */
  readonly roster: string
  /** The number of the round among those with this roster. */
  readonly round: number
  /** 32 bytes. */
  readonly value: Uint8Array<ArrayBuffer>
}

/** The most rounds with one roster. spec R90 */
export const MAX_ROUND: number = 2 ** 48

/** A part as the body of a message. */
export function encodeRoundPart({ roster, round, value }: RoundPart): Uint8Array<ArrayBuffer> {
  return encodeBody({ roster, round, value: encodeBase64Url(value) })
}

/** A part, or `undefined` when it is none. Never throws. */
export function decodeRoundPart(body: Uint8Array): RoundPart | undefined {
  const part = decodeJson(body)
  const value = hasShape(part, PART) ? decodeBase64Url(part.value) : undefined
  return value && { ...(part as Encoded), value }
}

/** Tells rosters apart by the ids of all their sessions, in any order; it proves nothing. spec R90 */
export async function nameRoster(ids: readonly ParticipantId[]): Promise<string> {
  const label = new TextEncoder().encode('conclave/1 room code members\0')
  const sorted = ids.map((id) => idToBytes(id)).sort(compareBytes)
  const digest = await hashBytes(concatBytes(label, ...sorted))
  return encodeBase64Url(digest.subarray(0, 16))
}

type Encoded = Omit<RoundPart, 'value'> & { readonly value: string }

const isText = (value: unknown, length: number): boolean =>
  typeof value === 'string' && value.length === length
const PART: Shape<Encoded> = {
  roster: (value) => isText(value, 22) && decodeBase64Url(value as string) !== undefined,
  round: (value) => isIntegerUpTo(MAX_ROUND, value) && value > 0,
  value: (value) => isText(value, 43),
}
