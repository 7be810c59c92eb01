/**
 * The price of signed media: bytes a second on the wire, and processor time for a second of media, sealed and opened, with signatures
 * and without, in Node. Each round is 20 s of media by the clock of the bench, in turns.
 *
 * @module
 */
import { createSessionKeys } from '@conclave/e2ee/session'
import { bytesToRoomId, idToBytes } from '@conclave/wire'
import {
  encodeMediaCertificate,
  mediaKeyStatement,
} from '../../packages/media/src/shared/media-certificate.ts'
import { SFrameFormat } from '../../packages/media/src/worker/sframe-format.ts'
import { median, printResult, spread } from '../table.ts'
import type { BenchRow } from '../table.ts'

const SECONDS = 20
const ROUNDS = 15

/** Tracks as a call has them. */
const TRACKS = [
  { name: 'sound', label: 'microphone', mimeType: 'audio/opus', perSecond: 50, bytes: 80 },
  { name: 'picture', label: 'camera', mimeType: 'video/vp8', perSecond: 30, bytes: 5_000 },
  { name: 'screen', label: 'screen', mimeType: 'video/vp8', perSecond: 15, bytes: 15_000 },
] as const

type Track = (typeof TRACKS)[number]

interface Cost {
  /** Bytes a second. */
  readonly bytes: number
  /** Microseconds for a second of media. */
  readonly seal: number
  readonly open: number
}

const room = bytesToRoomId(new Uint8Array(16).fill(7))
if (room === undefined) throw new Error('unreachable: an id')

async function measure(track: Track, isSigned: boolean): Promise<Cost> {
  const session = await createSessionKeys()
  const raw = crypto.getRandomValues(new Uint8Array(16))
  const usages: KeyUsage[] = ['deriveBits', 'deriveKey']
  const baseKey = await crypto.subtle.importKey('raw', raw, 'HKDF', false, usages)
  let nowMs = 0
  let whenReady = (): void => {}
  const host = { now: () => nowMs, send: () => {}, retryPipes: () => whenReady() }
  const [sender, receiver] = [new SFrameFormat(host), new SFrameFormat(host)]
  const ids = { participant: session.id, label: track.label, kind: 'video' } as const
  const signing = { isSigner: isSigned, room: idToBytes(room as NonNullable<typeof room>) }
  for (const format of [sender, receiver]) format.useSuite(4, {}, signing)
  if (isSigned) {
    const made = await sender.answer({ type: 'make-media-key' })
    const { publicKey: mediaKey } = made as { readonly publicKey: Uint8Array }
    const signature = await session.sign(mediaKeyStatement(signing.room, mediaKey))
    const { signingKey } = session
    const certificate = encodeMediaCertificate({ signingKey, mediaKey, signature })
    await sender.answer({ type: 'certify-media-key', certificate })
  }
  const { kid } = (await sender.answer({ type: 'make-kid', epoch: 0n })) as { readonly kid: bigint }
  await sender.answer({ type: 'set-sender-key', kid, baseKey, waitMs: 0 })
  const given = new Promise<void>((resolve) => {
    whenReady = resolve
  })
  receiver.execute({ type: 'receiver-key', ...ids, kid, epoch: 0n, baseKey, isSigned })
  await given
  const seal = sender.startPipe({ pipe: 1, side: 'seal', ...ids })
  const open = receiver.startPipe({ pipe: 1, side: 'open', ...ids })
  const { mimeType } = track
  const frames = Array.from({ length: SECONDS * track.perSecond }, () => {
    const data = crypto.getRandomValues(new Uint8Array(track.bytes))
    data[0] = (data[0] ?? 0) | 1
    return { data, mimeType }
  })
  const sealed: Uint8Array<ArrayBuffer>[] = []
  const sealTime = await processorTime(async () => {
    for (const frame of frames) {
      nowMs += 1000 / track.perSecond
      const result = await seal(frame)
      if (result.type !== 'sealed') throw new Error(`expected a sealed frame, got ${result.type}`)
      sealed.push(result.data)
    }
  })
  nowMs = 0
  const openTime = await processorTime(async () => {
    for (const data of sealed) {
      nowMs += 1000 / track.perSecond
      const result = await open({ data, mimeType })
      if (result.type !== 'opened') throw new Error(`expected a frame, got ${result.type}`)
    }
  })
  const bytes = sealed.reduce((sum, { length }) => sum + length, 0)
  return { bytes: bytes / SECONDS, seal: sealTime / SECONDS, open: openTime / SECONDS }
}

/** Microseconds of all threads of the process. */
async function processorTime(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const rows: BenchRow[] = []
for (const track of TRACKS) {
  const signed: Cost[] = []
  const plain: Cost[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    signed.push(await measure(track, true))
    plain.push(await measure(track, false))
  }
  const row = (metric: string, unit: string, of: (cost: Cost) => number): BenchRow => ({
    ...{ case: track.name, metric, unit, better: 'lower' },
    ours: median(signed.map(of)),
    spread: spread(signed.map(of)),
    peers: { unsigned: median(plain.map(of)) },
  })
  rows.push(
    row('on the wire', 'bytes/s', ({ bytes }) => bytes),
    row('seal', 'µs/s', ({ seal }) => seal),
    row('open', 'µs/s', ({ open }) => open),
  )
}
printResult('signing', rows)
