import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import type { Brand } from '@conclave/wire'
import { ID_BYTES, MAX_SLOTS } from '../limits.ts'

/** The type of secret that opens a slot. */
export type SlotType = 'recovery-key' | 'passphrase' | 'passkey'

/** Names a slot: random, new with every slot that is added or replaced. */
export type SlotId = Brand<string, 'SlotId'>

/** The parameters for deriving a slot's secret; readable by whoever holds the stored bytes. */
export type SlotParameters =
  | { readonly type: 'recovery-key' }
  | { readonly type: 'passphrase'; readonly salt: Uint8Array; readonly kdf: PassphraseKdf }
  | {
      readonly type: 'passkey'
      readonly salt: Uint8Array
      readonly rpId: string
      readonly credentialId: Uint8Array
    }

/** A slot as it is stored: the master key, wrapped for whoever has the slot's secret. spec V6 */
export interface SlotRecord {
  readonly id: SlotId
  readonly parameters: SlotParameters
  readonly ephemeralKey: Uint8Array
  readonly wrappedKey: Uint8Array
}

/** A slot before the master key is wrapped for it. */
export interface DraftSlot {
  readonly id: SlotId
  readonly parameters: SlotParameters
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly label: string
}

/** The part of a slot that is readable without opening the vault. */
export interface SlotSummary {
  readonly id: SlotId
  readonly type: SlotType
  /** For a passphrase: the cost of a guess. */
  readonly kdf?: PassphraseKdf
  /** For a passkey, base64url: for `exclude` when another one is made, and for `signalUnknownCredential`. */
  readonly credentialId?: string
  /** For a passkey: the site that it belongs to. */
  readonly rpId?: string
}

/** A new slot's id. */
export function randomSlotId(): SlotId {
  return encodeBase64Url(randomBytes(ID_BYTES)) as SlotId
}

/** The 16 bytes of a slot's id. */
export function slotIdToBytes(id: SlotId): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64Url(id)
  if (bytes?.length !== ID_BYTES) throw new Error('unreachable: a slot id of another length')
  return bytes
}

/**
 * Whether slots can be those of one vault: exactly one recovery key, at most one passphrase, no id and no passkey
 * twice. A passkey is therefore never the only way in. spec V7
 */
export function areSlotsAllowed(
  slots: readonly { readonly id: SlotId; readonly parameters: SlotParameters }[],
): boolean {
  const count = (type: SlotType): number =>
    slots.filter(({ parameters }) => parameters.type === type).length
  const ids = new Set(slots.map(({ id }) => id))
  const credentials = new Set(slots.flatMap(({ parameters }) => credentialOf(parameters) ?? []))
  return (
    slots.length <= MAX_SLOTS &&
    ids.size === slots.length &&
    credentials.size === count('passkey') &&
    count('recovery-key') === 1 &&
    count('passphrase') <= 1
  )
}

/** The credential id of a passkey as text; `undefined` for other slots. */
export function credentialOf(parameters: SlotParameters): string | undefined {
  return parameters.type === 'passkey' ? encodeBase64Url(parameters.credentialId) : undefined
}

/** Summarizes a slot. */
export function summarizeSlot(slot: Pick<SlotRecord, 'id' | 'parameters'>): SlotSummary {
  const { id, parameters } = slot
  const { type } = parameters
  if (type === 'passphrase') return { id, type, kdf: { ...parameters.kdf } }
  if (type === 'recovery-key') return { id, type }
  const credentialId = encodeBase64Url(parameters.credentialId)
  return { id, type, credentialId, rpId: parameters.rpId }
}
