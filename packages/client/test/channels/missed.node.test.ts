/** The notices of an application whose connection was away. */
import type { HubChannel, MissedNotice } from '@conclave/client/channels'
import { encodeEventFrame } from '@conclave/adapters'
import { EventCounter, sealEventBinary } from '@conclave/e2ee'
import type { MemberId, MessageId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { MissedEvents } from '../../src/channels/missed-events.ts'
import { ScriptedHub, sealed } from './scripted-hub.ts'

const NAME = 'private-orders'
const BOB = 'AAAAAAAAAAAAAAAAAAAAAw' as MemberId

test('[G57] each return is told once, and the gap of each sender that speaks again', async () => {
  const hub = await ScriptedHub.start()
  const channel: HubChannel = hub.connect().channel(NAME, sealed('alice'))
  const notices: MissedNotice[] = []
  const values: unknown[] = []
  channel.on('missed', (notice) => notices.push(notice))
  channel.on('order', (value) => values.push(value))
  await channel.opened
  const bob = await sender('bob')
  await bob.say(hub, 7)
  await expect.poll(() => values).toEqual([0])
  expect(notices).toEqual([])
  await hub.drop()
  await expect.poll(() => notices).toEqual([{ sender: undefined, count: undefined }])
  await bob.skip(3)
  await bob.say(hub, 8)
  await bob.skip(1)
  await bob.say(hub, 8)
  await expect.poll(() => values).toEqual([0, 4, 6])
  expect(notices).toEqual([
    { sender: undefined, count: undefined },
    { sender: 'bob', count: 3 },
  ])
})

test('[G57] nothing is told of what somebody said before this client knew of it, and of what goes to one member', () => {
  const notices: MissedNotice[] = []
  const missed = new MissedEvents((notice) => notices.push(notice))
  const opened = (from: string, sequence: number, stream = 1, to?: string): void =>
    missed.opened({ sender: from, place: { stream, sequence }, to })
  opened('alice', 4)
  missed.returned()
  notices.length = 0
  opened('bob', 9)
  opened('alice', 90, 2, 'carol')
  opened('alice', 2)
  missed.opened({ sender: undefined, place: undefined, to: undefined })
  expect(notices).toEqual([])
  opened('alice', 5)
  missed.returned()
  notices.length = 0
  // Its page was loaded again: what it said before that nobody knows.
  opened('alice', 2, 3)
  expect(notices).toEqual([{ sender: 'alice', count: 2 }])
})

/** Somebody who seals with the key of `sealed`. */
async function sender(name: string) {
  const { keys } = sealed(name)
  const counter = new EventCounter({ now: 1_000_000 })
  const context = { kind: 'realtime', scope: 'channel', scopeId: NAME, eventName: 'order' } as const
  let at = 0
  const seal = () => {
    const options = { ...context, sender: name, counter, hideEventName: true }
    return sealEventBinary(at++, keys, options)
  }
  return {
    async skip(count: number): Promise<void> {
      for (let left = count; left > 0; left -= 1) await seal()
    },
    async say(hub: ScriptedHub, channel: number): Promise<void> {
      const payload = encodeEventFrame('sealed', await seal())
      const id = Buffer.alloc(16, at).toString('base64url') as MessageId
      hub.send({ type: 'deliver', channel, id, position: 1n, from: BOB, payload })
    },
  }
}
