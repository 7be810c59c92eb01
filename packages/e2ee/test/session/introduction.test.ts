import { generateAgreementPair, generateSigningPair } from '@conclave/crypto'
import { ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'
import {
  certifySession,
  createSessionKeys,
  MAX_INTRODUCED_NAME_BYTES,
  MAX_INTRODUCTION_BYTES,
  openIntroduction,
  sealIntroduction,
  SessionKeys,
} from '@conclave/e2ee/session'
import type { Introduction, OpenedIntroduction } from '@conclave/e2ee/session'
import { generateSigningKeys } from '@conclave/e2ee/signing'
import { describe, expect, test } from 'vitest'
import { failureOf, flipBit, OTHER_ROOM, ROOM, rootOf, utf8 } from '../fixtures.ts'
import { memoriesOf } from '../memory.ts'

const root = new SharedKeySource(rootOf(1))
const [alice, bob, mallory] = [
  await createSessionKeys(),
  await createSessionKeys(),
  await createSessionKeys(),
]
const ASKS: Introduction = { status: 'asks', wantsAnswer: true, name: 'Alice' }
const toBob = { root, session: alice, room: ROOM, recipient: bob.id }
const atBob = { root, room: ROOM, sender: alice.id, self: bob.id }

const reasonAt = async (bytes: unknown, place = atBob): Promise<string> => {
  const opened = await openIntroduction(bytes, place)
  return opened.type === 'opened' ? 'opened' : opened.reason
}

async function mustOpen(bytes: unknown, place = atBob): Promise<OpenedIntroduction> {
  const opened = await openIntroduction(bytes, place)
  if (opened.type === 'opened') return opened
  throw new Error(`dropped: ${opened.reason}`)
}

describe('an introduction', () => {
  test('[C12, C14] brings two sessions each other’s keys, and its answer names it', async () => {
    const asked = await sealIntroduction(ASKS, toBob)
    const opened = await mustOpen(asked.bytes)
    const { id, signingKey, agreementKey } = alice
    expect(opened).toMatchObject({ sender: { id, signingKey, agreementKey }, ...ASKS })
    expect(opened.digest).toEqual(asked.digest)
    const person = await certifySession(await generateSigningKeys(), {
      room: ROOM,
      signingKey: bob.signingKey,
    })
    const answer = { status: 'admitted', answers: opened.digest, person } as const
    const { bytes } = await sealIntroduction(answer, {
      ...{ root, session: bob, room: ROOM, recipient: alice.id },
    })
    const back = await mustOpen(bytes, { ...atBob, sender: bob.id, self: alice.id })
    expect(back).toMatchObject({ status: 'admitted', wantsAnswer: false, name: '' })
    expect(back.answers).toEqual(asked.digest)
    expect(back.personKey).toEqual(person.personKey)
  })

  test('[C13] is never the same twice, and never longer than the limit', async () => {
    const signingKey = alice.signingKey
    const person = await certifySession(await generateSigningKeys(), { room: ROOM, signingKey })
    const longest = { ...ASKS, person, name: 'x'.repeat(MAX_INTRODUCED_NAME_BYTES) }
    const [one, other] = [
      await sealIntroduction(longest, toBob),
      await sealIntroduction(longest, toBob),
    ]
    expect(one.bytes).toHaveLength(MAX_INTRODUCTION_BYTES)
    expect(one.bytes).not.toEqual(other.bytes)
    expect(one.bytes.slice(1, 17)).not.toEqual(other.bytes.slice(1, 17))
    expect((await mustOpen(other.bytes)).name).toBe(longest.name)
  })

  test('[C14] with any bit changed does not open', async () => {
    const { bytes } = await sealIntroduction(ASKS, toBob)
    const reasons = new Set<string>()
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) reasons.add(await reasonAt(flipBit(bytes, at, bit)))
    }
    expect([...reasons].sort()).toEqual(['malformed', 'not-authentic'])
  })

  test('[C14] of another member in this session’s name does not open, whoever holds the root', async () => {
    const pairs = { signing: await generateSigningPair(), agreement: await generateAgreementPair() }
    const session = new SessionKeys(alice.id, pairs)
    const { bytes } = await sealIntroduction(ASKS, { ...toBob, session })
    expect(await reasonAt(bytes)).toBe('not-authentic')
    const own = await sealIntroduction(ASKS, { ...toBob, session: mallory })
    expect(await reasonAt(own.bytes)).toBe('not-authentic')
    expect(await reasonAt(own.bytes, { ...atBob, sender: mallory.id })).toBe('opened')
  })

  test('[C14] for another session, in another room or under another root does not open', async () => {
    const { bytes } = await sealIntroduction(ASKS, toBob)
    const ratcheted = new SharedKeySource(rootOf(1), { epoch: 1n })
    expect([
      await reasonAt(bytes, { ...atBob, self: mallory.id }),
      await reasonAt(bytes, { ...atBob, room: OTHER_ROOM }),
      await reasonAt(bytes, { ...atBob, root: new SharedKeySource(rootOf(2)) }),
      await reasonAt(bytes, { ...atBob, root: ratcheted }),
      await reasonAt(bytes, { ...atBob, self: alice.id }),
      await reasonAt(bytes),
    ]).toEqual([...Array.from({ length: 4 }, () => 'not-authentic'), 'reflected', 'opened'])
  })

  test('[C14] without a root is unknown-key, and names the epoch', async () => {
    const { bytes } = await sealIntroduction(ASKS, toBob)
    const closed = new SharedKeySource(rootOf(1), { epoch: 3n })
    closed.close()
    for (const empty of [closed, new SharedKeySource(undefined, { epoch: 3n })]) {
      expect(await openIntroduction(bytes, { ...atBob, root: empty })).toEqual({
        ...{ type: 'dropped', reason: 'unknown-key', keyId: '', epoch: 3n },
      })
    }
    const failure = await failureOf(sealIntroduction(ASKS, { ...toBob, root: closed }))
    expect(failure.code).toBe('ERR_E2EE_CLOSED')
  })

  test('[C14] an error of the key source that is not a missing key reaches the caller', async () => {
    const { bytes } = await sealIntroduction(ASKS, toBob)
    const broken = { mode: 'shared', epoch: 0n, export: () => Promise.reject(new Error('gone')) }
    await expect(openIntroduction(bytes, { ...atBob, root: broken as never })).rejects.toThrow(
      'gone',
    )
  })

  test('[C14] anything but bytes is malformed; bytes are read before the call returns', async () => {
    const { bytes } = await sealIntroduction(ASKS, toBob)
    for (const given of [undefined, null, 7, 'x', [3], {}, new DataView(new ArrayBuffer(200))]) {
      expect(await reasonAt(given)).toBe('malformed')
    }
    for (const [name, memory] of Object.entries(await memoriesOf(bytes))) {
      const opening = reasonAt(memory)
      memory.fill(0)
      expect(`${name}: ${await opening}`).toBe(`${name}: opened`)
    }
  })
})

describe('a mistake of the caller', () => {
  const answers = rootOf(3).slice(0, 16)
  test.each<[why: string, change: object]>([
    ['"name" expected', { name: 'x'.repeat(MAX_INTRODUCED_NAME_BYTES + 1) }],
    ['"name" expected', { name: '\ud800' }],
    ['"name" expected', { name: 7 }],
    ['"introduction" expected', { status: 'admitted' }],
    ['"introduction" expected', { status: 'admitted', name: '' }],
    ['"introduction" expected', { status: 'refused', answers }],
    ['"introduction" expected', { status: 'waiting', name: '', answers: new Uint8Array(16) }],
    ['"introduction" expected', { status: 'toString' }],
    ['"answers" expected', { answers: new Uint8Array(15) }],
    ['"person.personKey" expected', { person: { personKey: utf8('x'), signature: utf8('x') } }],
  ])('[C12] is named: %s, %j', async (text, change) => {
    const wrong = { ...ASKS, ...change } as Introduction
    await expect(sealIntroduction(wrong, toBob)).rejects.toThrow(text)
  })

  test('[C13] is named for the places too', async () => {
    const own = new ParticipantKeySource(alice.id)
    const wrong = [
      ['"root" expected a key source with one root', { root: own }],
      ['"root" expected', { root: {} as never }],
      ['"session" expected SessionKeys', { session: {} as never }],
      ['"room" expected', { room: 'x' as never }],
      ['"recipient" expected', { recipient: 'x' as never }],
      ['"recipient" must not be', { recipient: alice.id }],
    ] as const
    for (const [text, change] of wrong) {
      await expect(sealIntroduction(ASKS, { ...toBob, ...change })).rejects.toThrow(text)
    }
    await expect(openIntroduction(utf8('x'), { ...atBob, root: own })).rejects.toThrow('"root"')
    await expect(openIntroduction(utf8('x'), { ...atBob, sender: 'x' as never })).rejects.toThrow(
      '"sender" expected',
    )
  })

  test('[C3] closed keys introduce nobody', async () => {
    const session = await createSessionKeys()
    session.close()
    const failure = await failureOf(sealIntroduction(ASKS, { ...toBob, session }))
    expect(failure.code).toBe('ERR_E2EE_CLOSED')
  })
})
