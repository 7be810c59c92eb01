import { concatBytes, textToBytes, uintToBytes } from '@conclave/base'
import {
  agree,
  deriveBytes,
  generateAgreementPair,
  importAgreementSeed,
  importHkdfKey,
} from '@conclave/crypto'
import type { CurveKeyPair, SecretKey } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { KEY_BYTES } from '../limits.ts'
import { deriveSealingKey, openSealed, sealOnce } from '../seal-once.ts'
import { encodeSlotHead } from './slot-format.ts'
import { slotIdToBytes } from './slot.ts'
import type { DraftSlot, SlotId, SlotRecord } from './slot.ts'

/** The slot with which a vault was opened, and its keys: it follows rotations as long as the slot is there. */
export interface OpenSlot {
  readonly id: SlotId
  readonly keys: CurveKeyPair
}

/** The vault and master key that a wrapping belongs to: it opens nowhere else. spec V6 */
export interface WrapContext {
  readonly vaultId: Uint8Array
  /** The generation of the master key: 1 for the first, one more with each rotation. */
  readonly generation: number
}

/**
 * The key pair of a slot, out of the slot's secret; overwrites the secret. Because the master key is wrapped to
 * the public half, a rotation needs no slot's secret. spec V5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveSlotKeys(
  secret: Uint8Array<ArrayBuffer>,
  { vaultId, id }: { readonly vaultId: Uint8Array; readonly id: SlotId },
): Promise<CurveKeyPair> {
  const ikm = await importHkdfKey(secret)
  const info = concatBytes(SLOT_INFO, slotIdToBytes(id))
  const salt = new Uint8Array(vaultId)
  return importAgreementSeed(await deriveBytes(ikm, { salt, info, length: KEY_BYTES }))
}

/**
 * Wraps the master key to a slot's public key, under a key that is used once. spec V6
 *
 * @throws VaultError `ERR_VAULT_SLOT_KEY`. spec V17
 */
export async function wrapMasterKey(
  masterKey: Uint8Array<ArrayBuffer>,
  options: WrapContext & Pick<DraftSlot, 'id' | 'parameters' | 'publicKey'>,
): Promise<SlotRecord> {
  const { id, parameters, publicKey } = options
  const ephemeral = await generateAgreementPair()
  const secret = await agree(ephemeral.privateKey, publicKey)
  // A key of small order, which the reader of the contents does not look for: it opens as before.
  if (secret === undefined)
    throw new VaultError('ERR_VAULT_SLOT_KEY', { id, type: parameters.type })
  const publicKeys = concatBytes(ephemeral.publicKey, publicKey)
  const key = await deriveWrappingKey(secret, publicKeys, options)
  const wrappedKey = await sealOnce(key, masterKey, encodeSlotHead(id, parameters))
  return { id, parameters, ephemeralKey: ephemeral.publicKey, wrappedKey }
}

/** The master key in a slot. Returns `undefined`, not throws, when it does not open with these keys. spec V6 */
export async function unwrapMasterKey(
  slot: SlotRecord,
  keys: CurveKeyPair,
  context: WrapContext,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const ephemeralKey = new Uint8Array(slot.ephemeralKey)
  const secret = await agree(keys.privateKey, ephemeralKey)
  if (secret === undefined) return undefined
  const publicKeys = concatBytes(ephemeralKey, keys.publicKey)
  const key = await deriveWrappingKey(secret, publicKeys, { ...context, id: slot.id })
  const head = encodeSlotHead(slot.id, slot.parameters)
  return openSealed(key, new Uint8Array(slot.wrappedKey), head)
}

async function deriveWrappingKey(
  secret: Uint8Array<ArrayBuffer>,
  publicKeys: Uint8Array,
  { vaultId, generation, id }: WrapContext & { readonly id: SlotId },
): Promise<SecretKey> {
  const ikm = await importHkdfKey(secret)
  const info = concatBytes(WRAP_INFO, slotIdToBytes(id), uintToBytes(generation, 4), publicKeys)
  return deriveSealingKey(ikm, { salt: new Uint8Array(vaultId), info })
}

const SLOT_INFO = textToBytes('conclave/1 vault slot\0')
const WRAP_INFO = textToBytes('conclave/1 vault wrap\0')
