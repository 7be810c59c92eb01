import '../../../../tools/web-platform.ts'
import { deriveBytes, importHkdfKey } from '@conclave/crypto'
import {
  createAccessKey,
  deriveLinkKeys,
  deriveRoomId,
  generateLinkSecret,
  LinkSecret,
} from '@conclave/e2ee'
import { afterEach, expect, test, vi } from 'vitest'
import { bytesToHex, failureOf, rootOf, utf8 } from '../fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('[K2] the same secret gives the same keys, another secret others', async () => {
  const secret = generateLinkSecret()
  const [first, again, other] = await Promise.all([
    deriveLinkKeys(secret),
    deriveLinkKeys(secret),
    deriveLinkKeys(generateLinkSecret()),
  ])
  expect(again.room).toBe(first.room)
  expect(again.access.publicKey).toEqual(first.access.publicKey)
  expect(other.room).not.toBe(first.room)
  expect(other.access.publicKey).not.toEqual(first.access.publicKey)
  const exports = await Promise.all(
    [first, again, other].map(({ keys }) => keys.export('test', new Uint8Array(), 32)),
  )
  expect(exports[1]).toEqual(exports[0])
  expect(exports[2]).not.toEqual(exports[0])
})

test('[K2] access seed, root, room id and secret are all different', async () => {
  const secret = generateLinkSecret()
  const material = await importHkdfKey(secret.unsafeExport().slice(0, 32))
  const salt = utf8('conclave/1 link')
  const labels = ['access', 'root', 'room id']
  const outputs = await Promise.all(
    labels.map((label) =>
      deriveBytes(material, { salt, info: utf8(`conclave/1 ${label}`), length: 32 }),
    ),
  )
  const { access, keys } = await deriveLinkKeys(secret)
  const exported = await keys.export('conclave/1 access', new Uint8Array(), 32)
  const all = [...outputs, exported, access.publicKey, secret.unsafeExport()].map(bytesToHex)
  expect(new Set(all).size).toBe(all.length)
})

test('[K3] the room id belongs only to its access key', async () => {
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  expect(await deriveRoomId(access.publicKey)).toBe(room)
  const changed = access.publicKey
  changed[0] = (changed[0] ?? 0) ^ 1
  expect(await deriveRoomId(changed)).not.toBe(room)
  expect(await deriveRoomId(access.publicKey)).toBe(room)
})

test('[K3, U2] the room id belongs only to its owner', async () => {
  const ownerFingerprint = new Uint8Array(16).fill(7)
  const secret = generateLinkSecret({ ownerFingerprint })
  const owned = await deriveLinkKeys(secret)
  const { publicKey } = owned.access
  expect(secret.ownerFingerprint).toEqual(ownerFingerprint)
  expect(await deriveRoomId(publicKey, { ownerFingerprint })).toBe(owned.room)
  const bytes = secret.unsafeExport()
  bytes.fill(8, 32)
  const stolen = await deriveLinkKeys(new LinkSecret(bytes))
  expect(stolen.access.publicKey).toEqual(publicKey)
  expect(stolen.room).not.toBe(owned.room)
  expect(await deriveRoomId(publicKey)).not.toBe(owned.room)
})

test('[K4] a signature of an access key verifies under its public half', async () => {
  const { access } = await deriveLinkKeys(generateLinkSecret())
  const signature = await access.sign(utf8('challenge'))
  expect(signature.length).toBe(64)
  const key = await crypto.subtle.importKey('raw', access.publicKey, 'Ed25519', false, ['verify'])
  expect(await crypto.subtle.verify('Ed25519', key, signature, utf8('challenge'))).toBe(true)
  expect(await crypto.subtle.verify('Ed25519', key, signature, utf8('challengf'))).toBe(false)
})

test('[K4] a platform without Ed25519 is ERR_CRYPTO_UNSUPPORTED', async () => {
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(
    new DOMException('no', 'NotSupportedError'),
  )
  const error = await failureOf(createAccessKey(rootOf(1)))
  expect(error).toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED', details: { feature: 'Ed25519' } })
})

test('[K4] a public half that does not fit the private one gives no key', async () => {
  const x = 'A'.repeat(43)
  vi.spyOn(crypto.subtle, 'exportKey').mockResolvedValue({ x })
  expect((await failureOf(createAccessKey(rootOf(1)))).code).toBe('ERR_CRYPTO_UNSUPPORTED')
})

test('[K4] a context without WebCrypto is ERR_CRYPTO_UNSUPPORTED', async () => {
  vi.stubGlobal('crypto', {})
  const error = await failureOf(deriveLinkKeys(new LinkSecret(new Uint8Array(48)))).finally(() => {
    vi.unstubAllGlobals()
  })
  expect(error).toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED', details: { feature: 'WebCrypto' } })
})

test('[K5] an access key shows nothing of its private half', async () => {
  const access = await createAccessKey(rootOf(0xab))
  expect(JSON.stringify(access)).not.toContain('171')
  expect(Object.keys(access)).toEqual(['publicKey', 'sign'])
})

test('[K5] derived secrets are overwritten once their keys are made', async () => {
  const derived: ArrayBuffer[] = []
  const deriveBits = crypto.subtle.deriveBits.bind(crypto.subtle)
  vi.spyOn(crypto.subtle, 'deriveBits').mockImplementation(async (...given) => {
    const bits = await deriveBits(...given)
    derived.push(bits)
    return bits
  })
  const { keys } = await deriveLinkKeys(generateLinkSecret())
  await keys.export('test', new Uint8Array(), 32)
  const secrets = derived.map((bits) => new Uint8Array(bits)).filter(({ length }) => length === 32)
  expect(secrets).toEqual([new Uint8Array(32), new Uint8Array(32)])
})

test('[K5] raw material is overwritten once the platform holds it, also when that fails', async () => {
  const seen: Uint8Array[] = []
  const importKey = crypto.subtle.importKey.bind(crypto.subtle) as (
    ...rest: unknown[]
  ) => Promise<CryptoKey>
  vi.spyOn(crypto.subtle, 'importKey').mockImplementation(((...rest: unknown[]) => {
    const [, material, , extractable] = rest
    if (material instanceof Uint8Array) seen.push(material)
    expect(extractable === false || rest[0] === 'pkcs8').toBe(true)
    return importKey(...rest)
  }) as never)
  const secret = generateLinkSecret()
  const { access, keys } = await deriveLinkKeys(secret)
  await keys.export('test', new Uint8Array(), 32)
  const publicKey = bytesToHex(access.publicKey)
  const secrets = seen.filter((bytes) => bytesToHex(bytes) !== publicKey)
  expect(secrets.length).toBeGreaterThanOrEqual(4)
  for (const bytes of secrets) expect(bytes.every((byte) => byte === 0)).toBe(true)
  await expect(importHkdfKey(rootOf(5))).resolves.toBeDefined()
})

test('a seed or a public key of another length is a TypeError', async () => {
  await expect(createAccessKey(new Uint8Array(31))).rejects.toThrow(TypeError)
  await expect(deriveRoomId(new Uint8Array(33))).rejects.toThrow('"publicKey" expected')
})
