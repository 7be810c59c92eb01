import * as crypto from '@conclave/crypto'
import * as errors from '@conclave/crypto/errors'
import * as verify from '@conclave/crypto/verify'
import { bytesOf } from './given.ts'
import type { Given } from './given.ts'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

/** `@conclave/crypto`. */
export const cryptoRows = (g: Given): readonly Row[] => [
  ...rowsOf('@conclave/crypto', {
    randomBytes: ['random', () => crypto.randomBytes(16)],
    webCrypto: ['subtle', () => crypto.webCrypto()],
    wipe: ['', () => crypto.wipe(bytesOf(1))],
    isCryptoError: ['', () => crypto.isCryptoError(undefined)],
    unsupportedError: ['', () => crypto.unsupportedError('X25519')],
    throwIfUnsupported: ['', () => crypto.throwIfUnsupported('X25519', new Error('x'))],
    SecretBytes: [
      '',
      () =>
        new (class extends crypto.SecretBytes {
          override readonly [Symbol.toStringTag] = 'Secret'
        })(bytesOf(1), 32),
    ],
    importAndWipe: ['subtle', () => crypto.importAndWipe(bytesOf(1), 'HKDF', ['deriveBits'])],
    importAesGcmKey: ['subtle', () => crypto.importAesGcmKey(bytesOf(1))],
    importHkdfKey: ['subtle', () => crypto.importHkdfKey(bytesOf(1))],
    importExpandKey: ['subtle', () => crypto.importExpandKey(bytesOf(1))],
    deriveBytes: ['subtle', () => crypto.deriveBytes(g.hkdf, { info: bytesOf(1), length: 16 })],
    deriveAesGcmKey: [
      'subtle',
      () => crypto.deriveAesGcmKey(g.hkdf, { info: bytesOf(1), bytes: 32, usages: ['encrypt'] }),
    ],
    expand: ['subtle', () => crypto.expand(g.hmac, { info: bytesOf(1), length: 16 })],
    encryptAesGcm: [
      'subtle',
      () => crypto.encryptAesGcm(g.key, { nonce: bytesOf(0, 12) }, bytesOf(1)),
    ],
    decryptAesGcm: [
      'subtle',
      () => crypto.decryptAesGcm(g.key, { nonce: bytesOf(0, 12) }, bytesOf(1)),
    ],
    importSigningSeed: ['subtle Ed25519', () => crypto.importSigningSeed(bytesOf(1))],
    generateSigningPair: ['subtle Ed25519', () => crypto.generateSigningPair()],
    checkSigningPair: ['subtle Ed25519', () => crypto.checkSigningPair(g.accessPair)],
    signBytes: ['subtle Ed25519', () => crypto.signBytes(g.accessPair.privateKey, bytesOf(1))],
    importAgreementSeed: ['subtle X25519', () => crypto.importAgreementSeed(bytesOf(1))],
    generateAgreementPair: ['subtle X25519', () => crypto.generateAgreementPair()],
    checkAgreementPair: ['subtle X25519', () => crypto.checkAgreementPair(g.agreement)],
    importAgreementKey: ['subtle X25519', () => crypto.importAgreementKey(g.agreement.publicKey)],
    agree: ['subtle X25519', () => crypto.agree(g.agreement.privateKey, g.agreement.publicKey)],
  }),
  ...rowsOf('@conclave/crypto/errors', {
    unsupportedError: ['', () => errors.unsupportedError('X25519')],
    throwIfUnsupported: ['', () => errors.throwIfUnsupported('X25519', new Error('x'))],
  }),
  ...rowsOf('@conclave/crypto/verify', {
    hashBytes: ['subtle', () => verify.hashBytes(bytesOf(1))],
    hmacBytes: ['subtle', () => verify.hmacBytes(bytesOf(32), bytesOf(1))],
    deriveRoomIdBytes: ['subtle', () => verify.deriveRoomIdBytes(bytesOf(1), new Uint8Array(16))],
    deriveOwnerFingerprintBytes: ['subtle', () => verify.deriveOwnerFingerprintBytes(bytesOf(1))],
    deriveParticipantIdBytes: ['subtle', () => verify.deriveParticipantIdBytes(bytesOf(1))],
    isSmallOrder: ['', () => verify.isSmallOrder('X25519', bytesOf(1))],
    randomBytes: ['random', () => verify.randomBytes(16)],
    importVerifyKey: ['subtle Ed25519', () => verify.importVerifyKey(g.accessPair.publicKey)],
    verifySignature: [
      'subtle Ed25519',
      () => verify.verifySignature(g.accessPair.publicKey, bytesOf(1, 64), bytesOf(1)),
    ],
    verifyBytes: [
      'subtle',
      () => verify.verifyBytes(g.accessPair.privateKey, bytesOf(1, 64), bytesOf(1)),
    ],
  }),
]
