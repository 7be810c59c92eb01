import {
  checkObject,
  decodeBase64Url,
  decodeBytes,
  decodeText,
  isRecord,
  textToBytes,
} from '@conclave/base'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import { ID_BYTES, KEY_BYTES } from '../limits.ts'
import { isVaultKdf } from '../slots/passphrase-cost.ts'
import type { SlotId } from '../slots/slot.ts'

/**
 * A device's memory of a vault's state, by which it notices an older or another one later. Holds no secret; survives
 * JSON.
 *
 * A vault keeps it ({@link PinOption}). A caller that keeps it itself must keep the newest one ({@link Vault.pin}, after opening and
 * after every change) where the vault's storage cannot change it, and give it when it opens: without a pin every earlier state of the vault looks current. spec V19
 */
export interface VaultPin {
  /** The vault's id. */
  readonly vault: string
  readonly version: number
  /** That of the state, or a later one that the device has heard of ({@link Vault.hear}). */
  readonly generation: number
  /** The digest of the stored bytes, base64url. */
  readonly digest: string
  /** The generation's signing key, base64url. */
  readonly signer: string
  /** The device that wrote the state, base64url; left out for one that keeps no pin. Later states must still know its write. spec V20 */
  readonly writer?: string
  /** Names this device among those that write to the vault, base64url; left out by one that keeps no pin. spec V20 */
  readonly device?: string
  /** The last state that this device wrote, however long ago: later states must still know it. spec V20 */
  readonly wrote?: { readonly version: number; readonly digest: string }
  /** The slot of the passphrase, and its costs: the device computes nothing else for this slot. spec V10 */
  readonly passphrase?: { readonly slot: SlotId; readonly kdf: PassphraseKdf }
  /** The device has heard that the vault was rotated apart: nothing opens with this pin. spec V29 */
  readonly forked?: true
}

/** Checks the caller's pin and copies it, so that later changes to it have no effect. @throws TypeError */
export function copyPin(given: VaultPin): VaultPin {
  checkObject('pin', given)
  const pin = readPin(given)
  if (pin === undefined) throw new TypeError('"pin" expected the value of "vault.pin"')
  return pin
}

/** The bytes of a pin, as a storage of pins keeps them. spec V30 */
export function encodePin(pin: VaultPin): Uint8Array<ArrayBuffer> {
  return textToBytes(JSON.stringify(pin))
}

/** Decodes the bytes of a pin. Returns `undefined`, not throws, for anything else. spec V30 */
export function decodePin(stored: unknown): VaultPin | undefined {
  const bytes = decodeBytes(stored, { min: 1, max: MAX_PIN_BYTES })
  const text = bytes && decodeText(bytes)
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isRecord(value) ? readPin(value) : undefined
  } catch {
    return undefined
  }
}

/** Reads each member once, as a caller may change them meanwhile. */
function readPin(given: { readonly [member in keyof VaultPin]?: unknown }): VaultPin | undefined {
  const { vault, version, generation, digest, signer, writer, device, wrote, passphrase, forked } =
    given
  if (!isBytesText(vault, ID_BYTES) || !isBytesText(signer, KEY_BYTES)) return undefined
  if (!isCount(version) || !isCount(generation) || !isBytesText(digest, KEY_BYTES)) return undefined
  if (writer !== undefined && !isBytesText(writer, ID_BYTES)) return undefined
  if (device !== undefined && !isBytesText(device, ID_BYTES)) return undefined
  if (forked !== undefined && forked !== true) return undefined
  const write = wrote === undefined ? undefined : readWrite(wrote)
  if (wrote !== undefined && write === undefined) return undefined
  const cost = passphrase === undefined ? undefined : readCost(passphrase)
  if (passphrase !== undefined && cost === undefined) return undefined
  return {
    ...{ vault, version, generation, digest, signer },
    ...(writer !== undefined && { writer }),
    ...(device !== undefined && { device }),
    ...(write && { wrote: write }),
    ...(cost && { passphrase: cost }),
    ...(forked && { forked }),
  }
}

function readWrite(given: unknown): VaultPin['wrote'] {
  if (!isRecord(given)) return undefined
  const { version, digest } = given
  return isCount(version) && isBytesText(digest, KEY_BYTES) ? { version, digest } : undefined
}

function readCost(given: unknown): VaultPin['passphrase'] {
  if (!isRecord(given)) return undefined
  const { slot, kdf } = given
  if (!isBytesText(slot, ID_BYTES) || !isRecord(kdf)) return undefined
  const { type, memoryKiB, iterations, parallelism } = kdf
  const read = (
    type === 'argon2id' ? { type, memoryKiB, iterations, parallelism } : { type, iterations }
  ) as PassphraseKdf
  return isVaultKdf(read) ? { slot: slot as SlotId, kdf: read } : undefined
}

const isBytesText = (text: unknown, length: number): text is string =>
  typeof text === 'string' && decodeBase64Url(text)?.length === length

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 1

/** The longest record of a pin in bytes; one that was written is about half as long. */
const MAX_PIN_BYTES = 1_024
