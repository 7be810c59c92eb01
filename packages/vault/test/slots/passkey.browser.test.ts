import { createPasskeyClient, isPasskeySupported, openVault } from '@conclave/vault'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cdp } from 'vitest/browser'
import { codeOf, newVault, storedBytes, storageOf, textOf, utf8 } from '../fixtures.ts'

/** A real browser with an authenticator that its debugger makes: WebAuthn from end to end. */
interface Debugger {
  send(method: string, params?: object): Promise<Record<string, string>>
}

const user = { name: 'alice', displayName: 'Alice' }
const client = createPasskeyClient({ rp: { id: location.hostname, name: 'Conclave' } })
const session = cdp() as unknown as Debugger

/** The browser's own container, and how often it was asked; `change` sees what it answers when a passkey is made. */
function counting(change: (credential: PublicKeyCredential) => unknown = (made) => made) {
  const asked = { create: 0, get: 0 }
  const credentials = {
    create: async (options: CredentialCreationOptions) => {
      asked.create += 1
      return change((await navigator.credentials.create(options)) as PublicKeyCredential)
    },
    get: (options: CredentialRequestOptions) => {
      asked.get += 1
      return navigator.credentials.get(options)
    },
  } as unknown as CredentialsContainer
  const rp = { id: location.hostname, name: 'Conclave' }
  return { asked, credentials, passkeys: createPasskeyClient({ rp, credentials }) }
}

/** An authenticator that answers only on use, as many do. */
const silent = (made: PublicKeyCredential): unknown => ({
  ...{ type: made.type, rawId: made.rawId },
  getClientExtensionResults: () => ({ prf: { enabled: true } }),
})

const countPasskeys = async (authenticatorId: string): Promise<number> => {
  const answer = await session.send('WebAuthn.getCredentials', { authenticatorId })
  return (answer['credentials'] as unknown as readonly unknown[]).length
}

const addAuthenticator = async (options: object = {}): Promise<string> => {
  const { authenticatorId = '' } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal' },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      ...{ automaticPresenceSimulation: true, hasPrf: true, ...options },
    },
  })
  return authenticatorId
}

beforeEach(async () => {
  await session.send('WebAuthn.enable')
})

afterEach(async () => {
  await session.send('WebAuthn.disable')
})

test('[V12] a passkey opens the vault, again and again, and after a rotation', async () => {
  await addAuthenticator()
  expect(await isPasskeySupported()).toBe(true)
  const { vault, storage } = await newVault()
  await vault.set('a', utf8('1'))
  const passkey = await client.register({ user })
  expect(passkey.output).toHaveLength(32)
  await vault.addSlot({ type: 'passkey', passkey, label: 'this computer' })
  const credential = { type: 'passkey', passkeys: client } as const
  for (let count = 0; count < 2; count += 1) {
    const opened = await openVault({ storage, with: credential, pin: vault.pin })
    expect(textOf(opened.get('a'))).toBe('1')
    expect(opened.slots()[1]).toMatchObject({ label: 'this computer', inUse: true })
    await opened.rotate()
    await vault.refresh()
  }
})

test('[V12] each of several passkeys opens its own slot', async () => {
  const first = await addAuthenticator()
  const { vault, storage } = await newVault()
  const one = await client.register({ user })
  await vault.addSlot({ type: 'passkey', passkey: one, label: 'one' })
  await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: first })
  await addAuthenticator()
  const other = await client.register({ user })
  await vault.addSlot({ type: 'passkey', passkey: other, label: 'other' })
  const opened = await openVault({
    storage,
    with: { type: 'passkey', passkeys: client },
    pin: 'none',
  })
  expect(opened.slots().find(({ inUse }) => inUse)?.label).toBe('other')
})

test('[V12] one authenticator gets one passkey for a vault', async () => {
  await addAuthenticator()
  const { vault } = await newVault()
  await vault.addSlot({ type: 'passkey', passkey: await client.register({ user }) })
  const exclude = vault.slots().flatMap(({ credentialId }) => credentialId ?? [])
  expect(exclude).toHaveLength(1)
  expect(await codeOf(client.register({ user, exclude }))).toBe('ERR_VAULT_PASSKEY_REFUSED')
})

test('[V12] a passkey gives its secret while it is made, without a second dialog', async () => {
  await addAuthenticator()
  const { asked, passkeys } = counting()
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passkey', passkey: await passkeys.register({ user }) })
  expect(asked).toEqual({ create: 1, get: 0 })
  await openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' })
  expect(asked).toEqual({ create: 1, get: 1 })
})

test('[V12] a passkey that answers only on use is used once, before it becomes a slot', async () => {
  await addAuthenticator()
  const { asked, passkeys } = counting(silent)
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passkey', passkey: await passkeys.register({ user }) })
  expect(asked).toEqual({ create: 1, get: 1 })
  await openVault({ storage, with: { type: 'passkey', passkeys: client }, pin: 'none' })
})

test('[V12] a passkey without a secret does not become a slot, and does not stay', async () => {
  const authenticatorId = await addAuthenticator({ hasPrf: false })
  const error = await codeOf(client.register({ user }))
  expect(error).toBe('ERR_VAULT_UNSUPPORTED')
  expect(await countPasskeys(authenticatorId)).toBe(0)
})

test('[V12] a passkey whose first use fails or is ended does not stay', async () => {
  const authenticatorId = await addAuthenticator()
  const { credentials, passkeys } = counting(silent)
  credentials.get = async () => {
    expect(await countPasskeys(authenticatorId)).toBe(1)
    throw new DOMException('the person declined', 'NotAllowedError')
  }
  expect(await codeOf(passkeys.register({ user }))).toBe('ERR_VAULT_PASSKEY_REFUSED')
  expect(await countPasskeys(authenticatorId)).toBe(0)

  const aborter = new AbortController()
  const ended = counting((made) => {
    aborter.abort(new Error('the person went back'))
    return silent(made)
  })
  const asking = ended.passkeys.register({ user, signal: aborter.signal })
  await expect(asking).rejects.toThrow('the person went back')
  expect(await countPasskeys(authenticatorId)).toBe(0)
})

test('[V12] a passkey that does not become a slot does not stay, and one that may be one does', async () => {
  const authenticatorId = await addAuthenticator()
  const { vault, storage } = await newVault()
  const rp = await client.register({ user })
  const broken = { ...rp, rpId: 'No Host' }
  await expect(vault.addSlot({ type: 'passkey', passkey: broken })).rejects.toThrow('"slot.passkey')
  expect(await countPasskeys(authenticatorId)).toBe(0)

  const kept = await client.register({ user })
  const output = kept.output.slice()
  await vault.addSlot({ type: 'passkey', passkey: kept })
  const twice = vault.addSlot({ type: 'passkey', passkey: { ...kept, output } })
  expect(await codeOf(twice)).toBe('ERR_VAULT_SLOT_EXISTS')
  storage.write = async () => {
    throw new Error('offline')
  }
  const other = await client.register({ user })
  expect(await codeOf(vault.addSlot({ type: 'passkey', passkey: other }))).toBe(
    'ERR_VAULT_STORAGE_FAILED',
  )
  expect(await countPasskeys(authenticatorId)).toBe(2)
  expect(await client.forget(vault.slots()[1]?.credentialId ?? '')).toBe(true)
  expect(await countPasskeys(authenticatorId)).toBe(1)
})

test('[V12] an unverified person, and a device without a passkey of the vault, are refused', async () => {
  const authenticatorId = await addAuthenticator()
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passkey', passkey: await client.register({ user }) })
  const credential = { type: 'passkey', passkeys: client } as const
  await session.send('WebAuthn.setUserVerified', {
    authenticatorId,
    isUserVerified: false,
  } as object)
  expect(await codeOf(openVault({ storage, with: credential, pin: 'none' }))).toBe(
    'ERR_VAULT_PASSKEY_REFUSED',
  )
  await session.send('WebAuthn.clearCredentials', { authenticatorId })
  await session.send('WebAuthn.setUserVerified', {
    authenticatorId,
    isUserVerified: true,
  } as object)
  expect(await codeOf(openVault({ storage, with: credential, pin: 'none' }))).toBe(
    'ERR_VAULT_PASSKEY_REFUSED',
  )
})

test('[V12] a dialog can be ended, and a passkey of another site is not asked for', async () => {
  await addAuthenticator()
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passkey', passkey: await client.register({ user }) })
  // The authenticator waits for the person, who does not come.
  await session.send('WebAuthn.disable')
  await session.send('WebAuthn.enable')
  await addAuthenticator({ automaticPresenceSimulation: false })
  const reason = new Error('the person went back')
  const aborter = new AbortController()
  const asking = client.register({ user, signal: aborter.signal })
  aborter.abort(reason)
  await expect(asking).rejects.toBe(reason)
  const { signal } = aborter
  const ended = openVault({
    storage,
    with: { type: 'passkey', passkeys: client, signal },
    pin: 'none',
  })
  await expect(ended).rejects.toBe(reason)
  const elsewhere = createPasskeyClient({ rp: { id: 'example.org', name: 'Elsewhere' } })
  const asked = openVault({ storage, with: { type: 'passkey', passkeys: elsewhere }, pin: 'none' })
  expect(await codeOf(asked)).toBe('ERR_VAULT_NO_SLOT')
})

test('[V25] a lost device with a passkey opens the old copy, and no later state', async () => {
  await addAuthenticator()
  const { vault, storage } = await newVault()
  const slot = await vault.addSlot({ type: 'passkey', passkey: await client.register({ user }) })
  await vault.set('a', utf8('before'))
  const credential = { type: 'passkey', passkeys: client } as const
  const thief = await openVault({ storage, with: credential, pin: 'none' })
  const copy = await storedBytes(storage)
  await vault.revoke([slot.id], { entries: { a: utf8('after') } })
  const old = await openVault({ storage: await storageOf(copy), with: credential, pin: 'none' })
  expect(textOf(old.get('a'))).toBe('before')
  expect(await codeOf(openVault({ storage, with: credential, pin: 'none' }))).toBe(
    'ERR_VAULT_NO_SLOT',
  )
  expect(await codeOf(thief.refresh())).toBe('ERR_VAULT_NO_SLOT')
})
