import {
  createAccessKey,
  deriveLinkKeys,
  deriveRoomId,
  encodeLinkSecret,
  LinkSecret,
  parseLinkSecret,
  SharedKeySource,
} from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/keys.json' with { type: 'json' }
import { bytesToHex, hexToBytes } from '../fixtures.ts'

describe('link secrets', () => {
  test.each(vectors.linkSecrets.accepted)('[K1] $text is a secret', ({ secret, text }) => {
    const parsed = parseLinkSecret(text)
    expect(parsed && bytesToHex(parsed.unsafeExport())).toBe(secret)
    expect(encodeLinkSecret(new LinkSecret(hexToBytes(secret)))).toBe(text)
  })

  test.each(vectors.linkSecrets.refused)('[K1] refused: $why', ({ text }) => {
    expect(parseLinkSecret(text)).toBeUndefined()
  })
})

describe('link keys', () => {
  test.each(vectors.linkKeys)('[K2] secret $secret: access key and root', async (vector) => {
    const { access, keys } = await deriveLinkKeys(new LinkSecret(hexToBytes(vector.secret)))
    expect(bytesToHex(access.publicKey)).toBe(vector.accessPublicKey)
    expect(bytesToHex(await access.sign(hexToBytes(vector.message)))).toBe(vector.signature)
    const expected = new SharedKeySource(hexToBytes(vector.root))
    const [ours, theirs] = await Promise.all(
      [keys, expected].map((source) => source.export('test', new Uint8Array(), 32)),
    )
    expect(ours).toEqual(theirs)
    expect(keys.epoch).toBe(0n)
  })

  test.each(vectors.linkKeys)('[K2] seed $accessSeed: its access key', async (vector) => {
    const access = await createAccessKey(hexToBytes(vector.accessSeed))
    expect(bytesToHex(access.publicKey)).toBe(vector.accessPublicKey)
    expect(bytesToHex(await access.sign(hexToBytes(vector.message)))).toBe(vector.signature)
  })

  test.each(vectors.linkKeys)('[K3] room $room', async (vector) => {
    const owner = hexToBytes(vector.ownerFingerprint)
    const { accessPublicKey } = vector
    expect(await deriveRoomId(hexToBytes(accessPublicKey), { ownerFingerprint: owner })).toBe(
      vector.room,
    )
    const secret = new LinkSecret(hexToBytes(vector.secret))
    expect((await deriveLinkKeys(secret)).room).toBe(vector.room)
    expect(secret.ownerFingerprint).toEqual(owner)
  })
})

describe('exports', () => {
  test.each(vectors.exports)('[K6] $label, epoch $epoch, $length bytes', async (vector) => {
    const epoch = BigInt(vector.epoch)
    const source = new SharedKeySource(hexToBytes(vector.root), { epoch })
    const { label, context, length } = vector
    const output = await source.export(label, hexToBytes(context), length, epoch)
    expect(bytesToHex(output)).toBe(vector.output)
  })
})
