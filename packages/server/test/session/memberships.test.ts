import { createMemoryEngine } from '@conclave/server'
import type { Engine, EngineChannel } from '@conclave/server'
import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { createTestHub, unreachable } from '../support.ts'

/** An engine that enters a participant and answers as `answer` says, which gets the true answer. */
function createEngine(answer: EngineChannel['enter'], isChanged: () => boolean): Engine {
  const engine = createMemoryEngine()
  return {
    attach: async (room, listener) => {
      const channel = await engine.attach(room, listener)
      const enter: EngineChannel['enter'] = async (entry) => {
        const result = await channel.enter(entry)
        return isChanged() ? answer(entry) : result
      }
      return { ...channel, enter }
    },
    close: () => engine.close(),
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('[H15] a leave between the grant and the answer of the engine is announced at once, and once', async () => {
  let onAnswer: () => void = unreachable
  const answered = new Promise<void>((resolve) => (onAnswer = resolve))
  let isSlow = false
  const engine = createEngine(
    () => answered.then(() => 'entered'),
    () => isSlow,
  )
  const { hub } = createTestHub({ engine })
  const room = await createTestRoom()
  const [alice, bob] = [new MemoryClient(hub), new MemoryClient(hub)]
  await alice.join(room)
  isSlow = true
  const joining = bob.join(room)
  while (bob.heard('joined').length === 0) await settle()
  const { participant } = bob
  await bob.say({ type: 'leave', room: room.id })
  expect(alice.heard('participantLeft')).toMatchObject([{ participant, reason: 'left' }])
  onAnswer()
  await joining
  bob.close()
  alice.close()
  await settle()
  expect(alice.heard('participantLeft')).toHaveLength(1)
  expect(hub.stats()).toMatchObject({ connections: 0, channels: 0 })
})

test('[H15] an engine that enters a participant and fails to answer leaves no ghost', async () => {
  let isBroken = false
  const engine = createEngine(
    () => Promise.reject(new Error('canary')),
    () => isBroken,
  )
  const { hub } = createTestHub({ engine })
  const room = await createTestRoom()
  const [alice, bob] = [new MemoryClient(hub), new MemoryClient(hub)]
  await alice.join(room)
  isBroken = true
  await bob.join(room)
  expect(bob.end?.code).toBe(4503)
  const { participant } = bob
  expect(alice.heard('participantJoined')).toMatchObject([{ participant }])
  expect(alice.heard('participantLeft')).toMatchObject([{ participant, reason: 'lost' }])
  bob.close(1006)
  alice.close()
  await settle()
  expect(hub.stats()).toMatchObject({ connections: 0, channels: 0 })
})
