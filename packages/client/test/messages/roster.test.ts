import { VirtualClock } from '@conclave/base/testing'
import { randomMessageId, randomParticipantId } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import type { PeerStreams } from '../../src/messages/peer-streams.ts'
import { Roster } from '../../src/messages/roster.ts'

test('[R182] messages to one session only are kept of the last 16 who left, and of all who are there', () => {
  const nothing = (): void => {}
  const roster = new Roster({
    ...{ self: randomParticipantId(), clock: new VirtualClock(), nextTo: () => 0 },
    ...{ removed: nothing, awayChanged: nothing, full: nothing, forgotten: nothing },
  })
  const peers = Array.from({ length: 20 }, (_, number) => {
    const peer = roster.present(randomParticipantId()) as PeerStreams
    for (let sequence = 0; sequence <= number; sequence += 1) {
      const id = randomMessageId()
      peer.directLog.add({ sequence, isHello: false, isKey: false, id, payload: new Uint8Array(9) })
    }
    return peer
  })
  const kept = (): readonly number[] => peers.map(({ directLog }) => directLog.since(0).length)
  const [first, ...others] = peers
  for (const { id } of peers.slice(0, 16)) roster.absent(id, 'left')
  expect(kept()).toEqual(peers.map((_, number) => number + 1))
  // It comes back, and the others go.
  if (first !== undefined) roster.present(first.id)
  for (const { id } of others.slice(15)) roster.absent(id, 'left')
  expect(kept()).toEqual([1, 0, 0, 0, ...peers.slice(4).map((_, at) => at + 5)])
  // Its place in the stream stays, and what is missing is told.
  expect(others.map(({ directLog }) => directLog.next)).toEqual(others.map((_, at) => at + 2))
  expect(others[0]?.directLog.oldest).toBe(2)
})
