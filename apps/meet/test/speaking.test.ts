import { expect, test } from 'vitest'
import { createSpeakingGate } from '../src/state/speaking-gate.ts'
import { SpeakingMonitor } from '../src/state/speaking-monitor.ts'
import { TestTrack, asTrack } from './support/tracks.ts'
import { SettlingClock } from './support/virtual-clock.ts'

test('a voice opens the gate at once, and a pause between words does not close it', () => {
  const gate = createSpeakingGate()
  expect(gate.hear(0.05, 0)).toBe(false)
  expect(gate.hear(0.3, 100)).toBe(true)
  expect(gate.hear(0, 400)).toBe(true)
  expect(gate.hear(0, 700)).toBe(false)
})

test('the level that keeps the gate open is lower than the one that opens it', () => {
  const gate = createSpeakingGate()
  gate.hear(0.3, 0)
  for (let now = 100; now < 2000; now += 100) expect(gate.hear(0.12, now)).toBe(true)
  expect(createSpeakingGate().hear(0.12, 0)).toBe(false)
})

test('the monitor listens to whom it is told, and forgets who is gone', () => {
  const heard = new Map<MediaStreamTrack, (level: number) => void>()
  const levels = {
    watch(track: MediaStreamTrack, hear: (level: number) => void) {
      heard.set(track, hear)
      return () => heard.delete(track)
    },
  }
  const monitor = new SpeakingMonitor(levels, new SettlingClock())
  const alice = asTrack(new TestTrack('audio', 'alice'))
  const bob = asTrack(new TestTrack('audio', 'bob'))
  monitor.follow([
    { id: 'alice', track: alice },
    { id: 'bob', track: bob },
  ])
  heard.get(alice)?.(0.5)
  expect([...monitor.speaking.value]).toEqual(['alice'])
  const again = asTrack(new TestTrack('audio', 'alice again'))
  monitor.follow([{ id: 'alice', track: again }])
  expect([...heard.keys()]).toEqual([again])
  expect([...monitor.speaking.value]).toEqual([])
  heard.get(again)?.(0.5)
  monitor.close()
  expect(heard.size).toBe(0)
  expect(monitor.speaking.value.size).toBe(0)
})
