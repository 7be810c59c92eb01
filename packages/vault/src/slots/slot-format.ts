import {
  ByteReader,
  concatBytes,
  decodeText,
  encodeBase64Url,
  textToBytes,
  uintToBytes,
} from '@conclave/base'
import { TAG_BYTES } from '@conclave/crypto'
import { PASSPHRASE_SALT_BYTES } from '@conclave/e2ee/passphrase'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import { ID_BYTES, KEY_BYTES } from '../limits.ts'
import { isVaultKdf } from './passphrase-cost.ts'
import { slotIdToBytes } from './slot.ts'
import type { SlotId, SlotParameters, SlotRecord, SlotType } from './slot.ts'

/** The longest credential id in bytes. WebAuthn §4 */
export const MAX_CREDENTIAL_BYTES = 1_023

/** The head of a slot: type, length of parameters, id, parameters. Its wrapping authenticates it. spec V6 */
export function encodeSlotHead(id: SlotId, parameters: SlotParameters): Uint8Array<ArrayBuffer> {
  const tail = encodeParameters(parameters)
  const type = SLOT_TYPES.indexOf(parameters.type) + 1
  return concatBytes([type, 0], uintToBytes(tail.length, 2), slotIdToBytes(id), tail)
}

/** The bytes of a slot. */
export function encodeSlot(slot: SlotRecord): Uint8Array<ArrayBuffer> {
  return concatBytes(encodeSlotHead(slot.id, slot.parameters), slot.ephemeralKey, slot.wrappedKey)
}

/** The next slot of a vault's bytes. Returns `undefined`, not throws, for other bytes. spec V2 */
export function readSlot(reader: ByteReader): SlotRecord | undefined {
  const type = SLOT_TYPES[reader.uint(1) - 1]
  const reserved = reader.uint(1)
  const length = reader.uint(2)
  const id = encodeBase64Url(reader.take(ID_BYTES)) as SlotId
  const parameters = type && decodeParameters(type, reader.copy(length))
  const ephemeralKey = reader.copy(KEY_BYTES)
  const wrappedKey = reader.copy(KEY_BYTES + TAG_BYTES)
  if (!reader.ok || reserved !== 0 || parameters === undefined) return undefined
  return { id, parameters, ephemeralKey, wrappedKey }
}

/** Whether a text is the id of a relying party: a host name in lower-case ASCII. */
export function isRpId(text: string): boolean {
  return /^[a-z0-9.-]{1,253}$/.test(text)
}

function encodeParameters(parameters: SlotParameters): Uint8Array<ArrayBuffer> {
  switch (parameters.type) {
    case 'recovery-key':
      return new Uint8Array()
    case 'passphrase': {
      const { salt, kdf } = parameters
      const iterations = uintToBytes(kdf.iterations, 4)
      if (kdf.type === 'pbkdf2-sha256') return concatBytes([PBKDF2], salt, iterations)
      const memory = uintToBytes(kdf.memoryKiB, 4)
      return concatBytes([ARGON2ID], salt, iterations, memory, [kdf.parallelism])
    }
    case 'passkey': {
      const { salt, credentialId } = parameters
      const rpId = textToBytes(parameters.rpId)
      const credentialLength = uintToBytes(credentialId.length, 2)
      return concatBytes(salt, [rpId.length], rpId, credentialLength, credentialId)
    }
  }
}

function decodeParameters(
  type: SlotType,
  bytes: Uint8Array<ArrayBuffer>,
): SlotParameters | undefined {
  const reader = new ByteReader(bytes)
  const parameters = readParameters(type, reader)
  return reader.ok && reader.left === 0 ? parameters : undefined
}

function readParameters(type: SlotType, reader: ByteReader): SlotParameters | undefined {
  switch (type) {
    case 'recovery-key':
      return { type }
    case 'passphrase': {
      const name = reader.uint(1)
      const salt = reader.copy(PASSPHRASE_SALT_BYTES)
      const kdf = readKdf(name, reader)
      return kdf && isVaultKdf(kdf) ? { type, salt, kdf } : undefined
    }
    case 'passkey': {
      const salt = reader.copy(KEY_BYTES)
      const rpId = decodeText(reader.take(reader.uint(1)))
      const credentialId = reader.copy(reader.uint(2))
      if (rpId === undefined || !isRpId(rpId)) return undefined
      if (credentialId.length === 0 || credentialId.length > MAX_CREDENTIAL_BYTES) return undefined
      return { type, salt, rpId, credentialId }
    }
  }
}

function readKdf(name: number, reader: ByteReader): PassphraseKdf | undefined {
  const iterations = reader.uint(4)
  if (name === PBKDF2) return { type: 'pbkdf2-sha256', iterations }
  if (name !== ARGON2ID) return undefined
  const [memoryKiB, parallelism] = [reader.uint(4), reader.uint(1)]
  return { type: 'argon2id', iterations, memoryKiB, parallelism }
}

const SLOT_TYPES: readonly SlotType[] = ['recovery-key', 'passphrase', 'passkey']
/** The numbers of the functions. spec V10 */
const [ARGON2ID, PBKDF2] = [1, 2]
