import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createFrameCipher, frameNonce } from '../../src/sframe/cipher.ts'
import { decodeSFrameHeader, encodeSFrameHeader } from '../../src/sframe/header.ts'
import { deriveBytes, importHkdfKey } from '@conclave/crypto'
import { expansionOf } from '../../src/sframe/key-schedule.ts'
import { SUITES } from '../../src/sframe/suite.ts'
import type { SuiteId } from '../../src/sframe/suite.ts'

/** The working group's file, beside the repository. */
const file = new URL('../../../../../shared/vectors/rfc9605-sframe.json', import.meta.url)

interface Vectors {
  readonly header: readonly {
    readonly kid: string
    readonly ctr: string
    readonly encoded: string
  }[]
  readonly sframe: readonly SFrameVector[]
}

interface SFrameVector {
  readonly cipher_suite: SuiteId
  readonly kid: string
  readonly ctr: string
  readonly base_key: string
  readonly sframe_key_label: string
  readonly sframe_salt_label: string
  readonly sframe_key: string
  readonly sframe_salt: string
  readonly metadata: string
  readonly nonce: string
  readonly aad: string
  readonly pt: string
  readonly ct: string
}

/** As numbers, values from 2^53 would silently lose their last bits. */
const readVectors = (): Vectors =>
  JSON.parse(readFileSync(file, 'utf8').replace(/"(kid|ctr)": *([0-9]+)/g, '"$1": "$2"')) as Vectors

const fromHex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe.skipIf(!existsSync(file))('the vectors of RFC 9605', () => {
  const vectors = existsSync(file) ? readVectors() : { header: [], sframe: [] }

  test('[M2] all headers, both ways', () => {
    expect(vectors.header).toHaveLength(289)
    for (const { kid, ctr, encoded } of vectors.header) {
      expect(toHex(encodeSFrameHeader(BigInt(kid), BigInt(ctr)))).toBe(encoded)
      expect(decodeSFrameHeader(fromHex(encoded))).toEqual({
        kid: BigInt(kid),
        ctr: BigInt(ctr),
        length: encoded.length / 2,
      })
    }
  })

  test('[M3] every suite is there', () => {
    expect(vectors.sframe.map((vector) => vector.cipher_suite)).toEqual([1, 2, 3, 4, 5])
  })

  test.for(vectors.sframe)('[M3] suite $cipher_suite: labels, key and salt', async (vector) => {
    const suite = SUITES[vector.cipher_suite]
    const kid = BigInt(vector.kid)
    const derive = async (part: 'key' | 'salt', bits: number): Promise<string> => {
      const baseKey = await importHkdfKey(fromHex(vector.base_key))
      const parameters = { ...expansionOf(part, { suite, kid }), length: bits / 8 }
      return toHex(await deriveBytes(baseKey, parameters))
    }
    expect(toHex(expansionOf('key', { suite, kid }).info)).toBe(vector.sframe_key_label)
    expect(toHex(expansionOf('salt', { suite, kid }).info)).toBe(vector.sframe_salt_label)
    expect(await derive('key', suite.keyBytes * 8)).toBe(vector.sframe_key)
    expect(await derive('salt', 96)).toBe(vector.sframe_salt)
    expect(toHex(frameNonce(fromHex(vector.sframe_salt), BigInt(vector.ctr)))).toBe(vector.nonce)
  })

  test.for(vectors.sframe)(
    '[M3] suite $cipher_suite: a frame, sealed and opened',
    async (vector) => {
      const suite = SUITES[vector.cipher_suite]
      const kid = BigInt(vector.kid)
      const ctr = BigInt(vector.ctr)
      const sealing = await createFrameCipher(await importHkdfKey(fromHex(vector.base_key)), {
        suite,
        kid,
        use: 'seal',
      })
      const opening = await createFrameCipher(await importHkdfKey(fromHex(vector.base_key)), {
        suite,
        kid,
        use: 'open',
      })
      const header = toHex(encodeSFrameHeader(kid, ctr))
      expect(header + vector.metadata).toBe(vector.aad)
      const context = { ctr, aad: fromHex(vector.aad) }
      const body = new Uint8Array(await sealing.encrypt(context, fromHex(vector.pt)))
      expect(header + toHex(body)).toBe(vector.ct)
      const plain = await opening.decrypt(context, body)
      expect(plain && new Uint8Array(plain)).toEqual(fromHex(vector.pt))
      const damaged = body.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
      expect(await opening.decrypt(context, damaged)).toBeUndefined()
      expect(await opening.decrypt(context, body.subarray(0, suite.tagBytes - 1))).toBeUndefined()
    },
  )
})
