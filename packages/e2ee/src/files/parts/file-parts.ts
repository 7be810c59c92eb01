import { copyBytes, textToBytes } from '@conclave/base'
import {
  decryptAesGcm,
  deriveBytes,
  encryptAesGcm,
  importAesGcmKey,
  importHkdfKey,
  NONCE_BYTES,
  randomBytes,
  TAG_BYTES,
} from '@conclave/crypto'
import { FILE_ID_BYTES, FILE_KEY_BYTES } from '../file-description.ts'
import { PART_BYTES } from './content-chunks.ts'

/** The secret of one transfer of a file to one receiver. spec F17 */
export interface TransferSecrets {
  /** Names the transfer: random, in clear with each part. */
  readonly id: Uint8Array<ArrayBuffer>
  /** You must give it to the receiver only, sealed, and use it for nothing else. */
  readonly key: Uint8Array<ArrayBuffer>
}

/** The place of a part. You must seal no place twice. spec F17 */
export interface PartPlace {
  /** The side that seals it. */
  readonly side: 'sender' | 'receiver'
  readonly run: number
  readonly index: number
}

/** Seals and opens the parts of one transfer. */
export interface FileParts {
  /** Ciphertext and tag, at most {@link PART_BYTES} and {@link PART_TAG_BYTES}. Reads its arguments before it returns. */
  seal(place: PartPlace, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
  /** The bytes of a part; `undefined`, not throws, for anything that was not sealed for this place. spec F19 */
  open(
    place: PartPlace,
    sealed: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>
}

/** Length of a part's tag in bytes. spec F17 */
export const PART_TAG_BYTES: number = TAG_BYTES

/**
 * Draws the id and the key of one transfer. spec F17
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function generateTransferSecrets(): TransferSecrets {
  return { id: randomBytes(FILE_ID_BYTES), key: randomBytes(FILE_KEY_BYTES) }
}

/**
 * The parts of one transfer, on either side. Copies the secrets.
 *
 * @throws TypeError that names the secret
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`; all as rejections
 */
export async function createFileParts(secrets: TransferSecrets): Promise<FileParts> {
  const salt = copyBytes('id', secrets.id, FILE_ID_BYTES)
  const material = await importHkdfKey(copyBytes('key', secrets.key, FILE_KEY_BYTES))
  const bytes = await deriveBytes(material, { salt, info: LABEL, length: FILE_KEY_BYTES })
  const key = await importAesGcmKey(bytes)
  return {
    seal: async (place, content) => encryptAesGcm(key, { nonce: nonceOf(place) }, content),
    async open(place, sealed) {
      const isLength = sealed.length >= TAG_BYTES && sealed.length <= PART_BYTES + TAG_BYTES
      return isLength ? decryptAesGcm(key, { nonce: nonceOf(place) }, sealed) : undefined
    },
  }
}

const nonceOf = ({ side, run, index }: PartPlace): Uint8Array<ArrayBuffer> => {
  const nonce = new Uint8Array(NONCE_BYTES)
  nonce[0] = SIDES[side]
  const view = new DataView(nonce.buffer)
  view.setUint32(RUN_OFFSET, run)
  view.setUint32(INDEX_OFFSET, index)
  return nonce
}

const RUN_OFFSET = 4
const INDEX_OFFSET = 8
const SIDES = { sender: 1, receiver: 2 } as const
const LABEL = textToBytes('conclave/1 file parts\0')
