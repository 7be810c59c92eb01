import '../../../../tools/web-platform.ts'
import { verifySignature } from '@conclave/crypto/verify'
import { SharedKeySource } from '@conclave/e2ee'
import { createSessionKeys, createSessionSealer, deriveParticipantId } from '@conclave/e2ee/session'
import type { SessionKeys } from '@conclave/e2ee/session'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesToHex, failureOf, openSession, ROOM, rootOf, utf8 } from '../fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const STATEMENT = utf8('conclave/1 test\0statement')
const context = { salt: utf8('salt'), info: utf8('info') }
const uses: readonly [name: string, use: (keys: SessionKeys) => unknown][] = [
  ['sign', (keys) => keys.sign(STATEMENT)],
  ['agree', (keys) => keys.agree(keys.agreementKey, context)],
  ['claim', (keys) => keys.claim()],
]

describe('keys of a session', () => {
  test('[C1] are fresh, sign, and agree from both sides', async () => {
    const [alice, bob] = [await createSessionKeys(), await createSessionKeys()]
    const own = [alice, bob].flatMap((keys) => [keys.signingKey, keys.agreementKey, utf8(keys.id)])
    expect(new Set(own.map(bytesToHex)).size).toBe(6)
    const bytes = new Uint8Array(STATEMENT)
    const signing = alice.sign(bytes)
    bytes.fill(0)
    const signature = await signing
    expect(await verifySignature(alice.signingKey, signature, STATEMENT)).toBe(true)
    expect(await verifySignature(bob.signingKey, signature, STATEMENT)).toBe(false)
    const secret = await alice.agree(bob.agreementKey, context)
    expect(secret).toHaveLength(32)
    expect(await bob.agree(alice.agreementKey, context)).toEqual(secret)
  })

  test.each(['Ed25519', 'X25519'])('[C1] a platform without %s gives no keys', async (feature) => {
    const generateKey = crypto.subtle.generateKey.bind(crypto.subtle) as (
      ...given: unknown[]
    ) => Promise<never>
    vi.spyOn(crypto.subtle, 'generateKey').mockImplementation((async (...given: unknown[]) => {
      if (given[0] === feature) throw new DOMException('no', 'NotSupportedError')
      return generateKey(...given)
    }) as never)
    const error = await failureOf(createSessionKeys())
    expect(error).toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED', details: { feature } })
  })

  test('[C2] the id belongs only to the signing key', async () => {
    const { id, signingKey } = await createSessionKeys()
    expect(await deriveParticipantId(signingKey)).toBe(id)
    signingKey[0] = (signingKey[0] ?? 0) ^ 1
    expect(await deriveParticipantId(signingKey)).not.toBe(id)
    await expect(deriveParticipantId(new Uint8Array(31))).rejects.toThrow('"signingKey" expected')
  })

  test('[C2] a key whose id would be zeros is none of a session', async () => {
    vi.spyOn(crypto.subtle, 'deriveBits').mockResolvedValue(new ArrayBuffer(16))
    expect(await deriveParticipantId(new Uint8Array(32).fill(9))).toBeUndefined()
  })

  test('[C3] private keys cannot be read out: none is extractable, shown or reachable', async () => {
    const generateKey = vi.spyOn(crypto.subtle, 'generateKey')
    const keys = await createSessionKeys()
    expect(generateKey.mock.calls.map(([, extractable]) => extractable)).not.toContain(true)
    expect(JSON.stringify(keys)).toBe(JSON.stringify({ id: keys.id }))
    expect(Object.values(keys)).toEqual([keys.id])
    keys.signingKey.fill(0)
    keys.agreementKey.fill(0)
    expect(await deriveParticipantId(keys.signingKey)).toBe(keys.id)
  })

  test.each(uses)('[C3] after closing, %s is ERR_E2EE_CLOSED', async (_, use) => {
    const keys = await createSessionKeys()
    const { id, signingKey } = keys
    keys.close()
    keys.close()
    expect((await failureOf(async () => use(keys))).code).toBe('ERR_E2EE_CLOSED')
    expect(keys.id).toBe(id)
    expect(keys.signingKey).toEqual(signingKey)
  })

  test('[C3] an agreement that is under way when the keys close gives no secret', async () => {
    const [alice, bob] = [await createSessionKeys(), await createSessionKeys()]
    const derived: Uint8Array[] = []
    const deriveBits = crypto.subtle.deriveBits.bind(crypto.subtle)
    vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation(async (...given) => {
      const bits = await deriveBits(...given)
      derived.push(new Uint8Array(bits))
      return bits
    })
    const agreeing = alice.agree(bob.agreementKey, context)
    alice.close()
    expect((await failureOf(agreeing)).code).toBe('ERR_E2EE_CLOSED')
    // The shared point and the secret.
    expect(derived).toEqual([new Uint8Array(32), new Uint8Array(32)])
  })

  test.each([
    '',
    'x',
    '\0',
    'conclave/1 \0x',
    'conclave/1 test',
    'conclave/2 test\0',
    'Conclave/1 x\0',
  ])('[C4] %j has no label, and is not signed', async (text) => {
    const keys = await createSessionKeys()
    await expect(keys.sign(utf8(text))).rejects.toThrow('"bytes" expected a label')
  })

  test('[C5] are claimed once, for good', async () => {
    const keys = await createSessionKeys()
    keys.claim()
    expect((await failureOf(() => keys.claim())).code).toBe('ERR_E2EE_SESSION_IN_USE')
    expect(await keys.sign(STATEMENT)).toHaveLength(64)
  })

  test('[C5] a session has one sealer, whose messages carry its id', async () => {
    const session = await createSessionKeys()
    const options = { keys: new SharedKeySource(rootOf(1)), room: ROOM }
    const sealer = createSessionSealer({ ...options, session })
    const again = await failureOf(() => createSessionSealer({ ...options, session }))
    expect(again.code).toBe('ERR_E2EE_SESSION_IN_USE')
    sealer.close()
    const afterClose = await failureOf(() => createSessionSealer({ ...options, session }))
    expect(afterClose.code).toBe('ERR_E2EE_SESSION_IN_USE')
    const other = await createSessionKeys()
    const { bytes } = await createSessionSealer({ ...options, session: other }).seal(
      { kind: 3 },
      STATEMENT,
    )
    const bob = openSession()
    expect(await bob.sealer.open(other.id, bytes)).toMatchObject({ type: 'opened' })
    for (const none of [undefined, session.id, {}]) {
      const given = { ...options, session: none as unknown as SessionKeys }
      expect(() => createSessionSealer(given)).toThrow(TypeError)
    }
  })

  test('[C6] another salt, info or session gives another secret', async () => {
    const [alice, bob, carol] = [
      await createSessionKeys(),
      await createSessionKeys(),
      await createSessionKeys(),
    ]
    const secrets = [
      await alice.agree(bob.agreementKey, context),
      await alice.agree(bob.agreementKey, { ...context, salt: utf8('other') }),
      await alice.agree(bob.agreementKey, { ...context, info: utf8('other') }),
      await alice.agree(carol.agreementKey, context),
      await carol.agree(bob.agreementKey, context),
    ]
    expect(new Set(secrets.map((secret) => secret && bytesToHex(secret))).size).toBe(5)
  })

  test('[C6] a key of another length, and a context of another type, is a TypeError', async () => {
    const keys = await createSessionKeys()
    await expect(keys.agree(new Uint8Array(31), context)).rejects.toThrow('"agreementKey" expected')
    const wrong = { ...context, salt: 'salt' as never }
    await expect(keys.agree(keys.agreementKey, wrong)).rejects.toThrow('"salt" expected')
    await expect(keys.sign('x' as never)).rejects.toThrow('"bytes" expected')
  })
})
