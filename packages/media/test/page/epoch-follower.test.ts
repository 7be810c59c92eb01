import { Emitter } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import type { EpochEvent } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { EPOCH_GRACE_MS, EpochFollower } from '../../src/page/epoch-follower.ts'
import type { KeyDelivery, MediaKeySource } from '../../src/page/key-delivery.ts'
import type { WorkerLink } from '../../src/page/worker-link.ts'
import { settle } from '../support/settle.ts'

const alice = 'alice' as ParticipantId
const bob = 'bob' as ParticipantId

interface Events {
  readonly epochChanged: EpochEvent
  readonly epochAdded: EpochEvent
  readonly epochRetired: EpochEvent
}

/** A follower in alice's session, and what it did. */
const scene = () => {
  const clock = new VirtualClock(0)
  const source = new Emitter<Events>()
  const commands: string[] = []
  const retired: unknown[] = []
  const keys = { hasKey: true, senderKeys: 0, prepared: [] as bigint[] }
  const follower = new EpochFollower({
    keys: source as unknown as MediaKeySource,
    self: alice,
    clock,
    link: { command: ({ type }: { type: string }) => commands.push(type) } as unknown as WorkerLink,
    delivery: {
      notePrepared: (epoch: bigint) => keys.prepared.push(epoch),
      retire: (epochs: unknown, sender: unknown) => retired.push([epochs, sender]),
      senderKid: async () => {
        if (!keys.hasKey) throw new Error('no key')
        return 1n
      },
    } as unknown as KeyDelivery,
    onSenderKey: () => {
      keys.senderKeys += 1
    },
  })
  return { clock, source, commands, retired, keys, follower }
}

test('[M15] a new epoch: a sender key at once, and earlier keys go after the grace', async () => {
  const { clock, source, commands, retired, keys } = scene()
  source.emit('epochChanged', { epoch: 3n })
  await settle()
  expect([commands, keys.senderKeys]).toEqual([['epoch-changed'], 1])
  clock.advance(EPOCH_GRACE_MS - 1)
  expect(retired).toEqual([])
  clock.advance(1)
  expect(retired).toEqual([[{ first: 0n, last: 2n }, undefined]])
})

test('[M59] an epoch of this session that was prepared is told apart', async () => {
  const { source, keys } = scene()
  source.emit('epochChanged', { epoch: 1n })
  source.emit('epochChanged', { epoch: 2n, isPrepared: true })
  source.emit('epochChanged', { epoch: 3n, sender: bob, isPrepared: true })
  source.emit('epochChanged', { epoch: 4n, sender: alice, isPrepared: true })
  await settle()
  expect(keys.prepared).toEqual([2n, 4n])
})

test('[M15] the epoch of another sender changes no key of this session', async () => {
  const { clock, source, retired, keys } = scene()
  source.emit('epochChanged', { epoch: 3n, sender: bob })
  await settle()
  expect(keys.senderKeys).toBe(0)
  clock.advance(EPOCH_GRACE_MS)
  expect(retired).toEqual([[{ first: 0n, last: 2n }, bob]])
})

test('[M15] without a key of the new epoch no key frame is asked for', async () => {
  const { source, keys } = scene()
  keys.hasKey = false
  source.emit('epochChanged', { epoch: 3n })
  await settle()
  expect(keys.senderKeys).toBe(0)
})

test('[M15] an added epoch begins no grace, a retired one ends at once', () => {
  const { clock, source, commands, retired } = scene()
  source.emit('epochAdded', { epoch: 3n })
  expect([commands, clock.pending]).toEqual([['epoch-changed'], 0])
  source.emit('epochRetired', { epoch: 1n })
  expect(retired).toEqual([[{ first: 1n, last: 1n }, undefined]])
})

test('[M15] no key is delivered after the end', () => {
  const { clock, source, commands, follower } = scene()
  source.emit('epochChanged', { epoch: 3n })
  follower.close()
  expect(clock.pending).toBe(0)
  source.emit('epochAdded', { epoch: 4n })
  expect(commands).toEqual(['epoch-changed'])
})
