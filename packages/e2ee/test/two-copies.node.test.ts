/** Objects of a second copy of the package: bundlers and package managers load one easily. */
import { runInNewContext } from 'node:vm'
import * as one from '@conclave/e2ee'
import * as oneExchange from '@conclave/e2ee/exchange'
import * as oneFiles from '@conclave/e2ee/files'
import * as oneSession from '@conclave/e2ee/session'
import * as oneSigning from '@conclave/e2ee/signing'
import { describe, expect, test, vi } from 'vitest'
import { failureOf, ROOM, rootOf } from './fixtures.ts'

vi.resetModules()
const other = await import('@conclave/e2ee')
const otherExchange = await import('@conclave/e2ee/exchange')
const otherFiles = await import('@conclave/e2ee/files')
const otherSession = await import('@conclave/e2ee/session')
const otherSigning = await import('@conclave/e2ee/signing')

const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1', sender: 'alice' } as const
const [alice, bob] = [one.randomParticipantId(), one.randomParticipantId()]

describe('objects of another copy of the package', () => {
  test('[K42] the copies are two', () => {
    expect(other.LinkSecret).not.toBe(one.LinkSecret)
  })

  test('[K42] keyrings, key sources, counters, guards and signers seal and open', async () => {
    const ring = new other.Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: rootOf(1) })
    const keys = await otherSigning.generateSigningKeys()
    const directory = new otherSigning.SignerDirectory()
    directory.add('alice', keys.publicKey)
    for (const source of [ring, new other.SharedKeySource(rootOf(1))]) {
      const signer = oneSigning.createSigner(keys)
      const sealing = { ...chat, signer, counter: new other.EventCounter({ now: 1e12 }) }
      const envelope = await one.sealEvent({ a: 1 }, source, sealing)
      const replay = new other.ReplayGuard({ storage: 'none' })
      const opening = { ...chat, self: 'bob', replay, verifier: directory }
      expect(await one.openEvent(envelope, source, opening)).toMatchObject({
        value: { a: 1 },
      })
      const again = await one.openEvent(envelope, source, opening)
      expect(again).toMatchObject({ type: 'dropped', reason: 'replay' })
    }
  })

  test('[K42] a grant gives a key, and is encoded', async () => {
    const theirs = new other.ParticipantKeySource(alice)
    const grant = theirs.grantWithPast()
    const mine = new one.ParticipantKeySource(bob)
    expect(mine.setParticipantKey(alice, grant)).toMatchObject({ type: 'set' })
    expect(one.encodeParticipantKeyGrant(grant)).toEqual(other.encodeParticipantKeyGrant(grant))
  })

  test('[K42] a link secret, a file description and exchange keys are taken', async () => {
    const secret = other.generateLinkSecret()
    expect(one.encodeLinkSecret(secret)).toBe(other.encodeLinkSecret(secret))
    expect((await one.deriveLinkKeys(secret)).room).toBe((await other.deriveLinkKeys(secret)).room)
    const { sealed, description } = await otherFiles.sealBytes(rootOf(7))
    expect(await oneFiles.openBytes(sealed, description)).toEqual(rootOf(7))
    const keys = await otherExchange.generateExchangeKeys()
    const book = new oneExchange.InvitationBook({ keys, storage: 'none' })
    expect(book).toBeInstanceOf(oneExchange.InvitationBook)
  })

  test('[K42] the keys of a session agree, sign, are certified, and are claimed once', async () => {
    const [mine, theirs] = [
      await oneSession.createSessionKeys(),
      await otherSession.createSessionKeys(),
    ]
    expect(theirs).not.toBeInstanceOf(oneSession.SessionKeys)
    const context = { salt: rootOf(1), info: rootOf(2) }
    const secret = await mine.agree(theirs.agreementKey, context)
    expect(secret).toEqual(await theirs.agree(mine.agreementKey, context))
    expect(await oneSession.deriveParticipantId(theirs.signingKey)).toBe(theirs.id)
    const person = await otherSigning.generateSigningKeys()
    const certified = { room: ROOM, signingKey: theirs.signingKey }
    const certificate = await oneSession.certifySession(person, certified)
    expect(await otherSession.verifyPerson(certificate, certified)).toBe(true)
    const place = { room: ROOM, sequence: 1n, kind: 1 }
    const body = await oneSession.signRoomMessage(rootOf(5), { session: theirs, ...place })
    const from = { signingKey: theirs.signingKey, ...place }
    expect(await otherSession.verifyRoomMessage(body, from)).toEqual(rootOf(5))
    const root = new other.SharedKeySource(rootOf(1))
    const pair = { root, room: ROOM, session: mine, peer: theirs }
    const introduced = await oneSession.sealIntroduction(
      { status: 'asks' },
      { root, room: ROOM, session: theirs, recipient: mine.id },
    )
    const at = { root, room: ROOM, sender: theirs.id, self: mine.id }
    expect(await oneSession.openIntroduction(introduced.bytes, at)).toMatchObject({
      sender: { id: theirs.id },
    })
    const pairs = await Promise.all([
      oneSession.createPairKeys(pair),
      oneSession.createPairKeys({ ...pair, session: theirs, peer: mine }),
    ])
    const [own, same] = await Promise.all(
      pairs.map((keys) => (keys as unknown as one.KeySource).export('x', rootOf(1), 32)),
    )
    expect(own).toEqual(same)
    theirs.claim()
    const error = await failureOf(() => theirs.claim())
    expect(error).not.toBeInstanceOf(one.E2eeError)
    expect(error.code).toBe('ERR_E2EE_SESSION_IN_USE')
  })

  test('[K42] errors are known by their predicates', async () => {
    const closed = new other.SharedKeySource(rootOf(1))
    closed.close()
    const error: unknown = await closed.export('x', rootOf(1), 16).catch((e: unknown) => e)
    expect(error).not.toBeInstanceOf(one.E2eeError)
    expect(one.isE2eeError(error)).toBe(true)
  })
})

test('[K42] keys in memory of another realm are taken', async () => {
  const key: unknown = runInNewContext('new Uint8Array(32).fill(1).buffer')
  expect(key).not.toBeInstanceOf(ArrayBuffer)
  new one.SharedKeyProvider().setKey(key as ArrayBuffer)
  new one.ParticipantKeyProvider(alice).setKey(bob, key as ArrayBuffer)
  expect(() => new one.SharedKeyProvider().setKey(new Uint16Array(16) as never)).toThrow(TypeError)
  const session = await oneSession.createSessionKeys()
  const copy = runInNewContext('Uint8Array.from(given)', { given: session.signingKey })
  expect(copy).not.toBeInstanceOf(Uint8Array)
  expect(await oneSession.deriveParticipantId(copy as Uint8Array)).toBe(session.id)
})

test('[K42] an object of another class is refused by name', async () => {
  const wrong = { unsafeExport: () => rootOf(1), toStored: () => ({}) } as never
  const own = new one.ParticipantKeySource(bob)
  expect(() => own.setParticipantKey(alice, wrong)).toThrow('"grant" expected ParticipantKeyGrant')
  expect(() => one.encodeParticipantKeyGrant(wrong)).toThrow('"grant" expected ParticipantKeyGrant')
  expect(() => one.encodeLinkSecret(wrong)).toThrow('"secret" expected LinkSecret')
  await expect(one.deriveLinkKeys(undefined as never)).rejects.toThrow(
    '"secret" expected LinkSecret',
  )
  const place = { room: ROOM, sequence: 1n, kind: 1 }
  await expect(oneSession.signRoomMessage(rootOf(1), { session: wrong, ...place })).rejects.toThrow(
    '"session" expected SessionKeys',
  )
  await expect(
    oneSession.certifySession(wrong, { room: ROOM, signingKey: rootOf(1) }),
  ).rejects.toThrow('"person" expected SigningKeys')
  expect(() => oneSigning.createSigner(wrong)).toThrow('"keys" expected SigningKeys')
  expect(() => oneExchange.encodeInvitation(wrong, 'link')).toThrow('expected Invitation')
  expect(() => new oneExchange.InvitationBook({ keys: wrong, storage: 'none' })).toThrow(
    '"keys" expected ExchangeKeys',
  )
  await expect(oneFiles.openBytes(rootOf(1), wrong)).rejects.toThrow('expected FileDescription')
})
