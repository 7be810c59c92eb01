import { isPassphraseKdf, PASSPHRASE_SALT_BYTES } from '@conclave/e2ee/passphrase'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import type { Brand } from '@conclave/wire'
import { bytesToText, concatBytes, randomBytes, textToBytes, uint } from '../bytes.ts'
import { ByteReader } from '../byte-reader.ts'
import { ID_BYTES, KEY_BYTES, MAX_SLOTS, TAG_BYTES } from '../limits.ts'

/** What opens a slot. */
export type SlotType = 'recovery-key' | 'passphrase' | 'passkey'

/** Names a slot: random, new with every slot that is added or replaced. */
export type SlotId = Brand<string, 'SlotId'>

/** What it takes to ask for a slot's secret; readable by whoever holds the stored bytes. */
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

/** Length of a wrapped master key in bytes. */
export const WRAPPED_KEY_BYTES: number = KEY_BYTES + TAG_BYTES

/** The longest credential id in bytes. WebAuthn §4 */
export const MAX_CREDENTIAL_BYTES = 1_023

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

/** The head of a slot: type, length of parameters, id, parameters. What its wrapping authenticates. spec V6 */
export function encodeSlotHead(id: SlotId, parameters: SlotParameters): Uint8Array<ArrayBuffer> {
  const tail = encodeParameters(parameters)
  const type = SLOT_TYPES.indexOf(parameters.type) + 1
  return concatBytes(Uint8Array.of(type, 0), uint(2, tail.length), slotIdToBytes(id), tail)
}

/** The bytes of a slot. */
export function encodeSlot(slot: SlotRecord): Uint8Array<ArrayBuffer> {
  return concatBytes(encodeSlotHead(slot.id, slot.parameters), slot.ephemeralKey, slot.wrappedKey)
}

/** The next slot of a vault's bytes; `undefined`, not throws, when it is none. spec V2 */
export function readSlot(reader: ByteReader): SlotRecord | undefined {
  const type = SLOT_TYPES[reader.uint(1) - 1]
  const reserved = reader.uint(1)
  const length = reader.uint(2)
  const id = encodeBase64Url(reader.take(ID_BYTES)) as SlotId
  const parameters = type && decodeParameters(type, reader.copy(length))
  const ephemeralKey = reader.copy(KEY_BYTES)
  const wrappedKey = reader.copy(WRAPPED_KEY_BYTES)
  if (!reader.ok || reserved !== 0 || parameters === undefined) return undefined
  return { id, parameters, ephemeralKey, wrappedKey }
}

/**
 * Whether slots can be those of one vault: one recovery key, at most one passphrase, no id and no passkey
 * twice. A passkey alone can therefore never be. spec V7
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

/** What a slot shows without being opened. */
export interface SlotSummary {
  readonly id: SlotId
  readonly type: SlotType
  /** Of a passphrase: what it costs to guess. */
  readonly kdf?: PassphraseKdf
  /** Of a passkey, base64url: for `exclude` when another one is made, and for `signalUnknownCredential`. */
  readonly credentialId?: string
  /** Of a passkey: the site that it belongs to. */
  readonly rpId?: string
}

/** What a slot shows without being opened. */
export function summarizeSlot(slot: Pick<SlotRecord, 'id' | 'parameters'>): SlotSummary {
  const { id, parameters } = slot
  const { type } = parameters
  if (type === 'passphrase') return { id, type, kdf: { ...parameters.kdf } }
  if (type === 'recovery-key') return { id, type }
  const credentialId = encodeBase64Url(parameters.credentialId)
  return { id, type, credentialId, rpId: parameters.rpId }
}

/** Whether a text is the id of a relying party: a host name in ASCII. */
export function isRpId(text: string): boolean {
  return /^[a-z0-9.-]{1,253}$/.test(text)
}

function encodeParameters(parameters: SlotParameters): Uint8Array<ArrayBuffer> {
  switch (parameters.type) {
    case 'recovery-key':
      return new Uint8Array()
    case 'passphrase': {
      const { salt, kdf } = parameters
      const costs = uint(4, kdf.iterations)
      if (kdf.type === 'pbkdf2-sha256') return concatBytes(uint(1, 2), salt, costs)
      return concatBytes(
        ...[uint(1, 1), salt, costs, uint(4, kdf.memoryKiB), uint(1, kdf.parallelism)],
      )
    }
    case 'passkey': {
      const { salt, credentialId } = parameters
      const rpId = textToBytes(parameters.rpId)
      const lengths = [uint(1, rpId.length), uint(2, credentialId.length)] as const
      return concatBytes(salt, lengths[0], rpId, lengths[1], credentialId)
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
      const iterations = reader.uint(4)
      const kdf: PassphraseKdf | undefined =
        name === 1
          ? {
              type: 'argon2id',
              iterations,
              memoryKiB: reader.uint(4),
              parallelism: reader.uint(1),
            }
          : name === 2
            ? { type: 'pbkdf2-sha256', iterations }
            : undefined
      return kdf && isPassphraseKdf(kdf) ? { type, salt, kdf } : undefined
    }
    case 'passkey': {
      const salt = reader.copy(KEY_BYTES)
      const rpId = bytesToText(reader.take(reader.uint(1)))
      const credentialId = reader.copy(reader.uint(2))
      if (rpId === undefined || !isRpId(rpId)) return undefined
      if (credentialId.length === 0 || credentialId.length > MAX_CREDENTIAL_BYTES) return undefined
      return { type, salt, rpId, credentialId }
    }
  }
}

const SLOT_TYPES: readonly SlotType[] = ['recovery-key', 'passphrase', 'passkey']
