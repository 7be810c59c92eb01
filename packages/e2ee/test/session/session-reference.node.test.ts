import { readFileSync } from 'node:fs'
import { SharedKeySource } from '@conclave/e2ee'
import { certifySession, createSessionSealer, sealIntroduction } from '@conclave/e2ee/session'
import type { IntroductionStatus } from '@conclave/e2ee/session'
import { importSigningKeys } from '@conclave/e2ee/signing'
import { afterEach, expect, test, vi } from 'vitest'
import vectors from '../../../../spec/vectors/session.json' with { type: 'json' }
import { bytesToHex, hexToBytes, participantIdOf, roomIdOf, withSalt } from '../fixtures.ts'
import { makeSessionVectors } from '../reference/session-vectors.ts'
import { sessionNamed, sessionOfId } from './fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('[C2, C6] the committed vectors of sessions equal the output of the reference', () => {
  const path = new URL('../../../../spec/vectors/session.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(makeSessionVectors())),
  )
})

test.each(vectors.sealedRoomMessages.filter(({ sequence }) => Number(sequence) < 100))(
  '[C22] with the same salt, a session seals the bytes of the reference: kind $kind, sequence $sequence',
  async ({ root, room, salt, sequence, kind, content, bytes }) => {
    const session = await sessionNamed('alice')
    const options = { keys: new SharedKeySource(hexToBytes(root)), room: roomIdOf(room), session }
    const sealer = withSalt(hexToBytes(salt), () =>
      createSessionSealer({ ...options, signingKeys: new Map() }),
    )
    while (sealer.next() < BigInt(sequence)) await sealer.seal({ kind }, new Uint8Array())
    expect(bytesToHex((await sealer.seal({ kind }, hexToBytes(content))).bytes)).toBe(bytes)
  },
)

test.each(vectors.introductions)(
  '[C11, C13] with the same salt, sealing gives the bytes of the reference: $status, $name',
  async ({ bytes, digest, salt, ...vector }) => {
    const [room, recipient] = [roomIdOf(vector.room), participantIdOf(vector.recipient)]
    const root = new SharedKeySource(hexToBytes(vector.root))
    const session = await sessionOfId(vector.sender)
    const seed = vector.personSeed
    const keys = seed === null ? undefined : await importSigningKeys(hexToBytes(seed))
    const person = keys && (await certifySession(keys, { room, signingKey: session.signingKey }))
    const answers = vector.answers === null ? undefined : hexToBytes(vector.answers)
    const { wantsAnswer, name } = vector
    const status = vector.status as IntroductionStatus
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      ;(array as unknown as Uint8Array).set(hexToBytes(salt))
      return array
    })
    const introduction = { status, wantsAnswer, answers, person, name }
    const sealed = await sealIntroduction(introduction, { root, session, room, recipient })
    expect(bytesToHex(sealed.bytes)).toBe(bytes)
    expect(bytesToHex(sealed.digest)).toBe(digest)
  },
)
