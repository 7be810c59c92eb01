import { concatBytes, textToBytes, uint } from '../bytes.ts'
import { agree, generateAgreementKeys, importAgreementKeys } from '../curve-keys.ts'
import type { CurveKeys } from '../curve-keys.ts'
import { encodeSlotHead, slotIdToBytes } from './slot.ts'
import type { SlotId, SlotParameters, SlotRecord } from './slot.ts'
import {
  deriveBytes,
  deriveSealingKey,
  importHkdfKey,
  openSealed,
  sealOnce,
} from '../web-crypto.ts'

/** What a wrapping belongs to: it opens nowhere else. spec V6 */
export interface WrapContext {
  readonly vaultId: Uint8Array
  /** Which master key it is: 1 for the first, one more with each rotation. */
  readonly generation: number
}

/**
 * The key pair of a slot, out of the slot's secret; overwrites the secret. Because the master key is wrapped to
 * the public half, a rotation needs no slot's secret. spec V5
 */
export async function deriveSlotKeys(
  secret: Uint8Array<ArrayBuffer>,
  { vaultId, id }: { readonly vaultId: Uint8Array; readonly id: SlotId },
): Promise<CurveKeys> {
  const ikm = await importHkdfKey(secret)
  const info = concatBytes(SLOT_INFO, slotIdToBytes(id))
  return importAgreementKeys(await deriveBytes(ikm, { salt: new Uint8Array(vaultId), info }))
}

/** Wraps the master key to a slot's public key, under a key that nobody uses again. spec V6 */
export async function wrapMasterKey(
  masterKey: Uint8Array<ArrayBuffer>,
  options: WrapContext & {
    readonly id: SlotId
    readonly parameters: SlotParameters
    readonly publicKey: Uint8Array<ArrayBuffer>
  },
): Promise<SlotRecord> {
  const { id, parameters, publicKey } = options
  const ephemeral = await generateAgreementKeys()
  const secret = await agree(ephemeral.privateKey, publicKey)
  if (secret === undefined) throw new Error('unreachable: a slot key that was checked')
  const publicKeys = concatBytes(ephemeral.publicKey, publicKey)
  const key = await deriveWrappingKey(secret, publicKeys, { ...options })
  const wrappedKey = await sealOnce(key, masterKey, encodeSlotHead(id, parameters))
  return { id, parameters, ephemeralKey: ephemeral.publicKey, wrappedKey }
}

/** The master key in a slot; `undefined`, not throws, when it does not open with these keys. spec V6 */
export async function unwrapMasterKey(
  slot: SlotRecord,
  keys: CurveKeys,
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
): Promise<CryptoKey> {
  const ikm = await importHkdfKey(secret)
  const info = concatBytes(WRAP_INFO, slotIdToBytes(id), uint(4, generation), publicKeys)
  return deriveSealingKey(ikm, { salt: new Uint8Array(vaultId), info })
}

const SLOT_INFO = textToBytes('conclave/1 vault slot\0')
const WRAP_INFO = textToBytes('conclave/1 vault wrap\0')
