import { concatBytes } from '@conclave/base'
import { importVerifyKey } from '@conclave/crypto/verify'
import {
  decryptChatJson,
  encryptChatJson,
  EVENT_FLAGS,
  EventCounter,
  generateAesGcmKey,
  Keyring,
  openEvent,
  decodeEventHeader,
  ReplayGuard,
  sealEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import type { OpenedOrDroppedEvent } from '@conclave/e2ee'
import {
  createSigner,
  generateSigningKeys,
  importSigningKeys,
  MAX_KEYS_PER_SIGNER,
  MAX_SIGNERS,
  SignerDirectory,
} from '@conclave/e2ee/signing'
import type { EventSigner, EventVerifier } from '@conclave/e2ee/signing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesToHex, failureOf, flipBit, hexToBytes, rootOf } from '../fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const key = await generateAesGcmKey()
const [alices, mallorys] = [await generateSigningKeys(), await generateSigningKeys()]
const [alice, mallory] = [createSigner(alices), createSigner(mallorys)]
const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const call = { kind: 'call', callId: 'call-1', eventName: 'call.offer' } as const

function knowAlice(): SignerDirectory {
  const directory = new SignerDirectory()
  directory.add('alice', alices.publicKey)
  directory.add('mallory', mallorys.publicKey)
  return directory
}

const reasonOf = (opened: OpenedOrDroppedEvent): string =>
  opened.type === 'opened' ? `opened ${JSON.stringify(opened.value)}` : opened.reason
const openVerified = async (envelope: unknown, context: typeof chat | typeof call = chat) =>
  reasonOf(await openEvent(envelope, key, { ...context, verifier: knowAlice() }))

describe('signed events', () => {
  test('[P50] open with the sender that signed, in both encodings, padded, hidden, numbered and derived', async () => {
    const ring = new Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: rootOf(7) })
    const counter = new EventCounter({ now: 0 })
    const all = {
      ...{ sender: 'alice', signer: alice, counter },
      ...{ padding: 'padme', hideEventName: true },
    } as const
    for (const keys of [key, ring]) {
      for (const seal of [sealEvent, sealEventBinary]) {
        for (const rest of [{}, all]) {
          const options = { ...call, sender: 'alice', signer: alice, ...rest }
          const envelope = await seal({ a: 1 }, keys, options)
          expect(decodeEventHeader(envelope)?.flags).toBe(
            (decodeEventHeader(envelope)?.flags ?? 0) | EVENT_FLAGS.signed,
          )
          const opened = await openEvent(envelope, keys, {
            ...call,
            verifier: knowAlice(),
            replay: 'none',
          })
          expect(opened).toMatchObject({ type: 'opened', sender: 'alice', value: { a: 1 } })
          expect(opened).toMatchObject({ signedBy: alices.publicKey, eventName: 'call.offer' })
        }
      }
    }
    const bytes = Uint8Array.of(1, 2, 3)
    const sealing = sealEventBinary(bytes, key, { ...chat, sender: 'alice', signer: alice })
    bytes.fill(9)
    expect(await openVerified(await sealing)).toBe(`opened {"0":1,"1":2,"2":3}`)
    const empty = { ...chat, sender: 'alice', signer: alice }
    expect(await openVerified(await sealEvent(new Uint8Array(), key, empty))).toBe('opened {}')
  })

  test('[P50] the signature is sealed: carriers see the same as without, and 64 bytes more', async () => {
    const signer: EventSigner & { seen?: Uint8Array } = {
      sign: async (event) => (signer.seen = await alice.sign(event)) as Uint8Array<ArrayBuffer>,
    }
    const options = { ...chat, sender: 'alice' }
    const signed = await sealEventBinary('x', key, { ...options, signer })
    const plain = await sealEventBinary('x', key, options)
    expect(signed.length).toBe(plain.length + 64)
    expect(bytesToHex(signed)).not.toContain(bytesToHex(signer.seen ?? rootOf(0)).slice(0, 16))
  })

  test('[P50] a signature is valid for no other event, context, number, sender or key', async () => {
    const taken: Uint8Array<ArrayBuffer>[] = []
    const recording: EventSigner = {
      sign: async (event) => {
        const content = await alice.sign(event)
        taken.push(content)
        return content
      },
    }
    const counter = new EventCounter({ now: 0 })
    const named = { keyId: 'k', keyVersion: 1, sender: 'alice' }
    await sealEvent('pay 5', key, { ...chat, ...named, signer: recording, counter })
    // Mallory has the key, and so the plaintext and the signature: seals them again, elsewhere.
    const replaying: EventSigner = {
      sign: async ({ plaintext }) => concatBytes((taken[0] ?? []).slice(0, 64), plaintext),
    }
    const forge = async (value: string, change: object) => {
      const options = { ...chat, ...named, signer: replaying, counter: counterAt(0), ...change }
      return openVerified(await sealEvent(value, key, options as never), {
        ...chat,
        ...change,
      } as never)
    }
    const counterAt = (sequence: number) =>
      ({ take: () => ({ stream: counter.stream, sequence }) }) as unknown as EventCounter
    expect(await forge('pay 5', {})).toBe('opened "pay 5"')
    expect(await forge('pay 6', {})).toBe('not-authentic')
    expect(await forge('pay 5', { messageId: 'msg-2' })).toBe('not-authentic')
    expect(await forge('pay 5', { roomId: 'room-43' })).toBe('not-authentic')
    expect(await forge('pay 5', { counter: counterAt(1) })).toBe('not-authentic')
    expect(await forge('pay 5', { sender: 'mallory' })).toBe('not-authentic')
    expect(await forge('pay 5', { keyId: 'l' })).toBe('not-authentic')
    expect(await forge('pay 5', { padding: 'padme' })).toBe('not-authentic')
  })

  test('[P51] a signed event needs a sender; without a verifier it opens and is reported as unverified', async () => {
    await expect(sealEvent(1, key, { ...chat, signer: alice })).rejects.toThrow(/"sender" expected/)
    const envelope = await sealEvent(1, key, { ...chat, sender: 'alice', signer: mallory })
    const opened = await openEvent(envelope, key, chat)
    expect(opened).toMatchObject({ type: 'opened', value: 1, sender: 'alice' })
    expect(opened).toHaveProperty('signedBy', undefined)
  })

  test('[P52] a member cannot speak as another: not unsigned, not with its own key', async () => {
    const options = { ...chat, sender: 'alice' }
    expect(await openVerified(await sealEvent('x', key, options))).toBe('unsigned')
    const forged = await sealEvent('x', key, { ...options, signer: mallory })
    expect(await openVerified(forged)).toBe('not-authentic')
    const honest = await sealEvent('x', key, { ...options, sender: 'mallory', signer: mallory })
    expect(await openVerified(honest)).toBe('opened "x"')
    const stranger = await sealEvent('x', key, { ...options, sender: 'eve', signer: mallory })
    expect(await openVerified(stranger)).toBe('not-authentic')
    const nobody: EventSigner = {
      sign: async ({ plaintext }) => concatBytes(new Uint8Array(64), plaintext),
    }
    expect(await openVerified(await sealEvent('x', key, { ...options, signer: nobody }))).toBe(
      'not-authentic',
    )
  })

  test('[P52] the flag is authenticated: it can be neither set nor cleared', async () => {
    const signed = await sealEventBinary('x', key, { ...chat, sender: 'alice', signer: alice })
    const plain = await sealEventBinary('x', key, { ...chat, sender: 'alice' })
    expect(await openVerified(flipBit(signed, 2, 5))).toBe('unsigned')
    expect(reasonOf(await openEvent(flipBit(signed, 2, 5), key, chat))).toBe('not-authentic')
    expect(await openVerified(flipBit(plain, 2, 5))).toBe('not-authentic')
    const short: EventSigner = { sign: async () => new Uint8Array(63) }
    const cut = await sealEvent(new Uint8Array(60), key, {
      ...chat,
      sender: 'alice',
      signer: short,
    })
    expect(await openVerified(cut)).toBe('malformed')
    expect(reasonOf(await openEvent(cut, key, chat))).toBe('malformed')
  })

  test('[P52] the helpers by purpose reject with one code', async () => {
    const place = { roomId: 'room-42', messageId: 'msg-1' }
    const verifier = knowAlice()
    const good = await encryptChatJson({ a: 1 }, key, { ...place, sender: 'alice', signer: alice })
    expect(await decryptChatJson(good, key, { ...place, verifier, sender: 'alice' })).toEqual({
      a: 1,
    })
    for (const envelope of [
      await encryptChatJson({ a: 1 }, key, { ...place, sender: 'alice' }),
      await encryptChatJson({ a: 1 }, key, { ...place, sender: 'alice', signer: mallory }),
    ]) {
      const failure = await failureOf(
        decryptChatJson(envelope, key, { ...place, verifier, sender: 'alice' }),
      )
      expect([failure.code, failure.details]).toEqual(['ERR_E2EE_OPEN_FAILED', undefined])
    }
  })

  test('[P52] a forgery moves no replay guard', async () => {
    const replay = new ReplayGuard({ storage: 'none' })
    const counter = new EventCounter({ now: 0 })
    const open = async (envelope: unknown) =>
      reasonOf(await openEvent(envelope, key, { ...chat, replay, verifier: knowAlice() }))
    const copy = { take: () => ({ stream: counter.stream, sequence: 0 }) } as EventCounter
    const options = { ...chat, sender: 'alice' }
    const forged = await sealEvent('no', key, { ...options, signer: mallory, counter: copy })
    const good = await sealEvent('yes', key, { ...options, signer: alice, counter })
    expect(await open(forged)).toBe('not-authentic')
    expect(await open(good)).toBe('opened "yes"')
    expect(await open(good)).toBe('replay')
  })

  test('[P52] arguments that are no signer and no verifier are TypeErrors', async () => {
    for (const wrong of [null, {}, 'alice', { sign: 1 }]) {
      const sealing = sealEvent(1, key, { ...chat, sender: 'a', signer: wrong as never })
      await expect(sealing).rejects.toThrow(/^"signer" expected/)
      const opening = openEvent({}, key, { ...chat, verifier: wrong as never })
      await expect(opening).rejects.toThrow(/^"verifier" expected/)
    }
    expect(() => createSigner({} as never)).toThrow(/^"keys" expected/)
  })
})

describe('directories', () => {
  const SMALL_ORDER = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  ]

  test('[P53] know several keys of a sender, and forget them', async () => {
    const directory = knowAlice()
    const phone = await importSigningKeys(rootOf(3))
    directory.add('alice', phone.publicKey)
    directory.add('alice', phone.publicKey)
    expect(directory.keysOf('alice')).toEqual([alices.publicKey, phone.publicKey])
    const options = { ...chat, sender: 'alice', signer: createSigner(phone) }
    const envelope = await sealEvent(1, key, options)
    const open = () => openEvent(envelope, key, { ...chat, verifier: directory })
    expect(await open()).toMatchObject({ type: 'opened', signedBy: phone.publicKey })
    directory.remove('alice', phone.publicKey)
    expect(reasonOf(await open())).toBe('not-authentic')
    directory.remove('alice', phone.publicKey)
    expect(directory.keysOf('alice')).toEqual([alices.publicKey])
    directory.remove('alice')
    expect(directory.keysOf('alice')).toEqual([])
    directory.remove('nobody')
  })

  test('[P53] a key that is removed meanwhile opens nothing', async () => {
    const directory = knowAlice()
    const envelope = await sealEvent(1, key, { ...chat, sender: 'alice', signer: alice })
    const removing: EventVerifier = {
      verify: async (event) => {
        const verified = directory.verify(event)
        directory.remove('alice')
        return verified
      },
    }
    const opened = await openEvent(envelope, key, { ...chat, verifier: removing })
    expect(reasonOf(opened)).toBe('not-authentic')
  })

  test.each(SMALL_ORDER)('[P53] the key %s, for which anyone can sign, is refused', async (hex) => {
    expect(() => new SignerDirectory().add('alice', hexToBytes(hex))).toThrow(/^"publicKey"/)
    expect(await importVerifyKey(hexToBytes(hex))).toBeUndefined()
  })

  test('[P53] directories are bounded, and errors name the argument', () => {
    const directory = new SignerDirectory()
    const keyOf = (index: number): Uint8Array => rootOf(0x22).fill(index, 0, 1)
    for (let index = 0; index < MAX_KEYS_PER_SIGNER; index += 1) directory.add('a', keyOf(index))
    const full = { code: 'ERR_E2EE_TOO_MANY_KEYS', details: { maxKeys: MAX_KEYS_PER_SIGNER } }
    expect(() => directory.add('a', keyOf(255))).toThrow(expect.objectContaining(full))
    for (let index = 1; index < MAX_SIGNERS; index += 1) directory.add(`${index}`, keyOf(0))
    const crowded = { code: 'ERR_E2EE_TOO_MANY_KEYS', details: { maxKeys: MAX_SIGNERS } }
    expect(() => directory.add('more', keyOf(0))).toThrow(expect.objectContaining(crowded))
    directory.remove('1')
    directory.add('more', keyOf(0))
    for (const sender of [7, undefined]) {
      expect(() => directory.add(sender as never, keyOf(0))).toThrow(/^"sender" expected string/)
    }
    expect(() => directory.add('', keyOf(0))).toThrow(RangeError)
    expect(() => directory.add('a', new Uint8Array(31))).toThrow(/^"publicKey" expected/)
  })

  test('[P53] senders named like members of Object.prototype are like others', async () => {
    const envelope = await sealEvent(1, key, { ...chat, sender: '__proto__', signer: alice })
    expect(await openVerified(envelope)).toBe('not-authentic')
    const directory = new SignerDirectory()
    directory.add('__proto__', alices.publicKey)
    const opened = await openEvent(envelope, key, { ...chat, verifier: directory })
    expect(reasonOf(opened)).toBe('opened 1')
  })
})
