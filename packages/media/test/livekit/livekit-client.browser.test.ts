/** Calls between this package and the unmodified E2EE worker of `livekit-client`, both ways. */
import { expect, onTestFinished, test } from 'vitest'
import { audioEnergy, connect, framesDecoded } from '../support/call.ts'
import type { Call, CallOptions, Side } from '../support/call.ts'
import { createOurSide, createTheirSide } from '../support/livekit-side.ts'
import type { LiveKitSide } from '../support/livekit-side.ts'

const within = { timeout: 20_000, interval: 100 }
const secret = Uint8Array.from({ length: 32 }, (_, at) => at)
const passphrase = 'wrinkle-otter-mosaic-hazel-canyon-drift'

const startCall = async (
  from: LiveKitSide,
  to: LiveKitSide,
  options: Partial<CallOptions> = {},
): Promise<Call> => {
  const call = await connect({ ...options, from: from as Side, to: to as Side })
  onTestFinished(async () => {
    call.close()
    await Promise.all([from.crypto.close(), to.crypto.close()])
  })
  await call.isProtected
  await call.startTracks()
  return call
}

test.for([
  ['video/vp8', 'script-transform', secret],
  ['video/vp8', 'encoded-streams', passphrase],
  ['video/vp9', 'script-transform', secret],
  ['video/h264', 'script-transform', secret],
] as const)(
  '[M75, M77, M78, M85] livekit-client hears and sees us: Opus and %s, %s',
  async ([videoCodec, api, material]) => {
    const ours = await createOurSide('alice', material, api)
    const theirs = await createTheirSide('bob', material)
    const call = await startCall(ours, theirs, { videoCodec })
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(20)
    await expect.poll(() => audioEnergy(call), within).toBeGreaterThan(0)
    expect(theirs.errors).toEqual([])
    const { dropped, sealed } = await ours.crypto.stats()
    expect(sealed).toBeGreaterThan(20)
    expect(Object.values(dropped).every((count) => count === 0)).toBe(true)
    expect(ours.states.map(({ state }) => state)).toEqual([
      'EncryptionSuccess',
      'EncryptionSuccess',
    ])
  },
)

test.for([
  ['video/vp8', 'script-transform', secret],
  ['video/vp8', 'encoded-streams', passphrase],
  ['video/vp9', 'script-transform', secret],
  ['video/h264', 'script-transform', secret],
] as const)(
  '[M75, M77, M78, M81, M85] we hear and see livekit-client: Opus and %s, %s',
  async ([videoCodec, api, material]) => {
    const theirs = await createTheirSide('alice', material)
    const ours = await createOurSide('bob', material, api)
    const call = await startCall(theirs, ours, { videoCodec })
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(20)
    await expect.poll(() => audioEnergy(call), within).toBeGreaterThan(0)
    const { dropped, opened } = await ours.crypto.stats()
    expect(opened).toBeGreaterThan(20)
    // No frame of an honest sender looks like a replay, or like a forgery.
    expect(Object.values(dropped).every((count) => count === 0)).toBe(true)
    expect(ours.states.map(({ state }) => state)).toEqual([
      'DecryptionSuccess',
      'DecryptionSuccess',
    ])
  },
)

test('[M86] both follow a key change in a running call', async () => {
  const ours = await createOurSide('alice', secret, 'script-transform')
  const theirs = await createTheirSide('bob', secret)
  const call = await startCall(ours, theirs)
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(20)
  await theirs.setKey(passphrase, 1)
  const before = await framesDecoded(call)
  await ours.ring.setKey(passphrase, { keyIndex: 1 })
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(before + 20)
  expect(theirs.errors).toEqual([])
})

test('[M79] clear frames of livekit-client are neither heard nor seen, and the application is told', async () => {
  const theirs = await createTheirSide('alice', secret)
  theirs.enable('alice', false)
  const ours = await createOurSide('bob', secret, 'script-transform')
  const call = await startCall(theirs, ours)
  await expect
    .poll(async () => (await ours.crypto.stats()).dropped.malformed, within)
    .toBeGreaterThan(20)
  expect(await framesDecoded(call)).toBe(0)
  expect(await audioEnergy(call)).toBe(0)
  expect(new Set(ours.states.map(({ state }) => state))).toEqual(new Set(['DecryptionFailed']))
})

test('[M82] a wrong key is silence and no picture, from the first frame on; the right one ends it', async () => {
  const theirs = await createTheirSide('alice', secret)
  const ours = await createOurSide('bob', secret.toReversed(), 'script-transform')
  const call = await startCall(theirs, ours)
  const refused = async (): Promise<number> => (await ours.crypto.stats()).dropped['not-authentic']
  await expect.poll(refused, within).toBeGreaterThan(20)
  expect(await framesDecoded(call)).toBe(0)
  expect(ours.states[0]).toMatchObject({ state: 'InvalidKey', reason: 'wrong-key' })
  await ours.ring.setKey(secret)
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(5)
})
