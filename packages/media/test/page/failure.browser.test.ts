import { expect, onTestFinished, test } from 'vitest'
import type { FrameProtector } from '@conclave/p2p'
import { checkMediaSupport, FrameCrypto } from '@conclave/media'
import type { MediaError, TransformApi } from '@conclave/media'
import { connect, createSide, framesDecoded, lostBy } from '../support/call.ts'
import type { Call, Side } from '../support/call.ts'

const within = { timeout: 20_000, interval: 100 }

const spawnCrashingWorker = (): Worker =>
  new Worker(new URL('../support/crashing-worker.ts', import.meta.url), { type: 'module' })

const cleanUp = (call: Call, ...sides: readonly Side[]): void =>
  onTestFinished(async () => {
    call.close()
    for (const side of sides) await side.crypto.close()
  })

test('[M20] this browser can do it', () => {
  expect(checkMediaSupport()).toEqual([])
})

test('[M20] a missing worker script is an error that says what to check, and no media is sent', async () => {
  const createWorker = () => new Worker('/no-such-worker.js', { type: 'module' })
  const from = createSide({ createWorker })
  const to = createSide()
  const failed = new Promise<MediaError>((resolve) =>
    from.crypto.on('failed', ({ error }) => resolve(error)),
  )
  const call = await connect({ from, to })
  cleanUp(call, from, to)
  await expect(call.isProtected).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_START' })
  await expect(from.crypto.ready).rejects.toThrow('@conclave/media/worker')
  expect(await failed).toMatchObject({
    code: 'ERR_MEDIA_WORKER_START',
    details: { reason: 'not-found' },
  })
})

test('[M20, M43] a worker that cannot be made at all fails as one that does not load', async () => {
  const cause = new DOMException('not allowed', 'SecurityError')
  const { crypto } = createSide({
    createWorker: () => {
      throw cause
    },
  })
  onTestFinished(() => crypto.close())
  const failed = new Promise<MediaError>((resolve) =>
    crypto.on('failed', ({ error }) => resolve(error)),
  )
  const error = { code: 'ERR_MEDIA_WORKER_START', details: { reason: 'other-origin' }, cause }
  await expect(crypto.ready).rejects.toMatchObject(error)
  expect(await failed).toMatchObject(error)
})

test('[M18] an interface that the browser lacks is an error with its name', () => {
  const original = globalThis.RTCRtpScriptTransform
  onTestFinished(() => {
    globalThis.RTCRtpScriptTransform = original
  })
  Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform')
  expect(() => createSide({ api: 'script-transform' })).toThrow(
    expect.objectContaining({
      code: 'ERR_MEDIA_UNSUPPORTED',
      details: { missing: 'RTCRtpScriptTransform' },
    }),
  )
  expect(checkMediaSupport()).toEqual([])
})

test('[M28] a transform that cannot be set is the state of its track', async () => {
  const from = createSide({ api: 'script-transform' })
  const to = createSide()
  const call = await connect({ from, to })
  cleanUp(call, from, to)
  await call.isProtected
  const { sender } = call.sending.addTransceiver('video', { direction: 'sendonly' })
  Object.defineProperty(sender, 'transform', {
    set() {
      throw new Error('taken')
    },
  })
  const track = { label: 'screen', kind: 'video' } as const
  const target = { peer: to.id, connection: call.sending }
  await expect(from.crypto.protectSender(sender, track, target)).rejects.toMatchObject({
    code: 'ERR_MEDIA_ATTACH',
  })
  expect(from.states.at(-1)).toEqual({
    ...track,
    participant: from.id,
    state: 'InternalError',
    reason: 'not-attached',
  })
})

test('[M28] a key source that gives no key for a new epoch is reported', async () => {
  const side = createSide()
  onTestFinished(() => side.crypto.close())
  await side.crypto.ready
  side.keys.export = async () => {
    throw new Error('no key')
  }
  const reported = new Promise<MediaError>((resolve) =>
    side.crypto.on('error', ({ error }) => resolve(error)),
  )
  side.keys.setKey(new Uint8Array(32).fill(2), 1n)
  expect(await reported).toMatchObject({ code: 'ERR_MEDIA_NO_KEY', details: { epoch: 1n } })
})

test.for<[TransformApi, 'crash' | 'hang']>([
  ['script-transform', 'crash'],
  ['encoded-streams', 'crash'],
  ['script-transform', 'hang'],
  ['encoded-streams', 'hang'],
])(
  '[M21] %s: after a %s of the sender’s worker nothing leaves, and everything is stopped',
  async ([api, how]) => {
    const worker = spawnCrashingWorker()
    const from = createSide({ api, createWorker: () => worker, clock: hastyClock })
    const to = createSide({ api })
    const call = await connect({ from, to })
    cleanUp(call, from, to)
    await call.isProtected
    await call.startTracks()
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
    worker.postMessage({ type: how })
    await expect.poll(() => from.states.at(-1)?.state, within).toBe('InternalError')
    expect(from.states.filter(({ reason }) => reason === 'worker-failed')).toHaveLength(2)
    await expect.poll(() => call.senders.video.track, within).toBeNull()
    expect(call.senders.audio.track).toBeNull()
    const { dropped } = await settledStats(to)
    // All that came was sealed: nothing in clear, nothing under a dead key.
    expect(dropped).toMatchObject({
      malformed: 0,
      'not-authentic': 0,
      'missing-key': 0,
      'too-short': 0,
    })
    await expect(from.crypto.stats()).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_FAILED' })
  },
)

test('[M21] after a crash of the receiver’s worker nothing is played', async () => {
  const worker = spawnCrashingWorker()
  const from = createSide()
  const to = createSide({ createWorker: () => worker })
  const call = await connect({ from, to })
  cleanUp(call, from, to)
  await call.isProtected
  await call.startTracks()
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
  worker.postMessage({ type: 'crash' })
  await expect.poll(() => to.states.at(-1)?.state, within).toBe('InternalError')
  expect(call.receivers.video?.track.enabled).toBe(false)
  expect(call.receivers.audio?.track.enabled).toBe(false)
  await expect(
    to.crypto.protectReceiver(
      call.receivers.audio as RTCRtpReceiver,
      { label: 'screen-audio', kind: 'audio' },
      { peer: from.id, connection: call.receiving },
    ),
  ).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_FAILED' })
  expect(to.states.at(-1)).toEqual({
    ...{ participant: from.id, label: 'screen-audio', kind: 'audio' },
    ...{ state: 'InternalError', reason: 'worker-failed' },
  })
})

test('[M18] after close nothing new is protected, and protected tracks are stopped', async () => {
  const from = createSide()
  const to = createSide()
  const call = await connect({ from, to })
  cleanUp(call, from, to)
  await call.isProtected
  await call.startTracks()
  await from.crypto.close()
  await from.crypto.close()
  expect(call.senders.video.track).toBeNull()
  await expect(from.crypto.describe()).rejects.toMatchObject({ code: 'ERR_MEDIA_CLOSED' })
  await expect(
    from.crypto.protectSender(
      call.senders.video,
      { label: 'camera', kind: 'video' },
      { peer: to.id, connection: call.sending },
    ),
  ).rejects.toMatchObject({ code: 'ERR_MEDIA_CLOSED' })
})

test('[M30, M21] a failed worker has lost both directions, and whoever asks later hears it at once', async () => {
  const worker = spawnCrashingWorker()
  const side = createSide({ createWorker: () => worker })
  onTestFinished(() => side.crypto.close())
  const heard: string[] = []
  side.crypto.onLost((direction) => heard.push(direction))
  await side.crypto.ready
  worker.postMessage({ type: 'crash' })
  await expect.poll(() => heard, within).toEqual(['send', 'receive'])
  expect(lostBy(side)).toEqual(['send', 'receive'])
})

test('[M18] the class is the protector that connections are made with', () => {
  const { crypto } = createSide()
  onTestFinished(() => crypto.close())
  const protector: FrameProtector = crypto
  expect(protector).toBeInstanceOf(FrameCrypto)
  expect(crypto.connectionConfig).toEqual({ encodedInsertableStreams: true })
  const video = ['video/vp8', 'video/vp9', 'video/h264', 'video/av1']
  expect(crypto.codecs).toEqual({ audio: ['audio/opus'], video })
})

/** Four times as fast, so that ten looks of the watchdog take little more than a second. */
const hastyClock = {
  now: () => 4 * performance.now(),
  setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs / 4),
  clearTimeout: (handle: unknown) => clearTimeout(handle as number),
}

/** Statistics once nothing more arrives. */
const settledStats = async (side: Side) => {
  let before = -1
  await expect
    .poll(
      async () => {
        const { opened } = await side.crypto.stats()
        const isSettled = opened === before
        before = opened
        return isSettled
      },
      { ...within, interval: 300 },
    )
    .toBe(true)
  return side.crypto.stats()
}
