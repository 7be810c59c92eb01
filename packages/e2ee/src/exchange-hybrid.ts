/**
 * Prekeys that stay closed to a quantum computer of the future: X-Wing, which is ML-KEM-768 with X25519, as the `kem` of `PrekeyBook` and
 * `choosePrekey` of `@conclave/e2ee/exchange`. A separate entry, as it loads ML-KEM. Normative text: spec/exchange.md.
 *
 * @module
 */
import { CURVE_KEY_BYTES, wipe } from '@conclave/crypto'
import { isSmallOrder } from '@conclave/crypto/verify'
import { XWing } from '@hpke/hybridkem-x-wing'
import type { ExchangeKem } from './exchange/hpke.ts'

/**
 * X-Wing: a key that is sealed to such a prekey opens for nobody who breaks ML-KEM-768 or X25519, but not both. It runs in JavaScript, which does
 * not promise constant time, and adds 2.3 KiB to a prekey and a sealed key. Signatures stay Ed25519. spec E28
 */
export const X_WING: ExchangeKem = {
  id: 2,
  publicKeyBytes: 1216,
  encapsulatedBytes: 1120,
  createKem: () => new XWing(),
  importPublicKey: async (bytes) => {
    const isGood =
      isEncapsulationKey(bytes.subarray(0, ML_KEM_KEY_BYTES)) &&
      !isSmallOrder('X25519', bytes.subarray(-CURVE_KEY_BYTES))
    // A copy: the library keeps the memory that it is given.
    return isGood ? new XWing().deserializePublicKey(bytes.slice()) : undefined
  },
  importSeed: async (seed) => {
    const kem = new XWing()
    const pair = await kem.generateKeyPairDerand(seed.slice())
    wipe(seed)
    const publicKey = new Uint8Array(await kem.serializePublicKey(pair.publicKey)).slice()
    return { publicKey, privateKey: pair.privateKey }
  },
}

/** Whether all 768 numbers of 12 bits are below the modulus. FIPS 203 §7.2 */
function isEncapsulationKey(bytes: Uint8Array): boolean {
  for (let at = 0; at < ML_KEM_KEY_BYTES - RHO_BYTES; at += 3) {
    const [low = 0, middle = 0, high = 0] = bytes.subarray(at, at + 3)
    if ((low | ((middle & 15) << 8)) >= ML_KEM_MODULUS) return false
    if (((middle >> 4) | (high << 4)) >= ML_KEM_MODULUS) return false
  }
  return true
}

const ML_KEM_KEY_BYTES = 1184
/** A seed, which any bytes are. */
const RHO_BYTES = 32
const ML_KEM_MODULUS = 3329
