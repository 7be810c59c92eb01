/** Events for one recipient, over a carrier whose ends have addresses. */
import { EventCounter } from '@conclave/e2ee'
import { sealChannel } from '@conclave/adapters'
import type { ArrivedEvent, ClearEvent, SealedChannel } from '@conclave/adapters'
import { expect, test } from 'vitest'
import { Carrier, CONTEXT, failureOf, joinSealed, ringOf } from '../fixtures.ts'

interface End {
  readonly channel: SealedChannel
  readonly events: (ArrivedEvent | ClearEvent)[]
  readonly opened: string[]
  readonly drops: string[]
  readonly sentTo: (string | undefined)[]
}

function join(carrier: Carrier, sender: string, hideEventNames = false): End {
  const [events, opened, drops]: [End['events'], string[], string[]] = [[], [], []]
  const sentTo: End['sentTo'] = []
  const transport = carrier.join()
  const channel = sealChannel(
    {
      ...transport,
      recipients: { self: () => sender, counter: new EventCounter({ now: 5_000_000 }) },
      opened: ({ sender: from, to }) => void opened.push(`${from} to ${to}`),
      send: (name, envelope, signal, to) => {
        sentTo.push(to)
        return transport.send(name, envelope, signal)
      },
    },
    { keys: ringOf(), context: CONTEXT, sender, hideEventNames },
  )
  channel.on('message', (_value, event) => events.push(event))
  channel.on('dropped', ({ reason }) => drops.push(reason))
  return { channel, events, opened, drops, sentTo }
}

test.each([
  ['json', false],
  ['binary', true],
] as const)('[G56] over %s only the recipient handles an event', async (encoding, isHidden) => {
  const carrier = new Carrier(encoding)
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) =>
    join(carrier, name, isHidden),
  ) as [End, End, End]
  await alice.channel.send('message', 1, { to: 'bob' })
  await alice.channel.send('message', 2)
  expect(alice.sentTo).toEqual(['bob', undefined])
  expect(carrier.messages[0]?.name).toBe('sealed')
  expect(JSON.stringify(carrier.messages[0])).not.toContain('bob')
  carrier.flush()
  await expect.poll(() => [bob.events.length, carol.events.length]).toEqual([2, 1])
  expect(bob.events).toMatchObject([
    { type: 'sealed', eventName: 'message', to: 'bob', place: { sequence: 0 } },
    { type: 'sealed', eventName: 'message', to: undefined, place: { sequence: 0 } },
  ])
  expect(carol.drops).toEqual(['unexpected'])
  expect(carol.opened).toEqual(['alice to bob', 'alice to undefined'])
})

test('[G56] a carrier without recipients, and a clear name, take no event for one', async () => {
  const plain = joinSealed(new Carrier(), { sender: 'alice', clear: ['open'] })
  expect(await failureOf(plain.channel.send('message', 1, { to: 'bob' }))).toBeInstanceOf(TypeError)
  const { channel } = join(new Carrier(), 'alice')
  expect(await failureOf(channel.send('message', 1, { to: '' }))).toMatchObject({
    message: expect.stringContaining('"to"') as string,
  })
})

test('[G56, T2] no event of an application has the name of one for a recipient', async () => {
  const { channel } = join(new Carrier(), 'alice')
  const sent = channel.send('conclave/to bob message', 1)
  expect(await failureOf(sent)).toBeInstanceOf(RangeError)
})
