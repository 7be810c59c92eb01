import { expect, onTestFinished, test } from 'vitest'
import type { TransformApi } from '@conclave/media'
import { audioEnergy, connect, createSide, framesDecoded } from './support/call.ts'
import type { Call, Side } from './support/call.ts'

const within = { timeout: 15_000, interval: 100 }

test.for<[TransformApi, TransformApi]>([
  ['script', 'script'],
  ['streams', 'streams'],
  ['script', 'streams'],
  ['streams', 'script'],
])('[M18] [M19] video and sound arrive: %s to %s', async ([sendingApi, receivingApi]) => {
  const from = createSide({ api: sendingApi })
  const to = createSide({ api: receivingApi })
  const call = await startCall(from, to)
  await call.isProtected
  await call.startTracks()
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(10)
  await expect.poll(() => audioEnergy(call), within).toBeGreaterThan(0)
  await expect.poll(() => call.video.videoWidth, within).toBeGreaterThan(0)
})

const startCall = async (from: Side, to: Side): Promise<Call> => {
  const call = await connect({ from, to })
  onTestFinished(async () => {
    call.close()
    await from.crypto.close()
    await to.crypto.close()
  })
  return call
}
