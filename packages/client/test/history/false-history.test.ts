import { createSessionKeys, signRoomMessage } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import { beforeEach, expect, test } from 'vitest'
import {
  type HistoryPage,
  type HistoryQuestion,
  type ToldMessage,
  decodeHistory,
  encodePage,
} from '../../src/history/history-body.ts'
import { MESSAGE_KINDS, encodeBody } from '../../src/messages/bodies.ts'
import { ROOM, type SessionParts } from '../messages/session-parts.ts'
import { HistoryStand, type Member, signedChat } from './history-stand.ts'

let stand: HistoryStand
let mallory: Member
/** A session that was in the room, and signed messages that mallory has. */
let alice: SessionParts

beforeEach(async () => {
  stand = new HistoryStand()
  mallory = await stand.join('mallory', { answers: false })
  alice = { session: await createSessionKeys() } as SessionParts
})

/** Bob joins, and mallory answers its questions; `undefined` answers no more. */
async function joinAndTell(
  answer: (question: HistoryQuestion, at: number) => Promise<Partial<HistoryPage> | undefined>,
): Promise<Member> {
  const bob = await stand.join('bob')
  let answered = mallory.received.length
  await stand.pass(600)
  for (let at = 0; answered < mallory.received.length; at += 1) {
    const { from, body } = mallory.received[answered] ?? {}
    answered += 1
    const question = body && decodeHistory(body)
    if (from === undefined || question?.type !== 'question') continue
    const page = await answer(question, at)
    if (page === undefined) break
    await tell(from, { number: question.number, ...page })
  }
  return bob
}

async function tell(to: ParticipantId, page: Partial<HistoryPage>): Promise<void> {
  const { signingKey } = alice.session
  const authors = [{ signingKey, name: 'Alice', person: undefined }]
  const whole = {
    type: 'page',
    number: 1,
    authors,
    messages: [],
    more: false,
    complete: true,
  } as const
  await mallory.messages.send(to, MESSAGE_KINDS.history, encodePage({ ...whole, ...page }))
  await stand.flush()
}

const said = async (sequence: number, text = `${sequence}`): Promise<ToldMessage> => ({
  ...{ author: 0, sequence, body: await signedChat(alice, { sequence, text }) },
})

const allSaid = (...sequences: readonly number[]): Promise<ToldMessage[]> =>
  Promise.all(sequences.map((sequence) => said(sequence)))

test('[R64] messages that their author signed are told, and marked as told by that member', async () => {
  const bob = await joinAndTell(async () => ({ messages: await allSaid(0, 1, 5) }))
  expect(bob.shown()).toEqual(['0', '1', '5'])
  const [first] = bob.history.told
  expect(first).toMatchObject({
    toldBy: mallory.self,
    author: { name: 'Alice', person: undefined },
  })
  expect(first?.author.id).toBe(alice.session.id)
})

test('[R64] messages that their author did not sign for this place are dropped and counted', async () => {
  const [one, two] = await allSaid(1, 2)
  const other = { session: await createSessionKeys() } as SessionParts
  const bob = await joinAndTell(async () => ({
    messages: [
      { ...(one as ToldMessage), sequence: 0 },
      { ...(one as ToldMessage), body: await signedChat(other, { sequence: 1, text: 'x' }) },
      { ...(two as ToldMessage), body: (two as ToldMessage).body.with(70, 0x20) },
      { author: 0, sequence: 3, body: new Uint8Array(80) },
      await said(4),
    ],
  }))
  expect(bob.shown()).toEqual(['4'])
  expect(bob.dropped).toEqual({ 'not-authentic': 4 })
})

test('[R64] another kind than chat, and a content that is no chat, are dropped', async () => {
  const { session } = alice
  const place = { session, room: ROOM, sequence: 1n }
  const info = encodeBody({ name: 'x', published: {} })
  const bodies = [
    await signRoomMessage(encodeBody({ text: 'x', at: 0 }), { ...place, kind: 4 }),
    await signRoomMessage(info, { ...place, kind: 3 }),
    await signRoomMessage(new Uint8Array(), { ...place, kind: 3 }),
  ]
  const messages = bodies.map((body) => ({ author: 0, sequence: 1, body }))
  const bob = await joinAndTell(async () => ({ messages }))
  expect(bob.shown()).toEqual([])
  expect(bob.dropped).toEqual({ 'not-authentic': 3 })
})

test('[R64] the messages of one author stay in order, whoever tells them', async () => {
  const bob = await joinAndTell(async () => ({ messages: await allSaid(3, 1, 2, 2, 4) }))
  expect(bob.shown()).toEqual(['1', '2', '4'])
  expect(bob.dropped).toEqual({ 'malformed-body': 1 })
})

test('[R64] a message of somebody who is here goes to no later place than what it said here', async () => {
  const bob = await stand.join('bob')
  const carol = await stand.join('carol', { answers: false })
  await carol.say('0')
  await stand.flush()
  // Carol has said nothing else: her next message is told before it comes from herself.
  const { signingKey } = carol.session
  const messages = [
    { author: 0, sequence: 7, body: await signedChat(carol, { sequence: 7, text: '7' }) },
  ]
  const authors = [{ signingKey, name: 'Carol', person: undefined }]
  await stand.pass(600)
  const question = mallory.received.map(({ body }) => decodeHistory(body)).at(-1)
  await tell(bob.self, { number: question?.number ?? 0, authors, messages })
  expect(bob.shown()).toEqual(['0'])
  expect(bob.dropped).toMatchObject({ 'malformed-body': 1 })
})

test('[R64] pages that nobody asked for change nothing, and neither do late ones', async () => {
  const bob = await joinAndTell(async ({ number }) => ({
    ...{ number: number + 1, messages: await allSaid(1) },
  }))
  await tell(bob.self, { number: 0, messages: await allSaid(1) })
  await stand.pass(3000)
  await tell(bob.self, { number: 1, messages: await allSaid(1) })
  expect(bob.shown()).toEqual([])
  const carol = await stand.join('carol')
  await tell(carol.self, { number: 1, messages: await allSaid(1) })
  expect(carol.shown()).toEqual([])
})

test('[R63] a member without end is asked for 32 pages at most', async () => {
  let pages = 0
  const bob = await joinAndTell(async () => {
    pages += 1
    return { messages: await allSaid(2 ** 40 - pages), more: true }
  })
  expect(pages).toBe(32)
  expect(bob.shown()).toHaveLength(32)
})

test('[R63] a member that tells the same page again and again is asked for 32 pages at most', async () => {
  let pages = 0
  const bob = await joinAndTell(async () => {
    pages += 1
    return { messages: await allSaid(1, 2), more: true }
  })
  expect(pages).toBeLessThanOrEqual(32)
  expect(bob.shown()).toEqual(['1', '2'])
})

test('[R63] of more than 500 messages the newest 500 are taken', async () => {
  let sequence = 10_000
  const bob = await joinAndTell(async () => {
    sequence -= 100
    const sequences = Array.from({ length: 100 }, (_, at) => sequence + at)
    return { messages: await allSaid(...sequences), more: true }
  })
  expect(bob.shown()).toHaveLength(500)
  expect(bob.shown().at(-1)).toBe('9999')
})

test('[R63] at most four members are asked, whatever they tell', async () => {
  for (const name of ['b', 'c', 'd', 'e', 'f']) await stand.join(name, { answers: false })
  await stand.pass(5000)
  const newcomer = await stand.join('newcomer')
  await stand.pass(60_000)
  const questions = stand.members
    .flatMap(({ received }) => received)
    .filter(({ from }) => from === newcomer.self)
  expect(questions).toHaveLength(4)
})

test('[R64] a certificate of a person that does not verify takes the author’s messages with it', async () => {
  const { signingKey } = alice.session
  const person = { personKey: new Uint8Array(32).fill(9), signature: new Uint8Array(64) }
  const bob = await joinAndTell(async () => ({
    ...{ messages: await allSaid(1), authors: [{ signingKey, name: 'Alice', person }] },
  }))
  expect(bob.shown()).toEqual([])
  expect(bob.dropped).toEqual({ 'not-authentic': 1 })
})

test('[R64] a session that is here keeps its name and its person, whatever is told of it', async () => {
  const { signingKey } = mallory.session
  const body = await signedChat(mallory, { sequence: 0, text: 'I am the boss' })
  const bob = await joinAndTell(async () => ({
    messages: [{ author: 0, sequence: 0, body }],
    authors: [{ signingKey, name: 'The boss', person: undefined }],
  }))
  expect(bob.history.told.map(({ author }) => author.name)).toEqual(['mallory'])
})

test('[R64] nothing is told as a message of the newcomer itself', async () => {
  const bob = await stand.join('bob')
  const { signingKey } = bob.session
  const body = await signedChat(bob, { sequence: 0, text: 'mine' })
  await stand.pass(600)
  const question = mallory.received.map(({ body: bytes }) => decodeHistory(bytes)).at(-1)
  const authors = [{ signingKey, name: 'bob', person: undefined }]
  await tell(bob.self, {
    ...{ number: question?.number ?? 0, authors, messages: [{ author: 0, sequence: 0, body }] },
  })
  expect(bob.shown()).toEqual([])
})
