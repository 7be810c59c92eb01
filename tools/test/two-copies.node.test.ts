/**
 * Objects of every exported class, of another copy of its package, where a function of this copy takes one: each works.
 * Bundlers and package managers load two copies easily. spec K42
 */
import * as one from '@conclave/e2ee'
import * as authority from '@conclave/e2ee/authority'
import * as exchange from '@conclave/e2ee/exchange'
import * as files from '@conclave/e2ee/files'
import * as session from '@conclave/e2ee/session'
import * as signing from '@conclave/e2ee/signing'
import * as vault from '@conclave/vault'
import { beforeAll, expect, test, vi } from 'vitest'
import { entries, importEntry } from './entries.ts'

vi.resetModules()
const others = {
  ...(await import('@conclave/e2ee')),
  ...(await import('@conclave/e2ee/authority')),
  ...(await import('@conclave/e2ee/exchange')),
  ...(await import('@conclave/e2ee/files')),
  ...(await import('@conclave/e2ee/passphrase')),
  ...(await import('@conclave/e2ee/session')),
  ...(await import('@conclave/e2ee/signing')),
  ...(await import('@conclave/vault')),
  ...(await import('@conclave/vault/node')),
  ...(await import('@conclave/vault/testing')),
}

const bytesOf = (value: number, length = 32): Uint8Array<ArrayBuffer> =>
  new Uint8Array(length).fill(value)
const chat = { kind: 'chat', roomId: 'r', messageId: 'm', sender: 'alice' } as const
const now = 1e12
const times = { now, expiresAt: now + 1000 }
const [alice, bob] = [one.randomParticipantId(), one.randomParticipantId()]
const key = await one.generateAesGcmKey()
const { room } = await one.deriveLinkKeys(one.generateLinkSecret())
const mine = await exchange.generateExchangeKeys()
const theirs = await others.generateExchangeKeys()
const theirSigning = await others.generateSigningKeys()

/** Seals and opens under keys of the other copy, in every way that takes some. */
const useKeys = async (keys: one.EventKeys, sender = 'alice'): Promise<void> => {
  const event = { ...chat, sender }
  expect(
    await one.openEvent(await one.sealEvent(1, keys, event), keys, { ...event, replay: 'none' }),
  ).toMatchObject({
    value: 1,
  })
  await one.createSealer({ keys, room, unsafeSelf: alice }).seal({ kind: 3 }, bytesOf(1))
}

const inviteOther = async () => {
  const book = new others.InvitationBook({ keys: theirs, storage: 'none' })
  const { invitation } = await book.create({ room: 'r', ...times })
  return { book, invitation }
}

/** By class. */
const uses: Readonly<Record<string, () => unknown>> = {
  LinkSecret: async () => {
    const secret = others.generateLinkSecret()
    expect(one.encodeLinkSecret(secret)).toBe(others.encodeLinkSecret(secret))
    expect((await one.deriveLinkKeys(secret)).room).toBe((await others.deriveLinkKeys(secret)).room)
  },
  Keyring: async () => {
    const ring = new others.Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: bytesOf(1) })
    await useKeys(ring)
    await one.keyedChannelId('x', ring)
  },
  SharedKeySource: async () => {
    const source = new others.SharedKeySource(bytesOf(1))
    await useKeys(source)
    await one.ratchetSharedKey(source)
    await one.keyedChannelId('x', source)
  },
  SharedKeyProvider: async () => {
    const provider = new others.SharedKeyProvider()
    provider.setKey(bytesOf(1))
    await useKeys(provider)
  },
  ParticipantKeySource: () => useKeys(new others.ParticipantKeySource(alice), alice),
  ParticipantKeyProvider: async () => {
    const provider = new others.ParticipantKeyProvider(alice)
    provider.setKey(alice, bytesOf(1))
    await useKeys(provider, alice)
  },
  ParticipantKeyGrant: () => {
    const grant = new others.ParticipantKeySource(alice).grantWithPast()
    const source = new one.ParticipantKeySource(bob)
    expect(source.setParticipantKey(alice, grant)).toMatchObject({ type: 'set' })
    expect(one.encodeParticipantKeyGrant(grant)).toEqual(others.encodeParticipantKeyGrant(grant))
  },
  ExternalE2EEKeyProvider: async () => {
    const provider = new others.ExternalE2EEKeyProvider({ room: 'r' })
    await provider.setSharedKey(bytesOf(1))
    await useKeys(provider)
  },
  EventCounter: () => one.sealEvent(1, key, { ...chat, counter: new others.EventCounter({ now }) }),
  ReplayGuard: async () => {
    const envelope = await one.sealEvent(1, key, {
      ...chat,
      counter: new one.EventCounter({ now }),
    })
    const replay = new others.ReplayGuard({ storage: vault.createMemoryStorage() })
    const open = () => one.openEvent(envelope, key, { ...chat, replay })
    expect([(await open()).type, await open()]).toMatchObject(['opened', { reason: 'replay' }])
  },
  SigningKeys: async () => {
    signing.createSigner(theirSigning)
    const certified = { room, signingKey: theirSigning.publicKey }
    const certificate = await session.certifySession(theirSigning, certified)
    expect(await session.verifyPerson(certificate, certified)).toBe(true)
  },
  SignerDirectory: async () => {
    const verifier = new others.SignerDirectory()
    verifier.add('alice', theirSigning.publicKey)
    const signer = signing.createSigner(theirSigning)
    const envelope = await one.sealEvent(1, key, { ...chat, signer })
    expect(await one.openEvent(envelope, key, { ...chat, verifier })).toMatchObject({ value: 1 })
  },
  SessionKeys: async () => {
    const keys = await others.createSessionKeys()
    const place = { room, sequence: 1n, kind: 3 }
    const body = await session.signRoomMessage(bytesOf(1), { session: keys, ...place })
    const { signingKey } = keys
    expect(await session.verifyRoomMessage(body, { signingKey, ...place })).toEqual(bytesOf(1))
  },
  OwnerKeys: async () => {
    const owner = await others.generateOwnerKeys()
    const place = { room, owner: await authority.deriveOwnerFingerprint(owner.publicKey) }
    const { history, rule, isInvitationEnded } = new others.RoomAuthority(place)
    const policy = { number: 1, history, rule, invitationEnded: isInvitationEnded }
    const bytes = await authority.signPolicy({ ...policy, hosts: [], removed: [] }, { owner, room })
    expect(await authority.verifyPolicy(bytes, place)).toMatchObject({ type: 'policy' })
  },
  ExchangeKeys: async () => {
    const place = { room: 'r', purpose: 'p' }
    const sealing = { from: theirs, to: theirs.identity, ...place, expiresAt: times.expiresAt }
    const sealed = await exchange.sealKey(bytesOf(1), sealing)
    const opening = { to: theirs, from: theirs.identity, ...place, now, seen: 'none' } as const
    expect(await exchange.openKey(sealed, opening)).toMatchObject({ key: bytesOf(1) })
    const book = new exchange.InvitationBook({ keys: theirs, storage: 'none' })
    const { invitation } = await book.create({ room: 'r', ...times })
    await exchange.requestInvitation(invitation, { keys: theirs, now })
  },
  Invitation: async () => {
    const { invitation } = await inviteOther()
    const text = exchange.encodeInvitation(invitation, 'link')
    expect(exchange.parseInvitation(text)?.room).toBe('r')
    expect(await exchange.requestInvitation(invitation, { keys: mine, now })).toMatchObject({
      type: 'request',
    })
  },
  InvitationBook: async () => {
    const { book, invitation } = await inviteOther()
    const request = await exchange.requestInvitation(invitation, { keys: mine, now })
    if (request.type !== 'request') throw new Error('refused')
    const accepted = await book.accept(request.bytes, { now })
    if (accepted.type !== 'accepted') throw new Error('refused')
    const answered = await book.answer(bytesOf(1), { invitation: accepted.invitation, ...times })
    if (answered.type !== 'answered') throw new Error('refused')
    const { answer } = answered
    const opening = { invitation, to: mine, now }
    expect(await exchange.openInvitationAnswer(answer, opening)).toMatchObject({ type: 'opened' })
  },
  PrekeyBook: async () => {
    const prekeys = new others.PrekeyBook({ keys: theirs, storage: 'none' })
    const offers = await prekeys.createOneTime({ count: 1, ...times })
    const asked = { of: theirs.identity, now, whenNone: 'refuse' } as const
    const choice = await others.choosePrekey(offers, asked)
    if (choice.type !== 'chosen') throw new Error(choice.reason)
    const place = { room: 'r', purpose: 'p' }
    const sealing = { from: mine, to: theirs.identity, ...place, prekey: choice.prekey }
    const sealed = await exchange.sealKey(bytesOf(1), { ...sealing, expiresAt: times.expiresAt })
    const to = { to: theirs, from: mine.identity, ...place, now, prekeys }
    const opening = { ...to, seen: 'none' } as const
    expect(await exchange.openKey(sealed, opening)).toMatchObject({ sealedTo: 'one-time-prekey' })
  },
  Prekey: () => uses['PrekeyBook']?.(),
  SeenKeys: async () => {
    const place = { room: 'r', purpose: 'p' }
    const sealing = { from: mine, to: mine.identity, ...place, expiresAt: times.expiresAt }
    const sealed = await exchange.sealKey(bytesOf(1), sealing)
    const seen = new others.SeenKeys({ storage: 'none' })
    const open = () =>
      exchange.openKey(sealed, { to: mine, from: mine.identity, ...place, now, seen })
    expect([(await open()).type, await open()]).toMatchObject(['opened', { reason: 'replay' }])
  },
  FileDescription: async () => {
    const { sealed, description } = await others.sealBytes(bytesOf(7))
    expect(await files.openBytes(sealed, description)).toEqual(bytesOf(7))
    await files.sealFileDescription(description, key, chat)
    expect(files.encodeFileDescription(description)).toEqual(
      others.encodeFileDescription(description),
    )
  },
  RecoveryKey: async () => {
    const recovery = others.generateRecoveryKey()
    expect(vault.encodeRecoveryKey(recovery)).toBe(others.encodeRecoveryKey(recovery))
    const storage = others.createMemoryStorage()
    const made = await vault.createVault({ storage, recovery, pin: 'none' })
    await made.set('a', bytesOf(1))
    const opened = await others.openVault({
      storage,
      with: { type: 'recovery-key', key: recovery },
      pin: 'none',
    })
    expect(opened.get('a')).toEqual(bytesOf(1))
    const passkeys = others.createSoftwarePasskeys({ rpId: 'example.org' })
    const passkey = await passkeys.register({ user: { name: 'a', displayName: 'A' } })
    await made.addSlot({ type: 'passkey', passkey })
    await vault.openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' })
  },
}

/** Classes of which no function takes an object. */
const NEVER_ARGUMENTS = ['BaseKeyProvider', 'RoomAuthority', 'RoomCodeRound', 'SecretBytes']

let exported: readonly string[]
beforeAll(async () => {
  const packages = entries.filter(({ name }) => /^@conclave\/(crypto|e2ee|vault)(\/|$)/.test(name))
  const modules = await Promise.all(packages.map(importEntry))
  const classes = modules
    .flatMap((module) => Object.entries(module))
    .filter(([, value]) => String(value).startsWith('class'))
    .filter(([, value]) => !((value as { prototype: unknown }).prototype instanceof Error))
  exported = [...new Set(classes.map(([name]) => name))].filter(
    (name) => !NEVER_ARGUMENTS.includes(name),
  )
})

test.each(Object.entries(uses))('[K42] %s of another copy works', async (_, use) => {
  expect(others.LinkSecret).not.toBe(one.LinkSecret)
  await use()
})

test('[K42] the table has every exported class', () => {
  expect(Object.keys(uses).toSorted()).toEqual([...exported].toSorted())
})

test('[K42] secrets of different kinds are not taken for each other', async () => {
  const recovery = vault.generateRecoveryKey() as never
  const secret = one.generateLinkSecret() as never
  await expect(one.deriveLinkKeys(recovery)).rejects.toThrow('"secret" expected LinkSecret')
  expect(() => one.encodeLinkSecret(recovery)).toThrow('"secret" expected LinkSecret')
  expect(() => vault.encodeRecoveryKey(secret)).toThrow('"key" expected RecoveryKey')
  expect(() => exchange.encodeInvitation(secret, 'link')).toThrow('expected Invitation')
  const storage = vault.createMemoryStorage()
  const made = vault.createVault({ storage, recovery: secret, pin: 'none' })
  await expect(made).rejects.toThrow('"recovery" expected RecoveryKey')
})

test('[K42] a failing storage of another copy keeps its code', async () => {
  const storage = others.createFileStorage({ folder: '\0' })
  const recovery = vault.generateRecoveryKey()
  await expect(vault.createVault({ storage, recovery, pin: 'none' })).rejects.toMatchObject({
    code: 'ERR_VAULT_STORAGE_FAILED',
    cause: { code: 'ERR_INVALID_ARG_VALUE' },
  })
})
