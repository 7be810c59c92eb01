import { expect, onTestFinished, test } from 'vitest'
import { NO_DROPS } from '../../src/shared/frame-counters.ts'
import type { FrameCryptoOptions, TransformApi } from '@conclave/media'
import {
  audioEnergy,
  connect,
  createSide,
  framesDecoded,
  readStat,
  secret,
} from '../support/call.ts'
import type { Call, CallOptions, Side } from '../support/call.ts'

const within = { timeout: 20_000, interval: 100 }

const newSide = (
  options: Partial<FrameCryptoOptions> & { readonly secret?: Uint8Array } = {},
): Side => {
  const side = createSide(options)
  onTestFinished(() => side.crypto.close())
  return side
}

const newCall = async (options: CallOptions): Promise<Call> => {
  const call = await connect(options)
  onTestFinished(() => call.close())
  return call
}

const startCall = async (options: CallOptions): Promise<Call> => {
  const call = await newCall(options)
  await call.isProtected
  await call.startTracks()
  return call
}

const statesOf = (side: Side, label: string): string[] =>
  side.states.filter((event) => event.label === label).map(({ state }) => state)

const dropsAt = async (side: Side, reason: string): Promise<number> =>
  (await side.crypto.stats()).dropped[reason as 'replay']

test.for<[TransformApi, TransformApi]>([
  ['script-transform', 'script-transform'],
  ['encoded-streams', 'encoded-streams'],
  ['script-transform', 'encoded-streams'],
  ['encoded-streams', 'script-transform'],
])('[M18, M19] video and sound arrive: %s to %s', async ([sending, receiving]) => {
  const from = newSide({ api: sending })
  const to = newSide({ api: receiving })
  const call = await startCall({ from, to })
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(20)
  await expect.poll(() => audioEnergy(call), within).toBeGreaterThan(0)
  await expect.poll(() => call.video.videoWidth, within).toBe(320)
  expect(statesOf(from, 'camera')).toEqual(['EncryptionSuccess'])
  expect(statesOf(to, 'camera')).toEqual(['DecryptionSuccess'])
  expect(statesOf(to, 'microphone')).toEqual(['DecryptionSuccess'])
  const { participants, opened } = await to.crypto.stats()
  expect(participants.get(from.id)?.opened).toBe(opened)
})

test('[M3] suite 5 carries a call too', async () => {
  const from = newSide({ suite: 5 })
  const call = await startCall({ from, to: newSide({ suite: 5 }) })
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
  expect(await from.crypto.describe()).toMatch(/^sframe\/5\/[0-9a-f]{14}$/)
})

test('[M17] with the announced key the first frame opens: none is lost', async () => {
  const from = newSide()
  const to = newSide()
  await to.crypto.prepare(from.id, await from.crypto.describe())
  await to.crypto.prepare(from.id, 'nonsense')
  await to.crypto.prepare('nobody', await from.crypto.describe())
  const call = await startCall({ from, to })
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
  expect((await to.crypto.stats()).dropped).toMatchObject({ 'missing-key': 0, 'not-authentic': 0 })
})

test('[M10, M18] T4: without a key protecting rejects, and no frame leaves', async () => {
  const from = newSide()
  const to = newSide()
  from.keys.close()
  const call = await newCall({ from, to })
  await expect(call.isProtected).rejects.toMatchObject({ code: 'ERR_MEDIA_NO_KEY' })
  // Against the rule, on purpose: the tracks are sent all the same.
  await call.startTracks()
  await expect.poll(() => dropsAt(from, 'missing-key'), within).toBeGreaterThan(20)
  expect((await from.crypto.stats()).sealed).toBe(0)
  expect(await readStat(call.sending, { type: 'outbound-rtp', name: 'packetsSent' })).toBe(0)
  expect(await readStat(call.receiving, { type: 'inbound-rtp', name: 'packetsReceived' })).toBe(0)
  expect(statesOf(from, 'camera')[0]).toBe('MissingKey')
})

test('[M11] T1: with a wrong key nothing is decoded and nothing is heard', async () => {
  const from = newSide()
  const to = newSide({ secret: secret(2) })
  const call = await startCall({ from, to })
  await expect.poll(() => dropsAt(to, 'not-authentic'), within).toBeGreaterThan(60)
  expect(await framesDecoded(call)).toBe(0)
  expect(await audioEnergy(call)).toBe(0)
  expect(call.video.videoWidth).toBe(0)
  expect((await to.crypto.stats()).opened).toBe(0)
  expect(statesOf(to, 'camera')).toContain('InvalidKey')
  expect(to.states.find(({ state }) => state === 'InvalidKey')?.reason).toBe('wrong-key')
})

test('[M4] the camera announced as the screen shows nothing', async () => {
  const from = newSide()
  const to = newSide()
  const receivedLabels = { audio: 'microphone', video: 'screen' }
  const call = await startCall({ from, to, receivedLabels })
  await expect.poll(() => dropsAt(to, 'not-authentic'), within).toBeGreaterThan(20)
  expect(await framesDecoded(call)).toBe(0)
  await expect.poll(() => audioEnergy(call), within).toBeGreaterThan(0)
})

test('[M11] T2: the frames of one participant do not pass for those of another', async () => {
  const from = newSide()
  const to = newSide()
  const other = newSide()
  const call = await startCall({ from, to, receivedPeer: other.id })
  await expect.poll(() => dropsAt(to, 'not-authentic'), within).toBeGreaterThan(20)
  expect(await framesDecoded(call)).toBe(0)
  await expect(
    to.crypto.protectReceiver(
      call.receivers.audio as RTCRtpReceiver,
      { label: 'x', kind: 'audio' },
      { peer: to.id, connection: call.receiving },
    ),
  ).rejects.toThrow(TypeError)
})

test.for<TransformApi>(['script-transform', 'encoded-streams'])(
  '[M14, M22, M25] a late key: first MissingKey, then the picture (%s)',
  async (api) => {
    const from = newSide({ api })
    const to = newSide({ api })
    from.keys.setKey(secret(9), 1n)
    const call = await startCall({ from, to })
    await expect.poll(() => dropsAt(to, 'missing-key'), within).toBeGreaterThan(40)
    expect(await framesDecoded(call)).toBe(0)
    to.keys.setKey(secret(9), 1n)
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(10)
    expect(statesOf(to, 'camera')[0]).toBe('MissingKey')
    expect(statesOf(to, 'camera').at(-1)).toBe('DecryptionSuccess')
    const camera = (await to.crypto.stats()).tracks.find(({ label }) => label === 'camera')
    expect(camera?.keyFrameRequests).toBe(api === 'script-transform' ? 1 : 0)
  },
)

test('[M15] a rotation in a running call does not interrupt video; a participant without the new epoch gets none', async () => {
  const from = newSide()
  const to = newSide()
  const removed = newSide()
  const call = await startCall({ from, to })
  const removedCall = await startCall({ from, to: removed })
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
  await expect.poll(() => framesDecoded(removedCall), within).toBeGreaterThan(5)
  const keyFrames = () => readStat(call.sending, { type: 'outbound-rtp', name: 'keyFramesEncoded' })
  const keyFramesBefore = await keyFrames()
  const before = await from.crypto.describe()

  to.keys.setKey(secret(3), 1n)
  from.keys.setKey(secret(3), 1n)
  await expect.poll(() => from.crypto.describe(), within).not.toBe(before)
  await expect.poll(keyFrames, within).toBeGreaterThan(keyFramesBefore)
  const decoded = await framesDecoded(call)
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(decoded + 30)
  expect(statesOf(to, 'camera')).toEqual(['DecryptionSuccess'])
  expect((await to.crypto.stats()).dropped).toMatchObject({ 'missing-key': 0, 'not-authentic': 0 })

  await expect.poll(() => dropsAt(removed, 'missing-key'), within).toBeGreaterThan(60)
  const last = await framesDecoded(removedCall)
  const dropped = await dropsAt(removed, 'missing-key')
  await expect.poll(() => dropsAt(removed, 'missing-key'), within).toBeGreaterThan(dropped + 60)
  expect(await framesDecoded(removedCall)).toBe(last)
  expect(statesOf(removed, 'camera')).toContain('MissingKey')
})

test('[M15] frames of an epoch that is added later, and not used here, are seen', async () => {
  const [from, to] = [newSide(), newSide()]
  from.keys.setKey(secret(9), 1n)
  const call = await startCall({ from, to })
  await expect.poll(() => dropsAt(to, 'missing-key'), within).toBeGreaterThan(40)
  to.keys.addKey(secret(9), 1n)
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(10)
  expect(to.keys.epoch).toBe(0n)
})

test('[M15] a participant who stays in the old epoch is no longer seen', async () => {
  const from = newSide()
  const to = newSide()
  const call = await startCall({ from, to })
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
  to.keys.setKey(secret(3), 1n)
  to.keys.retire(0n)
  await expect.poll(() => dropsAt(to, 'missing-key'), within).toBeGreaterThan(30)
  const last = await framesDecoded(call)
  const dropped = await dropsAt(to, 'missing-key')
  await expect.poll(() => dropsAt(to, 'missing-key'), within).toBeGreaterThan(dropped + 30)
  expect(await framesDecoded(call)).toBe(last)
})

test('[M9] one key, one counter: three connections never use a counter twice', async () => {
  const from = newSide()
  const sides = [newSide(), newSide(), newSide()]
  const calls = []
  for (const to of sides) calls.push(await startCall({ from, to }))
  for (const call of calls) await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
  expect((await from.crypto.stats()).tracks).toHaveLength(6)
  for (const to of sides)
    expect((await to.crypto.stats()).dropped).toMatchObject({ replay: 0, 'not-authentic': 0 })
})

test('[M18] a released connection is forgotten, the others go on', async () => {
  const from = newSide()
  const to = newSide()
  const first = await startCall({ from, to })
  const second = await startCall({ from, to })
  await expect.poll(() => framesDecoded(first), within).toBeGreaterThan(5)
  first.close()
  const decoded = await framesDecoded(second)
  await expect.poll(() => framesDecoded(second), within).toBeGreaterThan(decoded + 10)
  expect((await from.crypto.stats()).tracks).toHaveLength(2)
})

test('[M70, M25] mute, unmute, another track and leaving are no failure at the receiver', async () => {
  const from = newSide()
  const to = newSide()
  const call = await startCall({ from, to })
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(10)
  const { video, audio } = call.senders
  const [camera, microphone] = [video.track, audio.track]
  const goesOn = async (): Promise<void> => {
    const before = await framesDecoded(call)
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(before + 5)
  }
  for (const track of [camera, microphone]) if (track) track.enabled = false
  await goesOn()
  for (const track of [camera, microphone]) if (track) track.enabled = true
  await Promise.all([video.replaceTrack(null), audio.replaceTrack(null)])
  await Promise.all([video.replaceTrack(camera), audio.replaceTrack(microphone)])
  await goesOn()
  await video.replaceTrack(camera?.clone() ?? null)
  await goesOn()
  video.track?.stop()
  call.sending.close()
  await from.crypto.close()
  await expect.poll(() => call.receiving.connectionState, within).not.toBe('connected')
  for (const label of ['camera', 'microphone']) {
    expect(statesOf(to, label)).toEqual(['DecryptionSuccess'])
    expect(statesOf(from, label)).toEqual(['EncryptionSuccess'])
  }
  const { dropped } = await to.crypto.stats()
  expect({ ...dropped, replay: 0 }).toEqual({ ...NO_DROPS })
})
