import { encodeBase64Url } from '@conclave/base'
import { choosePrekey, importExchangeKeys, openKey, PrekeyBook } from '@conclave/e2ee/exchange'
import { X_WING } from '@conclave/e2ee/exchange-hybrid'
import { expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/exchange-hybrid.json' with { type: 'json' }
import draft from '../../../../spec/vectors/x-wing.json' with { type: 'json' }
import { identityToBytes } from '../../src/exchange/exchange-identity.ts'
import { bytesToHex, hexToBytes } from '../fixtures.ts'
import { TestStorage } from '../test-storage.ts'

const keysOf = (name: string) => {
  const person = vectors.persons.find((each) => each.name === name)
  return importExchangeKeys(hexToBytes(person?.secret ?? ''))
}

test.each(draft.vectors)('[E28] a known answer of X-Wing’s draft: $seed', async (vector) => {
  const kem = X_WING.createKem()
  const keys = await X_WING.importSeed(hexToBytes(vector.seed))
  expect(bytesToHex(keys.publicKey)).toBe(vector.publicKey)
  const publicKey = await X_WING.importPublicKey(keys.publicKey)
  if (publicKey === undefined) throw new Error('expected a public key')
  const ekm = hexToBytes(vector.eseed).buffer
  const { enc, sharedSecret } = await kem.encap({ recipientPublicKey: publicKey, ekm })
  expect(bytesToHex(new Uint8Array(enc))).toBe(vector.encapsulated)
  expect(bytesToHex(new Uint8Array(sharedSecret))).toBe(vector.shared)
  const recipientKey = { publicKey, privateKey: keys.privateKey }
  const opened = await kem.decap({ recipientKey, enc: hexToBytes(vector.encapsulated).buffer })
  expect(bytesToHex(new Uint8Array(opened))).toBe(vector.shared)
})

test.each(vectors.prekeys)('[E17, E28] prekeys of X-Wing: $why', async (vector) => {
  const { identity } = await keysOf(vector.of)
  const { now, chosen } = vector
  const choice = await choosePrekey([hexToBytes(vector.offer)], {
    ...{ of: identity, now, whenNone: 'last-resort', kem: X_WING },
  })
  const owner = identityToBytes('of', identity)
  const target = choice.type === 'chosen' ? choice.prekey.take(owner, now) : undefined
  expect(target ? encodeBase64Url(target.prekeyId) : null).toBe(chosen)
})

test.each(vectors.sealedToPrekeys)('[E11, E28] to a prekey of X-Wing: $why', async (vector) => {
  const storage = new TestStorage()
  await storage.write(hexToBytes(vector.record), undefined)
  const [to, from] = await Promise.all([keysOf(vector.to), keysOf(vector.from)])
  const { room, purpose, now, reason, sealedTo, key = '' } = vector
  const prekeys = new PrekeyBook({ keys: to, storage, kem: X_WING })
  const opened = await openKey(hexToBytes(vector.bytes), {
    ...{ to, from: from.identity, room, purpose, now, prekeys, seen: 'none' },
  })
  expect(opened).toMatchObject(
    reason === null
      ? { type: 'opened', key: hexToBytes(key), sealedTo }
      : { type: 'dropped', reason },
  )
  expect(storage.writes).toBe(sealedTo === 'one-time-prekey' ? 2 : 1)
})
