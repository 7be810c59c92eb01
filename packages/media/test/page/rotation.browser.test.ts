import { rotateSharedKey } from '@conclave/media'
import { expect, onTestFinished, test } from 'vitest'
import { connect, createSide, framesDecoded, secret } from '../support/call.ts'
import type { Side } from '../support/call.ts'

const within = { timeout: 20_000, interval: 50 }

const newSide = (): Side => {
  const side = createSide()
  onTestFinished(() => side.crypto.close())
  return side
}

test('[M59, M61] a key that comes late to a receiver costs no frame: it is used when the receiver has it', async () => {
  const [alice, bob] = [newSide(), newSide()]
  const call = await connect({ from: alice, to: bob })
  onTestFinished(() => call.close())
  await call.isProtected
  await call.startTracks()
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(20)
  const pause = async (frames: number): Promise<void> => {
    const decoded = await framesDecoded(call)
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(decoded + frames)
  }
  const keyFrames = async (): Promise<number> =>
    (await alice.crypto.stats()).tracks.find(({ kind }) => kind === 'video')?.keyFrames ?? 0
  for (const epoch of [1n, 2n, 3n]) {
    const [before, kid] = [await keyFrames(), await alice.crypto.describe()]
    const next = { secret: secret(Number(epoch) + 20), epoch }
    const rotation = rotateSharedKey(alice.keys, next, { receivers: [bob.id] })
    await pause(8)
    expect(await alice.crypto.describe()).toBe(kid)
    bob.keys.addKey(next.secret, epoch)
    rotation.ready(bob.id)
    expect(await rotation.switched).toEqual({ missing: [] })
    bob.keys.use(epoch)
    await expect.poll(keyFrames, within).toBeGreaterThan(before)
    await pause(15)
    expect(await alice.crypto.describe()).not.toBe(kid)
  }
  const { dropped } = await bob.crypto.stats()
  expect(Object.values(dropped).reduce((sum, count) => sum + count)).toBe(0)
  expect(bob.states.every(({ state }) => state === 'DecryptionSuccess')).toBe(true)
  expect(alice.states.every(({ state }) => state === 'EncryptionSuccess')).toBe(true)
})

test('[M18] fifteen calls leave nothing behind in a worker', { timeout: 60_000 }, async () => {
  const [alice, bob] = [newSide(), newSide()]
  for (let i = 0; i < 15; i += 1) {
    const call = await connect({ from: alice, to: bob })
    await call.isProtected
    await call.startTracks()
    await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(0)
    call.close()
  }
  for (const { crypto } of [alice, bob]) {
    const { tracks, participants } = await crypto.stats()
    expect([tracks.length, participants.size]).toEqual([0, 0])
  }
})
