import { importAgreementSeed } from '@conclave/crypto'
import { readFileSync } from 'node:fs'
import {
  encodeInvitation,
  importExchangeKeys,
  InvitationBook,
  parseInvitation,
  requestInvitation,
  sealKey,
} from '@conclave/e2ee/exchange'
import { expect, test } from 'vitest'
import {
  gcmSeal,
  hpkeSchedule,
  makeRequest,
  openReferenceKey,
  personOf,
} from '../reference/exchange-reference.ts'
import { makeExchangeVectors } from '../reference/exchange-vectors.ts'
import { openSeal, X25519_KEM } from '../../src/exchange/hpke.ts'
import { utf8 } from '../reference/node-reference.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const NOW = Date.UTC(2026, 10, 21)

test('[E11] the vectors equal the output of the reference', () => {
  const path = new URL('../../../../spec/vectors/exchange.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(makeExchangeVectors())),
  )
})

test('[E10] the reference makes the values of RFC 9180 appendix A.1.1', () => {
  const ephemeral = hex('52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736')
  const receiver = hex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d')
  const info = utf8('Ode on a Grecian Urn')
  const { enc, shared, key, nonce, exporter } = hpkeSchedule(
    { ephemeral, receiver },
    { info, keyLength: 16 },
  )
  expect(enc.toString('hex')).toBe(
    '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431',
  )
  expect(shared.toString('hex')).toBe(
    'fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc',
  )
  expect(key.toString('hex')).toBe('4531685d41d65f03dc48f6b8302c05b0')
  expect(nonce.toString('hex')).toBe('56d890e5accaaf011cff4b7d')
  expect(exporter.toString('hex')).toBe(
    '45ff1c2e220db587171952c0592d5f5ebe103f1561a2614e38f2ffd47e99e3f8',
  )
  const sealed = gcmSeal(
    { key, nonce, aad: utf8('Count-0') },
    utf8('Beauty is truth, truth beauty'),
  )
  expect(sealed.toString('hex')).toBe(
    'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
  )
})

test('[E10] the library opens what the reference seals with 256 bits', async () => {
  const seed = hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8')
  const keys = await importAgreementSeed(new Uint8Array(seed))
  const info = new Uint8Array(utf8('Ode on a Grecian Urn'))
  const receiver = Buffer.from(keys.publicKey)
  expect(receiver.toString('hex')).toMatch(/^3948cfe0/)
  const schedule = hpkeSchedule(
    { ephemeral: Buffer.alloc(32, 5), receiver },
    { info, keyLength: 32 },
  )
  const ciphertext = gcmSeal({ ...schedule, aad: Buffer.alloc(0) }, utf8('truth'))
  const sealed = new Uint8Array(Buffer.concat([schedule.enc, ciphertext]))
  const opened = await openSeal(sealed, { kem: X25519_KEM, keys, info })
  expect(Buffer.from(opened?.plaintext ?? [])).toEqual(utf8('truth'))
})

test('[E12, E13] a key sealed here opens with the reference', async () => {
  const [alice, bob] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const from = await importExchangeKeys(alice)
  const to = (await importExchangeKeys(bob)).identity
  const key = new Uint8Array(32).fill(9)
  const options = {
    from,
    to,
    room: 'комната',
    purpose: 'p',
    expiresAt: NOW,
    keyId: 'é',
    epoch: 7n,
  }
  const bytes = Buffer.from(await sealKey(key, options))
  const given = { from: personOf(alice), to: personOf(bob), room: 'комната', purpose: 'p' }
  expect(openReferenceKey(bytes, given).toString('hex')).toBe(
    `000000000000000702c3a9${'09'.repeat(32)}`,
  )
  expect(() => openReferenceKey(bytes, { ...given, room: 'другая' })).toThrow('authenticate')
})

test('[E22] a request of the reference is accepted, and ours equals the reference’s', async () => {
  const [alice, bob] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const book = new InvitationBook({ keys: await importExchangeKeys(alice), storage: 'none' })
  const { invitation } = await book.create({ room: 'комната', expiresAt: NOW + 1, now: NOW })
  const reference = {
    ...{ secret: Buffer.from(invitation.unsafeExport()), inviter: personOf(alice) },
    ...{ expiresAt: NOW + 1, room: 'комната' },
  }
  const received = parseInvitation(encodeInvitation(invitation, 'qr')) ?? invitation
  const keys = await importExchangeKeys(bob)
  const request = await requestInvitation(received, { keys, now: NOW })
  if (request.type !== 'request') throw new Error('expected a request')
  const nonce = Buffer.from(request.bytes.subarray(26, 38))
  const expected = makeRequest(reference, { invitee: personOf(bob), nonce })
  expect(Buffer.from(request.bytes)).toEqual(expected)
  const other = makeRequest(reference, { invitee: personOf(bob), nonce: Buffer.alloc(12, 1) })
  expect(await book.accept(other, { now: NOW })).toMatchObject({ type: 'accepted' })
})
