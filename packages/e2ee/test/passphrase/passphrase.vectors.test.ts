import { SharedKeySource } from '@conclave/e2ee'
import {
  createPassphraseKeySource,
  passphraseToBytes,
  stretchPassphrase,
} from '@conclave/e2ee/passphrase'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/keys-passphrase.json' with { type: 'json' }
import { bytesToHex, hexToBytes } from '../fixtures.ts'

const { label, length } = vectors.request
const context = hexToBytes(vectors.request.context)

describe.each(vectors.passphrases)('$kdf.type, room $room, epoch $epoch', (vector) => {
  const [kdf, epoch] = [vector.kdf as PassphraseKdf, BigInt(vector.epoch)]

  test('[K36] the function stretches', async () => {
    const salt = hexToBytes(vector.stretchSalt)
    const stretched = await stretchPassphrase(passphraseToBytes(vector.passphrase), { salt, kdf })
    expect(bytesToHex(stretched)).toBe(vector.stretched)
  })

  test('[K37] the root is that of room, salt, costs and epoch', async () => {
    const { passphrase, room } = vector
    const salt = hexToBytes(vector.salt)
    const keys = await createPassphraseKeySource(passphrase, { room, salt, kdf, epoch })
    const root = new SharedKeySource(hexToBytes(vector.root), { epoch })
    for (const source of [keys, root]) {
      expect(bytesToHex(await source.export(label, context, length))).toBe(vector.exported)
    }
  })
})
