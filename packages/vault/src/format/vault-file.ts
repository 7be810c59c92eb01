import {
  ByteReader,
  concatBytes,
  decodeBytes,
  encodeBase64Url,
  equalBytes,
  textToBytes,
  uintToBytes,
} from '@conclave/base'
import { TAG_BYTES } from '@conclave/crypto'
import { ID_BYTES, KEY_BYTES, MAX_SLOTS, MAX_VAULT_BYTES } from '../limits.ts'
import { encodeSlot, readSlot } from '../slots/slot-format.ts'
import { areSlotsAllowed, summarizeSlot } from '../slots/slot.ts'
import type { SlotRecord, SlotSummary } from '../slots/slot.ts'
import { PADDING_BYTES } from './contents.ts'

/** A vault as it is stored: all of it authenticated, and all but the contents in clear. spec V1 */
export interface VaultFile {
  readonly id: Uint8Array<ArrayBuffer>
  readonly version: number
  readonly generation: number
  readonly slots: readonly SlotRecord[]
  /** Makes the key of these contents, which seals nothing else. */
  readonly salt: Uint8Array<ArrayBuffer>
  /** All bytes before the sealed contents. */
  readonly head: Uint8Array<ArrayBuffer>
  readonly sealed: Uint8Array<ArrayBuffer>
}

/** The part of stored bytes that is readable without opening the vault. */
export interface VaultSummary {
  /** The vault's id, base64url. */
  readonly id: string
  readonly version: number
  readonly generation: number
  readonly slots: readonly SlotSummary[]
}

/**
 * Summarizes stored bytes, for choosing which secret a person is asked for. Returns `undefined`, not throws, for bytes
 * that are no vault. spec V2
 *
 * You must not rely on it for more than that: none of it is authenticated until the vault is open.
 */
export function inspectVault(bytes: Uint8Array): VaultSummary | undefined {
  const copy = copyStored(bytes)
  const file = copy && decodeVaultFile(copy)
  if (file === undefined) return undefined
  const { id, version, generation, slots } = file
  return { id: encodeBase64Url(id), version, generation, slots: slots.map(summarizeSlot) }
}

/** All bytes before the sealed contents; the caller has checked the fields. spec V1 */
export function encodeVaultHead(
  fields: Pick<VaultFile, 'id' | 'version' | 'generation' | 'slots' | 'salt'>,
  sealedLength: number,
): Uint8Array<ArrayBuffer> {
  return concatBytes(
    MAGIC,
    [FORMAT, fields.slots.length, 0, 0],
    uintToBytes(fields.version, 8),
    uintToBytes(fields.generation, 4),
    uintToBytes(sealedLength, 4),
    fields.id,
    fields.salt,
    ...fields.slots.map(encodeSlot),
  )
}

/** A copy of what a storage gave. Returns `undefined`, not throws, for anything but bytes, and for too many. spec V2 */
export function copyStored(stored: unknown): Uint8Array<ArrayBuffer> | undefined {
  return decodeBytes(stored, { min: 0, max: MAX_VAULT_BYTES })
}

/** Decodes stored bytes. Returns `undefined`, not throws, for bytes that are no vault. spec V2 */
export function decodeVaultFile(bytes: Uint8Array): VaultFile | undefined {
  if (bytes.length > MAX_VAULT_BYTES) return undefined
  const reader = new ByteReader(bytes)
  if (!equalBytes(reader.take(MAGIC.length), MAGIC) || reader.uint(1) !== FORMAT) return undefined
  const slotCount = reader.uint(1)
  const reserved = reader.uint(2)
  const version = reader.uint(8)
  const generation = reader.uint(4)
  const sealedLength = reader.uint(4)
  const id = reader.copy(ID_BYTES)
  const salt = reader.copy(KEY_BYTES)
  if (!reader.ok || reserved !== 0 || version === 0 || generation === 0) return undefined
  if (slotCount > MAX_SLOTS || generation > version) return undefined
  const slots: SlotRecord[] = []
  for (let count = 0; count < slotCount; count += 1) {
    const slot = readSlot(reader)
    if (slot === undefined) return undefined
    slots.push(slot)
  }
  const head = new Uint8Array(bytes.subarray(0, reader.at))
  const padded = sealedLength - TAG_BYTES
  if (reader.left !== sealedLength || padded <= 0 || padded % PADDING_BYTES !== 0) return undefined
  const sealed = reader.copy(sealedLength)
  if (!areSlotsAllowed(slots)) return undefined
  return { id, version, generation, slots, salt, head, sealed }
}

const MAGIC = textToBytes('CVLT')
const FORMAT = 1
