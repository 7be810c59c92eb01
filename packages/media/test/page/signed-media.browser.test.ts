/** Signed media in calls: all codecs both ways, and a member with the key of somebody else. */
import { createSessionKeys } from '@conclave/e2ee/session'
import type { SessionKeys } from '@conclave/e2ee/session'
import { FrameCrypto } from '@conclave/media'
import type { ProfiledFrameCryptoOptions, SignedMedia } from '@conclave/media'
import { createLiveKitProfile, LiveKitKeys } from '@conclave/media/livekit'
import { readRecording, spawnRecordingWorker } from '@conclave/media/testing'
import { expect, onTestFinished, test } from 'vitest'
import { connect, createSide, framesDecoded } from '../support/call.ts'
import type { Call, CallOptions, Side } from '../support/call.ts'

const within = { timeout: 30_000, interval: 100 }
const signs = (): boolean => true

/** A side whose session signs its media. */
const signingSide = async (
  createWorker?: () => Worker,
): Promise<Side & { session: SessionKeys }> => {
  const session = await createSessionKeys()
  const signedMedia = { session, signs }
  const worker = createWorker && { createWorker }
  const side = createSide({ self: session.id, signedMedia, ...worker })
  onTestFinished(() => side.crypto.close())
  return { ...side, session }
}

const start = async (options: CallOptions): Promise<Call> => {
  const call = await connect(options)
  onTestFinished(() => call.close())
  await call.isProtected
  await call.startTracks()
  return call
}

const more = async (call: Call, frames = 20): Promise<void> => {
  const before = await framesDecoded(call)
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(before + frames)
}

const hasCodec = (codec: string): boolean =>
  [RTCRtpSender, RTCRtpReceiver].every(({ getCapabilities }) =>
    getCapabilities('video')?.codecs.some(({ mimeType }) => mimeType.toLowerCase() === codec),
  )

const codecs = ['video/vp8', 'video/vp9', 'video/av1', 'video/h264'].filter(hasCodec)

test.for(codecs)('[M89, M92, M93] %s, and sound, signed both ways', async (videoCodec) => {
  const workers = [spawnRecordingWorker(), spawnRecordingWorker()] as const
  const alice = await signingSide(() => workers[0])
  const bob = await signingSide(() => workers[1])
  const there = await start({ from: alice, to: bob, videoCodec })
  const back = await start({ from: bob, to: alice, videoCodec })
  await Promise.all([more(there, 60), more(back, 60)])
  const read = async () =>
    [await readRecording(workers[0]), await readRecording(workers[1])] as const
  // What was made is looked up after what was decoded.
  const [byAlice, byBob] = await read()
  const [ofAlice, ofBob] = await read()
  for (const [sent, received] of [
    [ofAlice, byBob],
    [ofBob, byAlice],
  ] as const) {
    const made = new Set(
      sent.filter(({ point }) => point === 'encoder').map(({ data }) => data.join()),
    )
    const decoded = received.filter(({ point }) => point === 'decoder')
    expect(decoded.length).toBeGreaterThan(60)
    expect(decoded.filter(({ data }) => !made.has(data.join()))).toEqual([])
  }
  for (const side of [alice, bob]) {
    const { dropped } = await side.crypto.stats()
    expect(dropped).toMatchObject({ 'not-signed': 0, 'not-authentic': 0, malformed: 0 })
    expect(side.states.filter(({ state }) => !state.endsWith('Success'))).toEqual([])
  }
})

test('[M92] layers are signed each, and keys rotate in the call', async () => {
  const [alice, bob] = [await signingSide(), await signingSide()]
  const call = await start({
    ...{ from: alice, to: bob, videoCodec: 'video/vp9' },
    encodings: [{ scalabilityMode: 'L3T3_KEY' }],
  })
  await more(call, 40)
  for (let epoch = 1; epoch < 4; epoch += 1) {
    for (const { keys } of [bob, alice]) keys.setKey(new Uint8Array(32).fill(epoch), BigInt(epoch))
    await more(call, 30)
  }
  expect((await bob.crypto.stats()).dropped['not-signed']).toBe(0)
})

/** Mallory, who holds Alice's keys, seals as Alice: her worker's key is certified by another session. */
const posing = async (alice: Side, signedMedia: 'unsigned' | 'signed'): Promise<Side> => {
  const mallory = await createSessionKeys()
  const session: SignedMedia['session'] = {
    id: alice.id,
    signingKey: mallory.signingKey,
    sign: (bytes) => mallory.sign(bytes),
  }
  const side = createSide({
    self: alice.id,
    ...(signedMedia === 'signed' && { signedMedia: { session } }),
  })
  onTestFinished(() => side.crypto.close())
  return side
}

test('[M94, M95] frames that another one signed are shown for some seconds, then the track is disabled and stays so', async () => {
  const [alice, bob] = [await signingSide(), await signingSide()]
  await more(await start({ from: alice, to: bob }))
  const shown = await start({ from: await posing(alice, 'signed'), to: bob })
  const stopped = (): readonly string[] =>
    bob.states.filter(({ reason }) => reason === 'not-signed').map(({ label }) => label)
  await expect.poll(stopped, within).toEqual(expect.arrayContaining(['camera', 'microphone']))
  expect(shown.receivers.video?.track.enabled).toBe(false)
  expect(shown.receivers.audio?.track.enabled).toBe(false)
  const decoded = await framesDecoded(shown)
  await expect
    .poll(async () => (await bob.crypto.stats()).dropped['not-signed'], within)
    .toBeGreaterThan(50)
  // Some wait in the decoder.
  expect((await framesDecoded(shown)) - decoded).toBeLessThan(20)
  const next = await connect({ from: alice, to: bob })
  onTestFinished(() => next.close())
  await next.isProtected
  expect(next.receivers.video?.track.enabled).toBe(false)
})

test('[M89, M95] frames without signatures, of somebody who signs, are shown never', async () => {
  const [alice, bob] = [await signingSide(), await signingSide()]
  const call = await start({ from: await posing(alice, 'unsigned'), to: bob })
  await expect
    .poll(async () => (await bob.crypto.stats()).dropped['not-authentic'], within)
    .toBeGreaterThan(50)
  expect(await framesDecoded(call)).toBe(0)
})

test('[M97] a value that is no session, and another session, are refused', async () => {
  const session = await createSessionKeys()
  for (const signedMedia of [{ session }, { signs: 1 }, null, 'yes'] as unknown as SignedMedia[]) {
    expect(() => createSide({ signedMedia })).toThrow(/^"signedMedia" expected/)
  }
  const profile = createLiveKitProfile(new LiveKitKeys({ sharedKey: true }))
  const options = { profile, self: 'alice', signedMedia: { session } }
  expect(() => new FrameCrypto(options as unknown as ProfiledFrameCryptoOptions)).toThrow(
    /^"signedMedia" expected nothing/,
  )
})
