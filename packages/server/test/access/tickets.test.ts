import { VirtualClock } from '@conclave/base/testing'
import type { Decision } from '@conclave/server'
import type { ChannelName, RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { Tickets } from '../../src/access/tickets.ts'
import type { TicketOptions } from '../../src/access/tickets.ts'
import { CHANNEL, createGrant, createRequest } from './support.ts'

const DENIED = { type: 'denied' }
const MINUTES_MS = 60_000

const create = (
  maxTickets?: number,
): {
  clock: VirtualClock
  mint: (changes?: Partial<TicketOptions>) => Promise<string | undefined>
  show: (token: string | undefined, channel?: ChannelName | RoomId) => Promise<Decision>
  tickets: Tickets
} => {
  const clock = new VirtualClock()
  const tickets = new Tickets({ clock, ...(maxTickets === undefined ? {} : { maxTickets }) })
  const { app, user, device, untilMs } = createGrant()
  const ticket = { app, user, device, untilMs, channel: CHANNEL, rights: ['subscribe'] as const }
  return {
    clock,
    mint: (changes) => tickets.mint({ ...ticket, ...changes }),
    show: async (token, channel = CHANNEL) => tickets.decide(createRequest({ token, channel })),
    tickets,
  }
}

test('[G47] a ticket grants its rights to the first connection that shows it', async () => {
  const { mint, show } = create()
  const ticket = await mint()
  expect(ticket).toMatch(/^t\.[\w-]{43}$/)
  const grant = createGrant({ rights: new Set(['subscribe']) })
  expect(await show(ticket)).toEqual({ type: 'granted', grant })
  expect(await show(ticket)).toEqual(DENIED)
})

test('[G47] two connections that show a ticket at once do not both get in', async () => {
  const { mint, show } = create()
  const ticket = await mint()
  const decisions = await Promise.all(Array.from({ length: 8 }, () => show(ticket)))
  expect(decisions.map(({ type }) => type).toSorted()).toEqual([
    ...Array.from({ length: 7 }, () => 'denied'),
    'granted',
  ])
})

test('[G47] a ticket that is shown for another channel is used up', async () => {
  const { mint, show } = create()
  const ticket = await mint()
  expect(await show(ticket, 'private-other' as ChannelName)).toEqual(DENIED)
  expect(await show(ticket)).toEqual(DENIED)
})

test('[G47] a ticket for a channel opens no room whose id looks like it', async () => {
  const { mint, tickets } = create()
  const channel = 'private-AAAAAAAAAAAAAQ' as ChannelName
  const token = await mint({ channel })
  expect(await tickets.decide(createRequest({ token, channel, kind: 'room' }))).toEqual(DENIED)
  const room = 'AAAAAAAAAAAAAAAAAAAAAQ' as RoomId
  const other = await mint({ channel: room })
  const request = createRequest({ token: other, channel: room, kind: 'room' })
  expect(await tickets.decide(request)).toMatchObject({ type: 'granted' })
})

test('[G47] a ticket must be shown within five minutes, and before its rights end', async () => {
  const { clock, mint, show } = create()
  const [long, short] = [await mint({ untilMs: clock.now() + 60 * MINUTES_MS }), await mint()]
  clock.advance(MINUTES_MS)
  expect(await show(short)).toEqual(DENIED)
  clock.advance(4 * MINUTES_MS - 1)
  const last = await mint({ untilMs: clock.now() + 60 * MINUTES_MS })
  expect(await show(long)).toMatchObject({ grant: { untilMs: 1_000_000 + 60 * MINUTES_MS } })
  clock.advance(5 * MINUTES_MS)
  expect(await show(last)).toEqual(DENIED)
})

test('[G47] a text that is no ticket is left to other authorizers, and a forged one is denied', async () => {
  const { mint, show } = create()
  const ticket = (await mint()) ?? ''
  for (const token of [undefined, 'a.b.c', 'session-1'])
    expect(await show(token)).toEqual({ type: 'pass' })
  const flipped = ticket.slice(0, -1) + (ticket.endsWith('A') ? 'E' : 'A')
  for (const token of ['t.', 't.A', flipped, `${ticket}A`, `t.${'A'.repeat(43)}`])
    expect(await show(token)).toEqual(DENIED)
  expect(await show(ticket)).toMatchObject({ type: 'granted' })
})

test('[G47] a hub keeps a bounded number of tickets, and makes no more', async () => {
  const { clock, mint, show } = create(2)
  const [one] = [await mint(), await mint()]
  expect(await mint()).toBeUndefined()
  expect(await show(one)).toMatchObject({ type: 'granted' })
  expect(await mint()).toBeDefined()
  expect(await mint()).toBeUndefined()
  clock.advance(MINUTES_MS)
  expect(await mint({ untilMs: clock.now() + 1 })).toBeDefined()
})

test.each([
  [{ channel: 'public-x' }],
  [{ channel: 'private-*' }],
  [{ rights: [] }],
  [{ user: 'a b' }],
  [{ device: '' }],
  [{ app: 'a b' }],
  [{ untilMs: 1_000_000 + 86_400_001 }],
  [{ untilMs: Number.NaN }],
])('[G47] a ticket with %o is not made', async (changes) => {
  const { mint } = create()
  await expect(mint(changes)).rejects.toThrow(`"${Object.keys(changes)[0]}" expected`)
})
