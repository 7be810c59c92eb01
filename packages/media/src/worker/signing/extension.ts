/**
 * The part of a frame that a sender adds who signs: certificates and batches, behind the picture or sound. spec M89
 *
 * @module
 */
import { concatBytes, uintToBytes } from '@conclave/base'
import { CERTIFICATE_BYTES } from '../../shared/media-certificate.ts'
import { readBatch } from './batch.ts'
import type { SignedBatch } from './batch.ts'

/** A decrypted frame in two parts. */
export interface ExtendedFrame {
  /** The frame's own bytes, in fresh memory: a stream takes it over. */
  readonly rest: Uint8Array<ArrayBuffer>
  /** `undefined` if they have another form than they must have. */
  readonly items: ExtensionItems | undefined
}

/** The items of an extension, each kind in its order. */
export interface ExtensionItems {
  readonly certificates: readonly Uint8Array<ArrayBuffer>[]
  readonly batches: readonly SignedBatch[]
}

/** The item of a certificate. */
export function certificateItem(certificate: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([CERTIFICATE], certificate)
}

/** The item of a batch. */
export function batchItem(content: Uint8Array, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([BATCH], content, signature)
}

/** Puts items behind a frame's own bytes, together at most 65,535 bytes of them. */
export function extendFrame(
  rest: Uint8Array,
  items: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const length = items.reduce((sum, item) => sum + item.length, 0)
  return concatBytes(rest, ...items, uintToBytes(length, LENGTH_BYTES))
}

/** Splits what was decrypted. Never throws; takes time in proportion to the extension. */
export function splitExtendedFrame(plain: Uint8Array<ArrayBuffer>): ExtendedFrame {
  const lengthAt = plain.length - LENGTH_BYTES
  const length = ((plain[lengthAt] ?? 0) << 8) | (plain[lengthAt + 1] ?? 0)
  const start = lengthAt - length
  if (start < 0) return { rest: plain, items: undefined }
  return { rest: plain.slice(0, start), items: readItems(plain.subarray(start, lengthAt)) }
}

const readItems = (bytes: Uint8Array<ArrayBuffer>): ExtensionItems | undefined => {
  const certificates: Uint8Array<ArrayBuffer>[] = []
  const batches: SignedBatch[] = []
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at]
    at += 1
    if (type === CERTIFICATE && at + CERTIFICATE_BYTES <= bytes.length) {
      certificates.push(bytes.slice(at, at + CERTIFICATE_BYTES))
      at += CERTIFICATE_BYTES
      continue
    }
    const batch = type === BATCH ? readBatch(bytes, at) : undefined
    if (batch === undefined) return undefined
    batches.push(batch)
    at += batch.content.length + batch.signature.length
  }
  return { certificates, batches }
}

const CERTIFICATE = 1
const BATCH = 2
const LENGTH_BYTES = 2
