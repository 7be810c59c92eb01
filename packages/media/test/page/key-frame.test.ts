import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { forceKeyFrame } from '../../src/page/key-frame.ts'
import type { KeyFrameOptions } from '../../src/page/key-frame.ts'
import { settle } from '../support/settle.ts'

/** A sender whose engine makes a key frame when it is asked in one of the two ways, or says so and makes none. */
const scene = (engine: { readonly hasTransformer: boolean; readonly isDeaf?: boolean }) => {
  const clock = new VirtualClock(0)
  const made = { keyFrames: 3 }
  const asked: string[] = []
  const link = {
    request: async ({ type }: { readonly type: string }) => {
      if (type === 'read-counters') return [{ pipe: 7, ...made }]
      if (engine.hasTransformer) asked.push('transformer')
      if (engine.hasTransformer && engine.isDeaf !== true) made.keyFrames += 1
      return { isAsked: engine.hasTransformer }
    },
  } as unknown as KeyFrameOptions['link']
  const sender = {
    track: {},
    getParameters: () => ({ encodings: [{}, {}] }),
    setParameters: async (_: unknown, options: unknown) => {
      asked.push(JSON.stringify(options))
      if (!engine.hasTransformer) made.keyFrames += 1
    },
  } as unknown as RTCRtpSender
  return { clock, asked, done: forceKeyFrame(sender, { link, pipe: 7, clock }) }
}

const byParameters = JSON.stringify({ encodingOptions: [{ keyFrame: true }, { keyFrame: true }] })

test.for([
  ['a transformer that makes one', { hasTransformer: true }, ['transformer']],
  ['parameters where there is none', { hasTransformer: false }, [byParameters]],
] as const)('[M22, M60] a key frame comes: by %s', async ([, engine, expected]) => {
  const { clock, asked, done } = scene(engine)
  await settle()
  clock.advance(250)
  await done
  expect(asked).toEqual(expected)
})

test('[M60] an engine that promises a key frame and makes none is asked the other way after 250 ms', async () => {
  const { clock, asked, done } = scene({ hasTransformer: true, isDeaf: true })
  await settle()
  clock.advance(249)
  await settle()
  expect(asked).toEqual(['transformer'])
  clock.advance(1)
  await done
  expect(asked).toEqual(['transformer', byParameters])
})
