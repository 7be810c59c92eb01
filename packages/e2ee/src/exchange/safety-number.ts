import { textToBytes } from '@conclave/base'
import { webCrypto } from '@conclave/crypto'
import { identityToBytes } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'

/**
 * 60 digits in 12 groups of 5 that two people see alike exactly if each has the other's true identity: they read the
 * digits to each other, or lay their screens side by side. The order of the arguments does not matter. spec E6
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function safetyNumber(
  one: ExchangeIdentity,
  other: ExchangeIdentity,
): Promise<string> {
  const halves = await Promise.all([
    digitsOf(identityToBytes('one', one)),
    digitsOf(identityToBytes('other', other)),
  ])
  return halves.sort().join(' ')
}

/** Slow on purpose: a search for another identity with the same digits pays for each try. */
async function digitsOf(identity: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = webCrypto()
  const key = await subtle.importKey('raw', identity, 'PBKDF2', false, ['deriveBits'])
  const parameters = { name: 'PBKDF2', hash: 'SHA-512', salt: SALT, iterations: ITERATIONS }
  const view = new DataView(await subtle.deriveBits(parameters, key, GROUPS * GROUP_BYTES * 8))
  const groups = Array.from({ length: GROUPS }, (_, group) => {
    const at = group * GROUP_BYTES
    const number = view.getUint8(at) * 2 ** 32 + view.getUint32(at + 1)
    return (number % 100_000).toString().padStart(5, '0')
  })
  return groups.join(' ')
}

const SALT = textToBytes('conclave/1 safety number')
const ITERATIONS = 100_000
const GROUPS = 6
const GROUP_BYTES = 5
