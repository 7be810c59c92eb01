import { concatBytes, decodeBase64Url, encodeBase64Url } from '@conclave/base'
import {
  decryptAesGcm,
  deriveAesGcmKey,
  encryptAesGcm,
  importHkdfKey,
  NONCE_BYTES,
  randomBytes,
  TAG_BYTES,
} from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { MAX_PAYLOAD_BYTES } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { padmeLength, PADDING_MARK, unpad } from '../events/padding.ts'
import { checkRoot } from './room-root.ts'
import type { RoomRoot } from './room-root.ts'
import { roomToBytes } from './statements.ts'

/** Hides the frames of one room from the bus that carries them: under a subject that names nothing, in texts that say nothing. */
export interface BusSeal {
  /** Where the frames of the room go: 22 characters of base64url. */
  readonly subject: string
  /**
   * Seals a frame, each time as another text.
   *
   * @throws RangeError for more than {@link MAX_BUS_FRAME_BYTES}
   */
  seal(frame: Uint8Array): Promise<string>
  /** Opens a text that a bus delivers; `undefined`, not throws, for anything that no holder of the root sealed for this room. */
  open(text: unknown): Promise<Uint8Array<ArrayBuffer> | undefined>
}

/** The largest frame: a payload of a room and what a transport adds. spec S67 */
export const MAX_BUS_FRAME_BYTES: number = MAX_PAYLOAD_BYTES + 256

/**
 * Makes the seal of a room on a bus that everyone may read and write. It hides frames from those who do not hold the root;
 * you must authenticate their senders otherwise, and drop what comes again. spec S65 to S67
 *
 * @param options.epoch of the root; the current one when left out
 * @throws TypeError for keys without a common root, or another room
 * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH`, `ERR_E2EE_CLOSED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`; all as rejections
 */
export async function createBusSeal(
  root: RoomRoot,
  { room, epoch }: { readonly room: RoomId; readonly epoch?: bigint },
): Promise<BusSeal> {
  checkRoot(root)
  const place = roomToBytes(room)
  const [subject, material] = await Promise.all([
    root.export('conclave/1 bus subject', place, SUBJECT_BYTES, epoch),
    root.export('conclave/1 bus key', place, KEY_BYTES, epoch).then(importHkdfKey),
  ])
  const prepare = () => {
    const salt = randomBytes(SALT_BYTES)
    const key = keyOf(material, salt)
    // A failure belongs to the text that it is for; there may be none.
    key.catch(() => {})
    return { salt, key }
  }
  // Ready before there is something to seal.
  let next = prepare()
  return {
    subject: encodeBase64Url(subject),
    async seal(frame) {
      if (frame.length > MAX_BUS_FRAME_BYTES) {
        throw new RangeError(`"frame" expected at most ${MAX_BUS_FRAME_BYTES} bytes`)
      }
      const { salt, key } = next
      next = prepare()
      const nonce = randomBytes(NONCE_BYTES)
      const padded = new Uint8Array(lengthOf(frame.length))
      padded.set(frame)
      padded[frame.length] = PADDING_MARK
      const sealed = await encryptAesGcm(await key, { nonce }, padded)
      return encodeBase64Url(concatBytes(salt, nonce, sealed))
    },
    async open(text) {
      if (typeof text !== 'string' || text.length > MAX_TEXT) return undefined
      const bytes = decodeBase64Url(text)
      if (bytes === undefined || bytes.length < MIN_SEALED_BYTES) return undefined
      const { salt, nonce, rest } = partsOf(bytes)
      const padded = await decryptAesGcm(await keyOf(material, salt), { nonce }, rest)
      return padded && unpad(padded)
    },
  }
}

const lengthOf = (length: number): number => padmeLength(Math.max(length + 1, MIN_FRAME_BYTES))

/** A key for each message: no two senders ever use one. spec S66 */
const keyOf = (material: SecretKey, salt: Uint8Array<ArrayBuffer>): Promise<SecretKey> =>
  deriveAesGcmKey(material, { salt, info: INFO, bytes: 32, usages: ['encrypt', 'decrypt'] })

const partsOf = (bytes: Uint8Array<ArrayBuffer>) => ({
  salt: bytes.slice(0, SALT_BYTES),
  nonce: bytes.slice(SALT_BYTES, SALT_BYTES + NONCE_BYTES),
  rest: bytes.slice(SALT_BYTES + NONCE_BYTES),
})

const INFO = new TextEncoder().encode('conclave/1 bus message')
const SUBJECT_BYTES = 16
const KEY_BYTES = 32
const SALT_BYTES = 20
/** Signs of life, receipts, farewells and short messages have one length. spec S67 */
const MIN_FRAME_BYTES = 512
const MIN_SEALED_BYTES = SALT_BYTES + NONCE_BYTES + TAG_BYTES + MIN_FRAME_BYTES
const MAX_TEXT = Math.ceil(
  ((SALT_BYTES + NONCE_BYTES + TAG_BYTES + lengthOf(MAX_BUS_FRAME_BYTES)) * 4) / 3,
)
