import { createRandom } from '@conclave/base/testing'
import { verifyHostStatement, verifyPolicy } from '@conclave/e2ee/authority'
import type { AdmissionRule, SignedHostStatement, SignedPolicy } from '@conclave/e2ee/authority'
import { randomParticipantId } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { bytesToHex, ROOM } from '../fixtures.ts'
import { Actor, createOwned, stateOf } from './fixtures.ts'
import type { Statement } from './fixtures.ts'

const owned = await createOwned()
const place = { room: ROOM, owner: owned.fingerprint }
const people = await Promise.all([1, 2, 3].map(() => Actor.of()))
const actors = [...people, await Actor.of(owned.owner.signingKeys)]
const persons = actors.map(({ person }) => person)
const sessions = [1, 2, 3, 4, 5].map(() => randomParticipantId())

type Random = <T>(values: readonly T[]) => T
type Signed = SignedPolicy | SignedHostStatement

/** Policies of two devices of the owner, which know different parts of the story, and acts of all persons under any of them. */
async function makeStory(random: () => number): Promise<readonly Statement[]> {
  const pick: Random = (values) => values[Math.floor(random() * values.length)] as never
  const devices = [await owned.member(), await owned.member()]
  const story: Statement[] = []
  for (let count = 0; count < 28; count += 1) {
    const device = pick(devices)
    const rules: readonly AdmissionRule[] = ['open', 'ask', 'ask', 'ask', 'locked']
    const statement =
      count % 4 === 0
        ? await owned.signNext(device, {
            ...{ rule: pick(rules), history: pick(['none', 'call'] as const) },
            hosts: people.filter(() => random() < 0.5).map(({ person }) => person),
            remove: random() < 0.3 ? [pick(sessions)] : [],
            endInvitation: random() < 0.03,
          })
        : await pick(actors).act(pick(['admit', 'admit', 'remove'] as const), pick(sessions), {
            number: Math.max(0, device.number + pick([-1, 0, 0, 1])),
          })
    story.push(statement)
    await device.apply(statement)
    if (random() < 0.4) await pick(devices).apply(pick(story))
  }
  return story
}

/** The state as the chapter says it, computed from the set at once. spec U6, U7, U10, U11, U13 */
async function expectedState(statements: readonly Statement[]): Promise<object> {
  const all: Signed[] = []
  for (const bytes of statements) {
    const verified = [await verifyPolicy(bytes, place), await verifyHostStatement(bytes, place)]
    all.push(...verified.filter((each) => each.type !== 'refused'))
  }
  const policies = all.filter((each) => each.type === 'policy')
  const first = policies.toSorted(
    (one, two) =>
      two.policy.number - one.policy.number ||
      (bytesToHex(one.digest) < bytesToHex(two.digest) ? -1 : 1),
  )[0]
  const { number = 0, rule = 'open', history = 'none', hosts = [] } = first?.policy ?? {}
  const known = new Set(hosts.map(bytesToHex))
  const standing = all.filter(
    (each) =>
      each.type === 'host' &&
      each.number <= number &&
      (each.isOwner || known.has(bytesToHex(each.personKey))),
  )
  const isSaid = (act: string, session: string): boolean =>
    standing.some((each) => each.type === 'host' && each.act === act && each.session === session)
  const isRemoved = (id: (typeof sessions)[number]): boolean =>
    policies.some(({ policy }) => policy.removed.includes(id)) || isSaid('remove', id)
  const isEnded = policies.some(({ policy }) => policy.invitationEnded)
  const isShut = isEnded || rule === 'locked'
  if (first) known.add(bytesToHex(first.ownerKey))
  const rivals = policies.filter(({ policy }) => policy.number === number)
  return {
    ...{ number, rule, history, isInvitationEnded: isEnded, isFull: false },
    isConflicting: new Set(rivals.map(({ digest }) => bytesToHex(digest))).size > 1,
    hosts: hosts.map(bytesToHex),
    removed: sessions.map(isRemoved),
    admitted: sessions.map(
      (id) => !isRemoved(id) && ((!isShut && rule === 'open') || isSaid('admit', id)),
    ),
    mayAdmit: [undefined, ...persons].map(
      (person) => !isShut && (rule === 'open' || (!!person && known.has(bytesToHex(person)))),
    ),
  }
}

function shuffle<T>(values: readonly T[], random: () => number): readonly T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .toSorted((one, two) => one.at - two.at)
    .map(({ value }) => value)
}

test('[U14, U16] members that saw the same statements have the same state, in any order and with repeats', async () => {
  let conflicts = 0
  for (let seed = 1; seed <= 25; seed += 1) {
    const random = createRandom(seed)
    const story = await makeStory(random)
    const seen = story.filter(() => random() < 0.8)
    const repeats = seen.filter(() => random() < 0.3)
    const one = await owned.member(...shuffle([...seen, ...repeats], random))
    const two = await owned.member(...shuffle([...seen, ...repeats], random))
    const state = stateOf(one, { sessions, persons })
    expect(stateOf(two, { sessions, persons }), `seed ${seed}`).toEqual(state)
    expect(state, `seed ${seed}`).toMatchObject(await expectedState(seen))
    const newcomer = await owned.member(...one.statements())
    expect(stateOf(newcomer, { sessions, persons }), `seed ${seed}`).toEqual(state)
    if (one.isConflicting) conflicts += 1
  }
  expect(conflicts).toBeGreaterThan(2)
})

test('[U6, U8] two devices of the owner that hear each other agree, and lose no removal', async () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = createRandom(1000 + seed)
    const [phone, laptop] = [await owned.member(), await owned.member()]
    const removed = new Set<(typeof sessions)[number]>()
    for (let round = 0; round < 4; round += 1) {
      const said: Statement[] = []
      for (const device of [phone, laptop]) {
        const session = sessions[Math.floor(random() * sessions.length)]
        if (session === undefined || random() < 0.3) continue
        removed.add(session)
        const statement = await owned.signNext(device, { remove: [session] })
        said.push(statement)
        await device.apply(statement)
      }
      for (const statement of shuffle(said, random)) {
        await phone.apply(statement)
        await laptop.apply(statement)
      }
      const state = stateOf(phone, { sessions, persons })
      expect(stateOf(laptop, { sessions, persons }), `seed ${seed}`).toEqual(state)
      expect(sessions.filter((id) => phone.isRemoved(id))).toEqual(
        sessions.filter((id) => removed.has(id)),
      )
    }
  }
})
