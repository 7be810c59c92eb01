import { createMemoryEngine } from '@conclave/server'
import type { Engine } from '@conclave/server'
import { VirtualClock } from '@conclave/base/testing'
import { idToBytes, SERVER_SENDER } from '@conclave/wire'
import type { ChannelName } from '@conclave/wire'
import { expect, test } from 'vitest'
import { ChannelNames } from '../../src/guarded/channel-names.ts'
import { bytes } from '../support.ts'
import { createGuardedHub, enter, PRIVATE } from './support.ts'

const channel = PRIVATE as ChannelName

test('[G3] lanes and member ids are those of the chapter', async () => {
  const names = new ChannelNames(new Uint8Array(32).fill(7))
  const lane = await names.lane({ app: 'shop', channel })
  const member = await names.member({ lane, user: 'alice', device: 'phone' })
  // Computed with Python's hmac from the words of the chapter.
  expect([lane, member]).toEqual(['LRcYpkdKQqSQF-w8kNpYZg', 'Hf5o9_QvYLPpISe6BD_UpQ'])
  expect(await names.lane({ app: '', channel })).not.toBe(lane)
  expect(idToBytes(member)).toHaveLength(16)
  expect(member).not.toBe(SERVER_SENDER)
  expect(await names.member({ lane, user: 'alicep', device: 'hone' })).not.toBe(member)
})

test('[G3] a channel key has 32 bytes, and a hub draws one when none is given', async () => {
  expect(() => createGuardedHub({ channelKey: new Uint8Array(31) })).toThrow(RangeError)
  const memberAt = async (channelKey?: Uint8Array): Promise<string | undefined> => {
    const { hub } = createGuardedHub(channelKey === undefined ? {} : { channelKey })
    const alice = await enter(hub, 'alice.phone')
    return alice.heard('subscribed')[0]?.member
  }
  const key = new Uint8Array(32).fill(1)
  expect(await memberAt(key)).toBe(await memberAt(key))
  expect(await memberAt()).not.toBe(await memberAt())
})

test('[G3] an engine sees neither the name of a channel nor who sends', async () => {
  const seen: string[] = []
  const inner = createMemoryEngine({ clock: new VirtualClock() })
  const engine: Engine = {
    ...inner,
    attach: async (lane, listener) => {
      seen.push(lane)
      const attached = await inner.attach(lane, listener)
      return {
        ...attached,
        publish: (message) => {
          seen.push(message.from, message.id)
          return attached.publish(message)
        },
      }
    },
  }
  const { hub } = createGuardedHub({ engine })
  const alice = await enter(hub, 'alice.phone', { channel: 'private-alice' })
  await alice.publish(bytes('hello'))
  expect(seen).toHaveLength(3)
  for (const text of seen) expect(text).toMatch(/^[\w-]{22}$/)
})
