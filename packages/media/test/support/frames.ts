/**
 * Keys and frames for tests of the pure pipeline.
 */
import { SCRATCH_BYTES } from '../../src/worker/additional-data.ts'
import { ReceiverKey } from '../../src/worker/receiver-keys.ts'
import { SenderKey } from '../../src/worker/sender-key.ts'
import { createFrameCipher } from '../../src/sframe/cipher.ts'
import { importHkdfKey } from '@conclave/crypto'
import { SUITES } from '../../src/sframe/suite.ts'
import type { MediaSuiteId } from '../../src/sframe/suite.ts'
import type { OpenedFrame, ReceivingTrack } from '../../src/worker/frame-opener.ts'
import { openFrame } from '../../src/worker/frame-opener.ts'
import { sealFrame } from '../../src/worker/frame-sealer.ts'
import { encodeTrackLabel } from '../../src/shared/track-name.ts'

export interface KeyOptions {
  readonly suite?: MediaSuiteId
  readonly kid?: bigint
  readonly first?: number
  readonly baseKey?: Uint8Array
  readonly isSigned?: boolean
}

export const kid = 0x0102030405062an

/** One for all, as a pipe has: no frame may depend on what another left there. */
const scratch = new Uint8Array(SCRATCH_BYTES).fill(0xee)

const defaultBaseKey = new Uint8Array(16).fill(5)

export async function senderKey({
  suite = 4,
  first = 0,
  baseKey = defaultBaseKey,
  ...options
}: KeyOptions = {}): Promise<SenderKey> {
  const purpose = { suite: SUITES[suite], kid: options.kid ?? kid, use: 'seal' } as const
  const cipher = await createFrameCipher(await importHkdfKey(baseKey.slice()), purpose)
  return new SenderKey(purpose.kid, { cipher, first })
}

export async function receiverKey({
  suite = 4,
  baseKey = defaultBaseKey,
  ...options
}: KeyOptions = {}): Promise<ReceiverKey> {
  const purpose = { suite: SUITES[suite], kid: options.kid ?? kid, use: 'open' } as const
  const cipher = await createFrameCipher(await importHkdfKey(baseKey.slice()), purpose)
  return new ReceiverKey(0n, cipher, options)
}

export interface Track {
  readonly label?: string
  readonly mimeType?: string
  readonly hasClearVp9Byte?: boolean
}

/** Seals, and expects that to work. */
export async function seal(
  key: SenderKey,
  frame: Uint8Array,
  { label = 'camera', mimeType = 'video/vp8', hasClearVp9Byte = false }: Track = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const track = { key, label: encodeTrackLabel(label), scratch, choices: { hasClearVp9Byte } }
  const sealed = await sealFrame({ data: new Uint8Array(frame), mimeType }, track)
  if (sealed.type !== 'sealed') throw new Error(`expected a sealed frame, got ${sealed.type}`)
  return sealed.data
}

export function open(
  key: ReceiverKey,
  data: Uint8Array,
  { label = 'camera', mimeType = 'video/vp8' }: Track = {},
): Promise<OpenedFrame> {
  const frame = { data: new Uint8Array(data), mimeType }
  return openFrame(
    frame,
    receivingTrack(label, (asked) => (asked === kid ? key : undefined)),
  )
}

/** A track as the worker opens it, its label encoded. */
export function receivingTrack(label: string, findKey: ReceivingTrack['findKey']): ReceivingTrack {
  return { label, encodedLabel: encodeTrackLabel(label), findKey, scratch }
}

export function bytes(length: number, first = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (first + i * 7) & 0xff)
}

export const vp8KeyFrame: Uint8Array<ArrayBuffer> = Uint8Array.from([
  0x50,
  0x42,
  0x00,
  0x9d,
  0x01,
  0x2a,
  0x40,
  0x01,
  0xf0,
  0x00,
  ...bytes(40),
])
export const opusFrame: Uint8Array<ArrayBuffer> = bytes(40, 0x78)
export const vp8DeltaFrame: Uint8Array<ArrayBuffer> = Uint8Array.from([0x31, ...bytes(30)])
