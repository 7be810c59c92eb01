import { ByteReader, concatBytes, textToBytes, uintToBytes } from '@conclave/base'
import { randomBytes, TAG_BYTES } from '@conclave/crypto'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { COMMITMENT_BYTES, decryptUnder, encryptUnder } from '../core/keyed-cipher.ts'
import { unknownKeyError } from '../keys/event-keys.ts'
import type { EventKeys, KeyPurpose } from '../keys/event-keys.ts'
import { SALT_BYTES } from '../messages/message-envelope.ts'
import { partiesToBytes } from '../messages/message-purpose.ts'
import type { MessageContext } from '../messages/message-purpose.ts'
import { MAX_MESSAGES_PER_KEY, SendCounter } from '../messages/send-counter.ts'

/** The place of a sealed record on a connection between two sessions: all of it authenticates. */
export interface DataPlace {
  /** The other session. */
  readonly peer: ParticipantId
  /** The name of the connection. */
  readonly connection: string
  /** The number of the data channel: a u8. */
  readonly number: number
}

/** Seals what one session says to others on connections with them, and opens what they say. */
export interface DataSeal {
  /**
   * Seals a record for another session. It is read before the call returns.
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY` without keys of the pair, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_CLOSED`; always as a rejection
   */
  seal(place: DataPlace, record: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Opens a record of another session; `undefined`, not throws, for anything that this session did not seal for this place.
   * You must see to it that none is taken twice. Rejects only with errors of the key source other than a missing key.
   */
  open(place: DataPlace, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>
}

/** How much longer a sealed record is, in bytes. spec S97 */
export const DATA_OVERHEAD_BYTES: number = 17 + SALT_BYTES + COMMITMENT_BYTES + TAG_BYTES

/**
 * Makes the seal of one session of a room. spec S97
 *
 * @param options.keysOf the keys for what two sessions say to each other only; looked up for each record
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function createDataSeal(options: {
  readonly room: RoomId
  readonly self: ParticipantId
  readonly keysOf: (peer: ParticipantId) => EventKeys | undefined
}): DataSeal {
  const { room, self, keysOf } = options
  const ownSalt = randomBytes(SALT_BYTES)
  const counter = new SendCounter({ maxMessagesPerKey: MAX_MESSAGES_PER_KEY })
  return {
    async seal(place, record) {
      const parties = { room, sender: self, recipient: place.peer }
      const purpose = purposeOf(parties, ownSalt)
      const sealing = keysOf(place.peer)?.sealingKey({ purpose, sender: self, contextId: room })
      if (sealing?.derived !== true || sealing.keyId !== '') throw unknownKeyError(NO_KEY)
      const { epoch, count } = sealing
      const header = encodeHeader({ epoch, salt: ownSalt, count: counter.take(count) })
      const context = contextOf(header, parties, place)
      const bytes = await encryptUnder(sealing, context, record.slice())
      if (!sealing.confirm()) throw unknownKeyError(NO_KEY)
      return bytes
    },
    async open(place, bytes) {
      const header = decodeHeader(bytes)
      if (header === undefined) return undefined
      const parties = { room, sender: place.peer, recipient: self }
      const purpose = purposeOf(parties, header.salt)
      const name = { keyId: '', epoch: header.epoch, derived: true }
      const request = { ...name, purpose, sender: place.peer, contextId: room }
      const opening = keysOf(place.peer)?.openingKey(request)
      if (opening === undefined || !('key' in opening)) return undefined
      const { nonce, additionalData } = contextOf(encodeHeader(header), parties, place)
      const sealed = bytes.slice(HEADER_BYTES)
      const record = await decryptUnder(opening, { nonce, additionalData }, sealed)
      if (record === undefined || 'type' in record || !opening.confirm()) return undefined
      return record
    },
  }
}

const purposeOf = (parties: MessageContext, salt: Uint8Array): KeyPurpose => ({
  label: LABEL,
  id: `${parties.room} ${parties.sender} ${parties.recipient} ${salt.join()}`,
  context: () => concatBytes(partiesToBytes(parties), salt),
})

const contextOf = (
  header: Uint8Array<ArrayBuffer>,
  parties: MessageContext,
  { connection, number }: DataPlace,
) => ({
  lead: header,
  nonce: concatBytes(NONCE_PREFIX, header.subarray(-COUNT_BYTES)),
  additionalData: concatBytes(
    AAD_PREFIX,
    header,
    partiesToBytes(parties),
    [number],
    textToBytes(connection),
  ),
})

interface DataHeader {
  readonly epoch: bigint
  readonly salt: Uint8Array<ArrayBuffer>
  readonly count: number
}

const encodeHeader = ({ epoch, salt, count }: DataHeader): Uint8Array<ArrayBuffer> =>
  concatBytes([FORMAT], uintToBytes(epoch, EPOCH_BYTES), salt, uintToBytes(count, COUNT_BYTES))

const decodeHeader = (bytes: Uint8Array): DataHeader | undefined => {
  const reader = new ByteReader(bytes)
  if (reader.uint(1) !== FORMAT) return undefined
  let epoch = 0n
  for (const byte of reader.take(EPOCH_BYTES)) epoch = (epoch << 8n) | BigInt(byte)
  const header = { epoch, salt: reader.copy(SALT_BYTES), count: reader.uint(COUNT_BYTES) }
  return reader.ok ? header : undefined
}

const LABEL = 'conclave/1 data'
const AAD_PREFIX = textToBytes(`${LABEL}\0`)
const NONCE_PREFIX = new Uint8Array(4)
const NO_KEY = { keyId: '', epoch: 0n }
const FORMAT = 1
const EPOCH_BYTES = 8
const COUNT_BYTES = 8
const HEADER_BYTES = 1 + EPOCH_BYTES + SALT_BYTES + COUNT_BYTES
