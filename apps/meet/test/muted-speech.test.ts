import { expect, test } from 'vitest'
import { LocalMedia } from '../src/state/local-media.ts'
import { watchMutedSpeech } from '../src/state/muted-speech.ts'
import { TestContext } from './support/context.ts'
import type { TestTrack } from './support/tracks.ts'

const begin = async (): Promise<{
  media: LocalMedia
  speak: (forMs: number) => Promise<void>
  told: () => number
  copies: readonly TestTrack[]
  stop: () => void
}> => {
  const context = new TestContext()
  const media = new LocalMedia(context.mediaPort, context)
  const copies: TestTrack[] = []
  const heard = new Set<(level: number) => void>()
  let told = 0
  await media.start()
  const stop = watchMutedSpeech(media, {
    clock: context.clock,
    levels: {
      watch(track, hear) {
        copies.push(track as unknown as TestTrack)
        heard.add(hear)
        return () => heard.delete(hear)
      },
    },
    tell: () => {
      told += 1
    },
  })
  const speak = async (forMs: number): Promise<void> => {
    for (let passed = 0; passed <= forMs; passed += 100) {
      for (const hear of heard) hear(0.4)
      await context.clock.pass(100)
    }
  }
  return { media, speak, told: () => told, copies, stop }
}

test('speaking into an open microphone is no news', async () => {
  const { speak, told, copies } = await begin()
  await speak(5000)
  expect(told()).toBe(0)
  expect(copies).toHaveLength(0)
})

test('speech into a microphone that is off is reported once, a cough is not', async () => {
  const { media, speak, told, copies } = await begin()
  await media.toggle('microphone')
  await speak(500)
  expect(told()).toBe(0)
  await speak(5000)
  expect(told()).toBe(1)
  expect(copies.map((copy) => copy.readyState)).toEqual(['ended'])
  await media.toggle('microphone')
  await media.toggle('microphone')
  await speak(5000)
  expect(told()).toBe(2)
})

test('the analyser is released with the rest', async () => {
  const { media, copies, stop } = await begin()
  await media.toggle('microphone')
  expect(copies[0]).toMatchObject({ readyState: 'live', enabled: true })
  stop()
  expect(copies[0]?.readyState).toBe('ended')
})
