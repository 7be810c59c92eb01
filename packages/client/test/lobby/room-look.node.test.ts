import { createSealer, deriveLinkKeys } from '@conclave/e2ee'
import { INTRODUCTION_FORMAT } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RoomLook, lookInside } from '../../src/index.ts'
import { decodeInside, encodeInside } from '../../src/lobby/inside.ts'
import type { LocalTransport } from '../../src/testing/index.ts'
import { type GovernedRoom, governedRoom, namesIn } from '../admission/governed-room.ts'

let stand: GovernedRoom
let looks: RoomLook[]

beforeEach(async () => {
  stand = await governedRoom()
  looks = []
})

afterEach(async () => {
  for (const look of looks) look.close()
  await stand.leave()
})

/** Looks into the room; `id` is what the hub calls the look. */
async function look(): Promise<{ readonly look: RoomLook; readonly id: () => ParticipantId }> {
  let transport: LocalTransport | undefined
  const made = await lookInside(stand.link, {
    clock: stand.clock,
    transport: (self) => {
      transport = stand.hub.transport(self)
      return transport
    },
  })
  looks.push(made)
  return { look: made, id: () => transport?.self as ParticipantId }
}

test('[R65, R66] somebody in the lobby of an open room sees who is in, and is seen by nobody', async () => {
  const alice = await stand.joinAsOwner('Alice')
  const bob = await stand.join('Bob')
  await stand.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
  const asked: string[] = []
  alice.on('asks', ({ name }) => asked.push(name))
  const { look: seen } = await look()
  await stand.until(() => seen.snapshot.inside !== undefined)
  expect(seen.snapshot.entry).toBe('open')
  expect(seen.snapshot.inside?.count).toBe(2)
  expect([...(seen.snapshot.inside?.names ?? [])].toSorted()).toEqual(['Alice', 'Bob'])
  await stand.pass(5)
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
  expect(asked).toEqual([])
})

test('[R65] the view follows those who come and go', async () => {
  const alice = await stand.joinAsOwner('Alice')
  const { look: seen } = await look()
  const views: string[] = []
  seen.subscribe(() => views.push(JSON.stringify(seen.snapshot)))
  await stand.until(() => seen.snapshot.inside?.names.join() === 'Alice')
  const bob = await stand.join('Bob')
  await stand.until(() => seen.snapshot.inside?.count === 2)
  await bob.leave()
  await stand.until(() => seen.snapshot.inside?.count === 1)
  await alice.leave()
  await stand.until(() => seen.snapshot.inside === undefined)
  // Bob may answer before he has met Alice; nobody hears of a view that is as before.
  expect(views.length).toBeGreaterThanOrEqual(4)
  for (const [at, view] of views.entries()) expect(view).not.toBe(views[at - 1])
  expect(Object.isFrozen(seen.snapshot)).toBe(true)
})

test.each([
  ['ask', 'ask'],
  ['locked', 'closed'],
] as const)('[R65] under the rule `%s` nobody tells who is in', async (rule, entry) => {
  const alice = await stand.joinAsOwner('Alice')
  const bob = await stand.join('Bob')
  await stand.until(() => namesIn(bob).length === 1)
  await alice.authority.setRule(rule)
  await stand.until(() => bob.snapshot.authority.rule === rule)
  const { look: seen, id } = await look()
  const views: unknown[] = []
  seen.subscribe(() => views.push(seen.snapshot.inside))
  await stand.until(() => stand.hub.seen.filter(({ from }) => from === id()).length > 6)
  await stand.until(() => seen.snapshot.entry === entry)
  expect(views.every((inside) => inside === undefined)).toBe(true)
  expect(alice.snapshot.authority.asking.map((asking) => asking.id)).not.toContain(id())
  // Introductions only, and none with a name: nothing under keys that the look could have.
  const toLook = stand.hub.seen.filter(({ to, payload }) => to === id() && payload.length > 0)
  const direct = toLook.filter(({ payload }) => payload[2] === 1 && payload[0] === 1)
  expect(direct).toEqual([])
})

test('[R65] when the rule changes, nobody tells who is in from then on', async () => {
  const alice = await stand.joinAsOwner('Alice')
  const { look: seen } = await look()
  await stand.until(() => seen.snapshot.inside !== undefined)
  await alice.authority.setRule('ask')
  await stand.until(() => seen.snapshot.entry === 'ask')
  expect(seen.snapshot.inside).toBeUndefined()
})

test('[R66] the answer is sealed for the one who looks: no other holder of the link reads it', async () => {
  await stand.joinAsOwner('Alice')
  const { look: seen, id } = await look()
  await stand.until(() => seen.snapshot.inside !== undefined)
  const answers = stand.hub.seen.filter(({ to, payload }) => to === id() && payload[1] === 11)
  expect(answers.length).toBeGreaterThan(0)
  const { room, keys } = await deriveLinkKeys(stand.link.secret)
  const self = id()
  for (const { from, payload } of answers) {
    const opened = await createSealer({ keys, room, unsafeSelf: self }).open(from, payload)
    expect(opened).toMatchObject({ type: 'dropped', reason: 'other-key' })
  }
  // And no introduction to it carries a name, which every holder of the link could read.
  const introductions = stand.hub.seen.filter(
    ({ to, payload }) => to === id() && payload[0] === INTRODUCTION_FORMAT,
  )
  for (const { payload } of introductions) expect(payload.length).toBe(181 + 96)
})

test('[R66] members answer looks as a rate allows, and meet each other all the same', async () => {
  const alice = await stand.joinAsOwner('Alice')
  const made: RoomLook[] = []
  for (let n = 0; n < 60; n += 1) made.push((await look()).look)
  for (let step = 0; step < 20; step += 1) await stand.pass(0.05)
  expect(made.filter(({ snapshot }) => snapshot.inside).length).toBeLessThanOrEqual(42)
  const bob = await stand.join('Bob')
  await stand.until(() => namesIn(bob).includes('Alice') && namesIn(alice).includes('Bob'))
  expect((await alice.stats()).dropped['flood']).toBeGreaterThan(0)
})

test('[R66] a look that lies about its keys, or that repeats, makes nobody a participant', async () => {
  const alice = await stand.joinAsOwner('Alice')
  const { look: seen, id } = await look()
  await stand.until(() => seen.snapshot.inside !== undefined)
  const recorded = stand.hub.seen.filter(({ from }) => from === id())
  for (let n = 0; n < 50; n += 1) for (const delivery of recorded) stand.hub.invent(delivery)
  await stand.pass(3)
  expect(namesIn(alice)).toEqual([])
})

test('[R65] a text link is opened and its keys are closed; a wrong one is refused', async () => {
  await stand.joinAsOwner('Alice')
  const { clock, hub } = stand
  const seen = await lookInside(stand.href, { clock, transport: (self) => hub.transport(self) })
  await stand.until(() => seen.snapshot.inside?.count === 1)
  seen.close()
  seen.close()
  await expect(lookInside('https://meet.example/')).rejects.toMatchObject({
    code: 'ERR_CLIENT_LINK_INVALID',
  })
  await expect(lookInside(stand.link, { hub: 5 as never })).rejects.toMatchObject({
    code: 'ERR_CLIENT_ARGUMENT',
  })
})

test.each([
  '',
  '{}',
  '{"names":[],"count":0}',
  '{"names":["a","b"],"count":1}',
  '{"names":[1],"count":1}',
  `{"names":["${'x'.repeat(81)}"],"count":1}`,
  `{"names":${JSON.stringify(Array.from({ length: 17 }, () => 'a'))},"count":17}`,
  '{"names":["a"],"count":65537}',
  '{"names":["a"],"count":1,"more":1}',
])('[R66] a body that is no answer is none: %s', (text) => {
  expect(decodeInside(new TextEncoder().encode(text))).toBeUndefined()
})

test('[R66] an answer names 16 people and counts all', () => {
  const names = Array.from({ length: 40 }, (_, n) => `${n}`)
  expect(decodeInside(encodeInside(names))).toEqual({ names: names.slice(0, 16), count: 40 })
})
