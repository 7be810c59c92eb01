import type { HubConnection } from '@conclave/server'
import { encodeMessage } from '@conclave/wire'
import type { ChannelName } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createGuardedHub, enter, PRESENCE, PRIVATE } from './support.ts'

const COUNT = 10_000
/** As many as the authorizers are asked at once for one connection. */
const PER_CONNECTION = 64

test(`[G4] ${COUNT} probes of channels that exist and of others are answered with the same bytes, and open nothing`, async () => {
  const { hub } = createGuardedHub()
  await enter(hub, 'alice.phone', { channel: PRIVATE })
  await enter(hub, 'alice.phone', { channel: PRESENCE })
  const before = hub.stats()
  const answers = new Map<string, number>()
  const ignore = (): void => {}
  const connect = (): HubConnection =>
    hub.connect({
      ...{ bufferedBytes: 0, leftBytes: 0, ping: ignore, pause: ignore, resume: ignore },
      ...{ close: ignore, terminate: ignore },
      send: (data) => {
        if (typeof data === 'string' && !data.includes('challenge'))
          answers.set(data, (answers.get(data) ?? 0) + 1)
      },
    })
  const names = [PRIVATE, 'private-absent', PRESENCE, 'presence-none'] as ChannelName[]
  const probes = names.map((channel) =>
    encodeMessage({
      ...{ type: 'subscribe', id: 7, channel, wants: ['subscribe'], token: 'mallory', info: '' },
    }),
  )
  let connection = connect()
  for (let n = 0; n < COUNT; n += 1) {
    if (n % PER_CONNECTION === 0) {
      connection.closed(1000)
      connection = connect()
    }
    await connection.receive(probes[n % probes.length] ?? '')
  }
  expect([...answers]).toEqual([['{"type":"denied","id":7}', COUNT]])
  const { guardedChannels, subscriptions } = before
  expect(hub.stats()).toMatchObject({ guardedChannels, subscriptions })
})
