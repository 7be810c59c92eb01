import { SharedKeySource } from '@conclave/e2ee'
import {
  commitToNonce,
  computeRoomCode,
  createPairKeys,
  deriveParticipantId,
  signRoomMessage,
  verifyPerson,
  verifyRoomMessage,
  certifySession,
} from '@conclave/e2ee/session'
import { importSigningKeys } from '@conclave/e2ee/signing'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { bytesToHex, hexToBytes, roomIdOf } from '../fixtures.ts'
import { sessionNamed, sourceOf } from './fixtures.ts'

describe('session keys', () => {
  test.each(Object.entries(vectors.sessions))('[C2] %s', async (name, session) => {
    const keys = await sessionNamed(name)
    expect(bytesToHex(keys.signingKey)).toBe(session.signingKey)
    expect(bytesToHex(keys.agreementKey)).toBe(session.agreementKey)
    expect(await deriveParticipantId(keys.signingKey)).toBe(session.id)
  })

  test.each(vectors.secrets)('[C6] the secret of $own and $other', async (vector) => {
    const [own, other] = [await sessionNamed(vector.own), await sessionNamed(vector.other)]
    const context = { salt: hexToBytes(vector.salt), info: hexToBytes(vector.info) }
    const secret = await own.agree(other.agreementKey, context)
    expect(secret && bytesToHex(secret)).toBe(vector.secret)
  })

  test.each(vectors.smallOrder)('[C6] no secret with %s', async (key) => {
    const alice = await sessionNamed('alice')
    const context = { salt: new Uint8Array(), info: new Uint8Array() }
    expect(await alice.agree(hexToBytes(key), context)).toBeUndefined()
  })
})

describe('keys of two sessions', () => {
  test.each(vectors.pairs)('[C15] $own and $other', async (vector) => {
    const [session, peer] = [await sessionNamed(vector.own), await sessionNamed(vector.other)]
    const root = new SharedKeySource(hexToBytes(vector.root))
    const room = roomIdOf(vector.room)
    const keys = await createPairKeys({ session, root, room, peer })
    const exported = await sourceOf(keys).export('conclave/1 vector', new Uint8Array(), 32)
    expect(bytesToHex(exported)).toBe(vector.exported)
  })
})

describe('the room code', () => {
  test.each(vectors.commitments)('[C18] the commitment of round $round', async (vector) => {
    const { signingKey, nonce } = vector
    const place = { room: roomIdOf(vector.room), round: BigInt(vector.round) }
    const commitment = await commitToNonce(hexToBytes(nonce), {
      ...place,
      signingKey: hexToBytes(signingKey),
    })
    expect(bytesToHex(commitment)).toBe(vector.commitment)
  })

  test.each(vectors.roomCodes)('[C17] $code', async ({ root, entries, code }) => {
    const keys = new SharedKeySource(hexToBytes(root))
    const given = entries.map(({ signingKey, personKey, nonce }) => ({
      signingKey: hexToBytes(signingKey),
      personKey: personKey === null ? undefined : hexToBytes(personKey),
      nonce: hexToBytes(nonce),
    }))
    expect(await computeRoomCode(given, { root: keys })).toBe(code)
    expect(await computeRoomCode(given.toReversed(), { root: keys })).toBe(code)
  })
})

interface RoomMessageVector {
  readonly room: string
  readonly sequence: string
  readonly kind: number
}

const placeOf = ({ room, sequence, kind }: RoomMessageVector) => ({
  room: roomIdOf(room),
  sequence: BigInt(sequence),
  kind,
})

describe('signed messages to a room', () => {
  test.each(vectors.roomMessages)('[C7, C8] $kind, sequence $sequence', async (vector) => {
    const session = await sessionNamed(vector.sender)
    const content = hexToBytes(vector.content)
    const place = placeOf(vector)
    const body = await signRoomMessage(content, { session, ...place })
    expect(bytesToHex(body)).toBe(vector.body)
    const { signingKey } = session
    expect(await verifyRoomMessage(body, { signingKey, ...place })).toEqual(content)
  })

  test.each(vectors.refusedRoomMessages)('[C8] refused: $why', async (vector) => {
    const from = { signingKey: hexToBytes(vector.signingKey), ...placeOf(vector) }
    expect(await verifyRoomMessage(hexToBytes(vector.body), from)).toBeUndefined()
  })
})

describe('persons', () => {
  test.each(vectors.persons)('[C9] the person of $session', async (vector) => {
    const { signingKey } = await sessionNamed(vector.session)
    const person = await importSigningKeys(hexToBytes(vector.seed))
    const certified = { room: roomIdOf(vector.room), signingKey }
    const certificate = await certifySession(person, certified)
    expect(bytesToHex(certificate.personKey)).toBe(vector.personKey)
    expect(bytesToHex(certificate.signature)).toBe(vector.signature)
    expect(await verifyPerson(certificate, certified)).toBe(true)
  })

  test.each(vectors.refusedPersons)('[C9] refused: $why', async (vector) => {
    const certificate = {
      personKey: hexToBytes(vector.personKey),
      signature: hexToBytes(vector.signature),
    }
    const signingKey = hexToBytes(vector.signingKey)
    const certified = { room: roomIdOf(vector.room), signingKey }
    expect(await verifyPerson(certificate, certified)).toBe(false)
  })
})
