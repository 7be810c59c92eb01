import { afterEach, expect, test } from 'vitest'
import { Cues } from '../src/platform/cues.ts'

const RealContext = AudioContext
const contexts: AudioContext[] = []

/** Counts the contexts of the page: only they make sounds. */
class WatchedContext extends RealContext {
  constructor() {
    super()
    contexts.push(this)
  }
}
globalThis.AudioContext = WatchedContext

afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
})

test('nothing sounds before the person has done something', () => {
  const cues = new Cues(() => true)
  cues.play('joined')
  expect(contexts).toEqual([])
  cues.arm()
  cues.play('joined')
  expect(contexts).toHaveLength(1)
})

test('nothing sounds while the person wants no sounds', () => {
  let isWanted = false
  const cues = new Cues(() => isWanted)
  cues.arm()
  cues.play('message')
  expect(contexts).toEqual([])
  isWanted = true
  cues.play('message')
  expect(contexts).toHaveLength(1)
})

test('all cues of a page come from one context', () => {
  const cues = new Cues(() => true)
  cues.arm()
  for (const cue of ['joined', 'left', 'message', 'lost', 'regained'] as const) cues.play(cue)
  expect(contexts).toHaveLength(1)
})
