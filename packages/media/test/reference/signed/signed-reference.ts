/**
 * Signed media once more, plainly and synchronously on Node's own cryptography: what the real code is compared with, and
 * what writes `spec/vectors/signed-media.json`. A sender's whole track is worked out at once.
 */
import { createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { digestReference, sealReference } from '../sframe-reference.ts'
import type { ReferenceFrame } from '../sframe-reference.ts'

/** An Ed25519 pair of a seed. */
export interface ReferencePair {
  readonly seed: Buffer
  readonly publicKey: Buffer
  readonly privateKey: KeyObject
}

export function pairOf(fill: number): ReferencePair {
  const seed = Buffer.alloc(32, fill)
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { seed, publicKey: Buffer.from(x, 'base64url'), privateKey }
}

/** The id of a session. spec C2 */
export function participantOf({ publicKey }: ReferencePair): Buffer {
  return Buffer.from(hkdfSync('sha256', publicKey, '', 'conclave/1 participant id', 16))
}

/** spec M88 */
export function certificateReference(
  session: ReferencePair,
  { mediaKey, room }: { readonly mediaKey: Buffer; readonly room: Buffer },
): Buffer {
  const statement = Buffer.concat([Buffer.from('conclave/1 media key\0'), room, mediaKey])
  return Buffer.concat([session.publicKey, mediaKey, sign(null, statement, session.privateKey)])
}

/** A batch of these frames, `from` on. spec M90 */
export function batchReference(
  frames: readonly ReferenceFrame[],
  { media, room, participant, from }: BatchContext & { readonly from: number },
): Buffer {
  const [first] = frames
  if (first === undefined) throw new Error('a batch has frames')
  const fields = [
    media.publicKey.toString('hex').slice(0, 4),
    first.kid.toString(16).padStart(14, '0'),
    from.toString(16).padStart(8, '0'),
    frames.length.toString(16).padStart(2, '0'),
    ...frames.map(
      (frame) =>
        (frame.counter - from).toString(16).padStart(4, '0') +
        digestReference(frame).toString('hex'),
    ),
  ]
  const content = Buffer.from(fields.join(''), 'hex')
  const label = Buffer.from(first.label)
  const statement = Buffer.concat([
    Buffer.from('conclave/1 media batch\0'),
    ...[room, participant, Buffer.from([label.length]), label, content],
  ])
  return Buffer.concat([content, sign(null, statement, media.privateKey)])
}

/** The media key, and the session and room for which it signs. */
export interface BatchContext {
  readonly media: ReferencePair
  readonly room: Buffer
  readonly participant: Buffer
}

/** A frame of a track, and when it was sealed. */
export type TimedFrame = ReferenceFrame & { readonly atMs: number }

/** All frames of one track of one layer, sealed: the rules of M91 and M92 applied to the whole list. */
export function sealTrackReference(
  track: readonly TimedFrame[],
  context: BatchContext & { readonly certificate: Buffer },
): Buffer[] {
  const frames = track.map((frame) => ({ ...frame, extension: Buffer.alloc(0) }))
  const isScreen = frames[0]?.label === 'screen'
  const batches: { readonly bytes: Buffer; readonly atMs: number; readonly only?: number }[] = []
  const carried = frames.map((): Buffer[] => [])
  let open: typeof frames = []
  let from = 0
  let closedAtMs = -Infinity
  const close = (atMs: number): void => {
    const bytes = batchReference(open, { ...context, from })
    batches.push({
      bytes,
      atMs,
      ...(open.length === 1 && open[0] && { only: frames.indexOf(open[0]) }),
    })
    from = (open.at(-1)?.counter ?? 0) + 1
    open = []
    closedAtMs = atMs
  }
  const sent = new Map<Buffer, number>()
  let certifiedAtMs = -Infinity
  let kid: bigint | undefined
  for (const [index, frame] of frames.entries()) {
    if (frame.kid !== kid || frame.counter - from > 65_535) {
      if (open.length > 0) close(frame.atMs)
      if (frame.kid !== kid) closedAtMs = -Infinity
      ;[kid, from] = [frame.kid, frame.counter]
    }
    open.push(frame)
    if (isScreen || frame.atMs - closedAtMs >= 250 || open.length === 32) close(frame.atMs)
    const items = carried[index] ?? []
    if (frame.atMs - certifiedAtMs >= 500) {
      certifiedAtMs = frame.atMs
      items.push(Buffer.concat([Buffer.from([1]), context.certificate]))
    }
    let length = 0
    for (const { bytes, atMs, only } of batches) {
      const count = sent.get(bytes) ?? 0
      const dueMs = atMs + ([0, 100, 500, 1250][count] ?? Infinity)
      const isForgotten = frame.atMs - atMs >= 2000
      if (isForgotten || frame.atMs < dueMs) continue
      if (length > 0 && length + bytes.length + 1 > 1000) continue
      items.push(Buffer.concat([Buffer.from([2]), bytes]))
      length += bytes.length + 1
      // One whose only frame carries it is not repeated.
      sent.set(bytes, only === index ? Infinity : count + 1)
    }
    carried[index] = items
  }
  return frames.map((frame, index) =>
    sealReference({ ...frame, extension: Buffer.concat(carried[index] ?? []) }),
  )
}
