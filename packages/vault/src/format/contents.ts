import {
  ByteReader,
  compareBytes,
  concatBytes,
  decodeText,
  encodeBase64Url,
  textToBytes,
  uintToBytes,
} from '@conclave/base'
import { SIGNATURE_BYTES } from '@conclave/crypto'
import {
  ID_BYTES,
  KEY_BYTES,
  MAX_ENTRIES,
  MAX_ENTRY_BYTES,
  MAX_HISTORY,
  MAX_LAST_WRITES,
  MAX_ROTATIONS,
} from '../limits.ts'

/** The sealed part of a vault. spec V4 */
export interface Contents {
  /** One for each slot of the vault, in the same order. */
  readonly slots: readonly SlotSecrets[]
  /** The last generations, the current one last, each with its predecessor's signature. spec V21 */
  readonly rotations: readonly Rotation[]
  /** Digests of earlier states, the latest first. spec V20 */
  readonly history: readonly Uint8Array<ArrayBuffer>[]
  /** The device that wrote this state; zeros for one that keeps no pin. spec V20 */
  readonly writer: Uint8Array<ArrayBuffer>
  /** The last earlier state that each of the last devices wrote, the latest first. spec V20 */
  readonly lastWrites: readonly LastWrite[]
  readonly entries: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/** The sealed part of a slot: the key for rotations, and the person's name for it. */
export interface SlotSecrets {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly label: string
}

/** A generation's signing key, signed by the generation before. spec V21 */
export interface Rotation {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/** The last state that a device wrote before the current one. spec V20 */
export interface LastWrite {
  readonly device: Uint8Array<ArrayBuffer>
  readonly version: number
  readonly digest: Uint8Array<ArrayBuffer>
}

/** Contents are padded to a multiple of this, so that small changes do not show. spec V4 */
export const PADDING_BYTES = 1_024

/** The bytes of contents, padded; the caller has checked the bounds. You must overwrite them. spec V4 */
export function encodeContents(contents: Contents): Uint8Array<ArrayBuffer> {
  const { slots, rotations, history, writer, lastWrites, entries } = contents
  const named = Array.from(entries, ([name, value]) => ({ name: textToBytes(name), value }))
  named.sort((one, other) => compareBytes(one.name, other.name))
  const parts = [
    ...slots.flatMap(({ publicKey, label }) => [publicKey, ...prefixed(1, textToBytes(label))]),
    [rotations.length],
    ...rotations.flatMap(({ publicKey, signature }) => [publicKey, signature]),
    [history.length],
    ...history,
    writer,
    [lastWrites.length],
    ...lastWrites.flatMap(({ device, version, digest }) => [
      ...[device, uintToBytes(version, 8), digest],
    ]),
    uintToBytes(named.length, 2),
    ...named.flatMap(({ name, value }) => [...prefixed(1, name), ...prefixed(4, value)]),
  ]
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const padding = new Uint8Array(PADDING_BYTES - 1 - ((length + PADDING_BYTES - 1) % PADDING_BYTES))
  return concatBytes(...parts, padding)
}

/**
 * Decodes contents that authenticated. Returns `undefined`, not throws, for contents that no vault of this version,
 * generation and number of slots has. spec V4
 */
export function decodeContents(
  bytes: Uint8Array,
  expected: {
    readonly slots: number
    readonly version: number
    readonly generation: number
  },
): Contents | undefined {
  const reader = new ByteReader(bytes)
  const slots: SlotSecrets[] = []
  for (let count = 0; count < expected.slots && reader.ok; count += 1) {
    const publicKey = reader.copy(KEY_BYTES)
    const label = decodeText(reader.take(reader.uint(1)))
    if (label === undefined) return undefined
    slots.push({ publicKey, label })
  }
  const rotations: Rotation[] = []
  for (let left = reader.uint(1); left > 0 && reader.ok; left -= 1) {
    rotations.push({ publicKey: reader.copy(KEY_BYTES), signature: reader.copy(SIGNATURE_BYTES) })
  }
  const history: Uint8Array<ArrayBuffer>[] = []
  for (let left = reader.uint(1); left > 0 && reader.ok; left -= 1) {
    history.push(reader.copy(KEY_BYTES))
  }
  const writer = reader.copy(ID_BYTES)
  const lastWrites = readLastWrites(reader, expected.version)
  const entries = readEntries(reader)
  const padding = reader.take(reader.left)
  if (!reader.ok || entries === undefined || lastWrites === undefined) return undefined
  if (bytes.length % PADDING_BYTES !== 0) return undefined
  if (padding.length >= PADDING_BYTES || padding.some((byte) => byte !== 0)) return undefined
  if (rotations.length !== Math.min(expected.generation, MAX_ROTATIONS)) return undefined
  if (history.length !== Math.min(expected.version - 1, MAX_HISTORY)) return undefined
  return { slots, rotations, history, writer, lastWrites, entries }
}

/** Strictly falling versions, below that of the state, and no device twice. */
function readLastWrites(reader: ByteReader, version: number): readonly LastWrite[] | undefined {
  const lastWrites: LastWrite[] = []
  const devices = new Set<string>()
  let later = version
  const count = reader.uint(1)
  if (count > MAX_LAST_WRITES) return undefined
  for (let left = count; left > 0; left -= 1) {
    const write = {
      device: reader.copy(ID_BYTES),
      version: reader.uint(8),
      digest: reader.copy(KEY_BYTES),
    }
    if (!reader.ok || write.version === 0 || write.version >= later) return undefined
    lastWrites.push(write)
    devices.add(encodeBase64Url(write.device))
    later = write.version
  }
  return devices.size === count && !devices.has(NO_DEVICE) ? lastWrites : undefined
}

function readEntries(reader: ByteReader): Map<string, Uint8Array<ArrayBuffer>> | undefined {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>()
  const count = reader.uint(2)
  if (count > MAX_ENTRIES) return undefined
  let previous: Uint8Array = new Uint8Array()
  for (let left = count; left > 0; left -= 1) {
    const name = reader.take(reader.uint(1))
    const length = reader.uint(4)
    if (length > MAX_ENTRY_BYTES) return undefined
    const value = reader.copy(length)
    const text = decodeText(name)
    // Strictly rising: no entry occurs twice, and every vault has one encoding.
    if (!reader.ok || text === undefined || compareBytes(previous, name) >= 0) return undefined
    entries.set(text, value)
    previous = name
  }
  return entries
}

const NO_DEVICE = encodeBase64Url(new Uint8Array(ID_BYTES))

const prefixed = (size: number, bytes: Uint8Array): readonly Uint8Array[] => [
  uintToBytes(bytes.length, size),
  bytes,
]
