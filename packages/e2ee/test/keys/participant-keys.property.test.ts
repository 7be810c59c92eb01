import {
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  ParticipantKeySource,
  randomParticipantId,
} from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToHex } from '../fixtures.ts'
import { give, join, openAt, seal } from '../parties.ts'
import type { Party } from '../parties.ts'

type Step =
  | { readonly type: 'join' }
  | { readonly type: 'leave' | 'say' | 'again' | 'prepare' | 'complete'; readonly who: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<Step>({ type: 'join' }) },
    ...(['leave', 'say', 'say', 'again', 'prepare', 'complete'] as const).map((type) => ({
      weight: 1,
      arbitrary: fc.nat(5).map((who): Step => ({ type, who })),
    })),
  ),
  { minLength: 1, maxLength: 14 },
)

interface Said {
  readonly from: Party
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly members: ReadonlySet<Party>
}

/** A room whose members do what they must when somebody comes or goes. */
async function run(history: readonly Step[]): Promise<{ everybody: Party[]; said: Said[] }> {
  const room: Party[] = [join()]
  const [everybody, said]: [Party[], Said[]] = [[...room], []]
  for (const step of history) {
    if (step.type === 'join') {
      const newcomer = join()
      for (const member of room) {
        give(member, newcomer, await member.keys.ratchet())
        give(newcomer, member)
      }
      room.push(newcomer)
      everybody.push(newcomer)
      continue
    }
    const who = room[step.who % room.length]
    if (who === undefined) throw new Error('unreachable: the room is never empty')
    if (step.type === 'say') {
      said.push({ from: who, bytes: await seal(who, 'hi'), members: new Set(room) })
    } else if (step.type === 'again') {
      for (const member of room) if (member !== who) give(who, member)
    } else if (step.type === 'prepare') {
      const grant = who.keys.prepareRotation()
      for (const member of room) if (member !== who) give(who, member, grant)
    } else if (step.type === 'complete') {
      const grant = who.keys.completeRotation()
      for (const member of room) if (member !== who) give(who, member, grant)
    } else if (room.length > 1) {
      room.splice(room.indexOf(who), 1)
      for (const member of room) {
        const grant = member.keys.removeParticipant(who.id)
        for (const other of room) if (other !== member) give(member, other, grant)
      }
    }
  }
  return { everybody, said }
}

test('[K30, K31, K32] in any history and at any delay members open, and those who joined later or left before do not', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.nat()), async (history, chance) => {
      const { everybody, said } = await run(history)
      const deliveries = said
        .flatMap((message) => everybody.map((at) => ({ ...message, at })))
        .filter(({ at, from }) => at !== from)
        .map((delivery) => ({ delivery, order: chance.next().value ?? 0 }))
        .toSorted((a, b) => a.order - b.order)
      for (const { delivery } of deliveries) {
        const { at, from, bytes, members } = delivery
        const outcome = await openAt(at, from, bytes)
        // A member that removed the sender meanwhile no longer opens anything of it.
        const isHeld = at.keys.members().some(({ id }) => id === from.id)
        expect(outcome === 'opened: hi').toBe(members.has(at) && isHeld)
      }
    }),
    { numRuns: 60 },
  )
})

test('[K29] any bytes decode to a grant that encodes to the same bytes, or to undefined', () => {
  const nearly = fc
    .tuple(
      fc.constantFrom(1, 1, 1, 0, 2),
      fc.constantFrom(1, 2, 0, 3),
      fc.uint8Array({ minLength: 55, maxLength: 57 }),
    )
    .map(([version, kind, rest]) => Uint8Array.of(version, kind, ...rest))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), nearly), (bytes) => {
      const grant = decodeParticipantKeyGrant(bytes)
      const again = grant && bytesToHex(encodeParticipantKeyGrant(grant))
      expect(again ?? bytesToHex(bytes)).toBe(bytesToHex(bytes))
    }),
    { numRuns: 2000 },
  )
})

test('[K29] no value of any kind is an exception', () => {
  fc.assert(
    fc.property(fc.anything({ withTypedArray: true, withNullPrototype: true }), (value) => {
      expect(decodeParticipantKeyGrant(value)?.epoch ?? 0n).toBeTypeOf('bigint')
    }),
    { numRuns: 2000 },
  )
})

test('[K29] bytes that throw on access, or are detached, are no grant', () => {
  const grant = new ParticipantKeySource(randomParticipantId()).grantWithPast()
  for (const name of ['length', 'subarray', Symbol.toStringTag]) {
    const trap = Object.defineProperty(encodeParticipantKeyGrant(grant), name, {
      get: () => {
        throw new Error('looked at')
      },
    })
    expect(() => decodeParticipantKeyGrant(trap)).not.toThrow()
  }
  const gone = encodeParticipantKeyGrant(grant)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  expect(decodeParticipantKeyGrant(gone)).toBeUndefined()
})
