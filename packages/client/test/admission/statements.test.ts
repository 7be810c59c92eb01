import { VirtualClock } from '@conclave/base/testing'
import { randomParticipantId } from '@conclave/e2ee'
import {
  type OwnerKeys,
  RoomAuthority,
  deriveOwnerFingerprint,
  generateOwnerKeys,
  signPolicy,
} from '@conclave/e2ee/authority'
import type { ParticipantId } from '@conclave/wire'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { StatementExchange } from '../../src/admission/statement-exchange.ts'
import {
  decodeStatements,
  encodeStatements,
  groupStatements,
} from '../../src/admission/statements-body.ts'
import { ROOM } from '../messages/session-parts.ts'

const state = 'A'.repeat(22)

describe('[R73] the body of a message with statements', () => {
  test('survives the way to bytes and back', () => {
    const statements = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 128 })
    fc.assert(
      fc.property(statements, (given) => {
        const body = { state, statements: given.map((bytes) => new Uint8Array(bytes)) }
        expect(decodeStatements(encodeStatements(body))).toEqual(body)
      }),
    )
  })

  test.each([
    ['no JSON', 'x'],
    ['no object', '[]'],
    ['no state', '{"statements":[]}'],
    ['a state of another length', '{"state":"AAAA","statements":[]}'],
    ['no statements', `{"state":"${state}"}`],
    ['one member more', `{"state":"${state}","statements":[],"more":1}`],
    ['a statement that is no text', `{"state":"${state}","statements":[1]}`],
    ['a statement that is not canonical', `{"state":"${state}","statements":["AB"]}`],
    ['129 statements', JSON.stringify({ state, statements: Array(129).fill('') })],
    ['a statement of 30 kB', JSON.stringify({ state, statements: ['A'.repeat(30_000)] })],
  ])('is malformed with %s', (_, text) => {
    expect(decodeStatements(new TextEncoder().encode(text))).toBeUndefined()
  })

  test('many statements are sent in several messages, in their order', () => {
    const all = Array.from({ length: 500 }, (_, n) => new Uint8Array(219).fill(n % 256))
    const large = Array.from({ length: 8 }, () => new Uint8Array(18_000))
    for (const statements of [all, large, []]) {
      const groups = groupStatements(statements)
      expect(groups.flat()).toEqual(statements)
      for (const group of groups) {
        expect(decodeStatements(encodeStatements({ state, statements: group }))).toBeDefined()
        expect(encodeStatements({ state, statements: group }).length).toBeLessThan(65_000)
      }
    }
  })
})

describe('[R73] members whose states differ repeat what they keep', () => {
  let owner: OwnerKeys
  let fingerprint: Uint8Array

  beforeAll(async () => {
    owner = await generateOwnerKeys()
    fingerprint = await deriveOwnerFingerprint(owner.publicKey)
  })

  const sign = (number: number, rule: 'open' | 'ask' | 'locked' = 'ask') =>
    signPolicy(
      { ...{ number, rule, history: 'none', invitationEnded: false }, hosts: [], removed: [] },
      { owner, room: ROOM },
    )

  /** Members of whom each reaches those that `reaches` allows. */
  const membersOf = (
    count: number,
    reaches: (from: number, to: number) => boolean = () => true,
  ) => {
    const clock = new VirtualClock()
    const sent: { from: number; to: number; statements: number }[] = []
    const ids = Array.from({ length: count }, () => randomParticipantId())
    const members = ids.map((id, from) => {
      const authority = new RoomAuthority({ room: ROOM, owner: fingerprint })
      const send = async (to: ParticipantId, body: Uint8Array<ArrayBuffer>): Promise<void> => {
        const at = ids.indexOf(to)
        const statements = decodeStatements(body)?.statements.length ?? 0
        sent.push({ from, to: at, statements })
        if (reaches(from, at)) members[at]?.exchange.receive(id, body)
      }
      const peers = (): ParticipantId[] => ids.filter((other) => other !== id)
      const exchange = new StatementExchange({
        ...{
          authority,
          clock,
          peers,
          send,
          agreed: () => {},
          learned: () => {},
          flooded: () => {},
        },
      })
      return { id, authority, exchange }
    })
    const settle = async (): Promise<void> => {
      for (let step = 0; step < 8; step += 1) {
        await Promise.all(members.map(({ exchange }) => exchange.settled))
        clock.advance(300)
      }
    }
    return { members, sent, settle }
  }

  test('a member that its maker does not reach learns a statement from the others', async () => {
    const { members, settle } = membersOf(4, (from, to) => from + to !== 3 || from * to !== 0)
    await members[0]?.exchange.publish([await sign(1)])
    await settle()
    expect(members.map(({ authority }) => authority.rule)).toEqual(Array(4).fill('ask'))
  })

  test('two that disagree both learn what the other knows, and say no more', async () => {
    const { members, sent, settle } = membersOf(2)
    await members[0]?.authority.apply(await sign(1))
    await members[1]?.authority.apply(await sign(2, 'locked'))
    members[0]?.exchange.met(members[1]?.id as ParticipantId)
    await settle()
    expect(members.map(({ authority }) => authority.rule)).toEqual(['locked', 'locked'])
    const after = sent.length
    expect(after).toBeLessThanOrEqual(5)
    for (const { id } of members) {
      for (const { exchange } of members) exchange.met(id)
    }
    await settle()
    expect(sent.filter(({ statements }) => statements > 0).length).toBeLessThanOrEqual(3)
  })

  test('a member that has repeated everything hears what the other one learned since', async () => {
    const { members, settle } = membersOf(2)
    const [alice, bob] = members
    await bob?.authority.apply(await sign(7))
    bob?.exchange.met(alice?.id as ParticipantId)
    await settle()
    // From somebody else.
    await alice?.authority.apply(await sign(7, 'locked'))
    alice?.exchange.met(bob?.id as ParticipantId)
    await settle()
    expect(members.map(({ authority }) => authority.isConflicting)).toEqual([true, true])
  })

  test('a member that sends other states for ever gets each statement once', async () => {
    const { members, sent, settle } = membersOf(2, (from) => from === 1)
    await members[0]?.authority.apply(await sign(1))
    for (let n = 0; n < 100; n += 1) {
      const other = `${String(n).padStart(3, '0')}${'B'.repeat(19)}`
      const body = encodeStatements({ state: other, statements: [] })
      members[0]?.exchange.receive(members[1]?.id as ParticipantId, body)
    }
    await settle()
    const own = sent.filter(({ from }) => from === 0)
    expect(own.filter(({ statements }) => statements > 0)).toHaveLength(1)
    expect(own.length).toBeLessThanOrEqual(1 + 8)
  })

  test('a flood of statements is verified at 64 a second, after 1,024 at once', async () => {
    const clock = new VirtualClock()
    let [verified, flooded] = [0, 0]
    const authority = new RoomAuthority({ room: ROOM, owner: fingerprint })
    const apply = authority.apply.bind(authority)
    authority.apply = (bytes) => {
      verified += 1
      return apply(bytes)
    }
    const exchange = new StatementExchange({
      ...{
        authority,
        clock,
        peers: () => [],
        send: async () => {},
        agreed: () => {},
        learned: () => {},
      },
      flooded: () => {
        flooded += 1
      },
    })
    const junk = Array.from({ length: 128 }, () => new Uint8Array(219))
    const body = encodeStatements({ state, statements: junk })
    const from = randomParticipantId()
    for (let n = 0; n < 20; n += 1) exchange.receive(from, body)
    await exchange.settled
    expect([verified, flooded]).toEqual([1024, 12])
    clock.advance(1000)
    exchange.receive(from, body)
    await exchange.settled
    expect(verified).toBe(1024 + 64)
  })
})
