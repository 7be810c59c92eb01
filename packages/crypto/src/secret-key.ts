/**
 * A secret key in the platform's keeping. In a page always a `CryptoKey`; in Node a key that was made here, from bytes, is a key
 * object of Node's, with which a call costs no way to another thread. A `CryptoKey` that an application gives stays one everywhere.
 * You must not look into it, nor send it elsewhere: a `CryptoKey` from `importAndWipe` may cross to a worker.
 */
export type SecretKey = CryptoKey | SecretKeyObject

/** A `KeyObject` of `node:crypto`, as far as pages need to know it. */
export interface SecretKeyObject {
  readonly type: 'secret'
  readonly symmetricKeySize?: number | undefined
}
