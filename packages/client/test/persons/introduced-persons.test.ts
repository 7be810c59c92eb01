import {
  type SessionKeys,
  type SigningKeys,
  certifySession,
  createSessionKeys,
  sealIntroduction,
} from '@conclave/e2ee/session'
import { generateSigningKeys } from '@conclave/e2ee/signing'
import { encodeBase64Url } from '@conclave/base'
import { idToBytes } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { ROOM, type SessionParts, sessionParts } from '../messages/session-parts.ts'
import { derivePersonId } from '../../src/persons/person-id.ts'

describe('[R86] a session stays that of the person who came with its first introduction', () => {
  const introduce = async (session: SessionKeys, to: SessionParts, person?: SigningKeys) => {
    const { signingKey } = session
    const certificate = person && (await certifySession(person, { room: ROOM, signingKey }))
    const place = { root: to.keys, session, room: ROOM, recipient: to.self }
    const introduction = { status: 'asks', person: certificate } as const
    const { bytes } = await sealIntroduction(introduction, place)
    const received = await to.introductions.open(session.id, bytes)
    if (received.type === 'dropped') return received
    return to.introductions.accept(received)
  }

  test('another person, or none, is dropped', async () => {
    const alice = await sessionParts()
    const [mallory, bob] = [await generateSigningKeys(), await generateSigningKeys()]
    const session = await createSessionKeys()
    expect(await introduce(session, alice, bob)).toMatchObject({ isNew: true })
    const first = alice.introductions.of(session.id)
    expect(first).toMatchObject({ personKey: bob.publicKey, signingKey: session.signingKey })
    const refused = { type: 'dropped', reason: 'not-authentic' }
    expect(await introduce(session, alice, mallory)).toEqual(refused)
    expect(await introduce(session, alice)).toEqual(refused)
    expect(alice.introductions.of(session.id)).toBe(first)
    expect(await introduce(session, alice, bob)).toMatchObject({ isNew: false })
  })

  test('a person that comes later is dropped, also after the root of the room changed', async () => {
    const alice = await sessionParts()
    const session = await createSessionKeys()
    expect(await introduce(session, alice)).toMatchObject({ isNew: true })
    alice.keys.setKey(new Uint8Array(32).fill(9), 1n)
    alice.keys.retire(0n)
    const late = await introduce(session, alice, await generateSigningKeys())
    expect(late).toEqual({ type: 'dropped', reason: 'not-authentic' })
    expect(await introduce(session, alice)).toMatchObject({ isNew: true })
  })
})

test('[R86] the id of a person is a digest of the room and its key', async () => {
  const personKey = new Uint8Array(32).fill(3)
  const label = new TextEncoder().encode('conclave/1 person id\0')
  const hashed = Uint8Array.from([...label, ...idToBytes(ROOM), ...personKey])
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', hashed))
  const id = encodeBase64Url(digest.slice(0, 16))
  expect(await derivePersonId(personKey, { room: ROOM })).toBe(id)
})
