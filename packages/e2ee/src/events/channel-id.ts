import { checkText, describeType, encodeBase64Url, textToBytes } from '@conclave/base'
import { toEpoch } from '../keys/epoch.ts'
import { isEventKeys, unknownKeyError } from '../keys/event-keys.ts'
import type { KeySource } from '../keys/key-source.ts'
import { exportFromKey } from './aes-gcm-key.ts'
import { MAX_CONTEXT_BYTES } from './event-context.ts'
import { MAX_NAME_BYTES } from './event-header.ts'
import type { Keyring } from './keyring.ts'

/**
 * A name for a channel that only holders of the key can tell: 22 characters of base64url, for use in place of the
 * channel's real name. Hides the channel's name from carriers, also from those that try names. Does not hide that it is
 * the same channel each time, who is on it, when and how much is sent; and is no permission: a carrier must still check
 * who may join. Changes with the key, so move to the new name when you rotate, or derive all names from a key that
 * stays. Where each participant has its own keys each gets another name: derive names from a key that all share. spec
 * P45
 *
 * @param name 1 to 1,024 bytes
 * @param keys a keyring, a key source, or an AES-256-GCM key that can be exported
 * @param options.keyId of a keyring; the current key's when left out. A key source has no other than the empty one
 * @param options.epoch of a keyring or key source; the current one when left out
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError as the `export` of the keyring or key source
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function keyedChannelId(
  name: string,
  keys: Keyring | KeySource | CryptoKey,
  options: { readonly keyId?: string; readonly epoch?: number | bigint } = {},
): Promise<string> {
  checkText('name', name, { min: 1, max: MAX_CONTEXT_BYTES })
  const { keyId } = options
  if (keyId !== undefined) checkText('keyId', keyId, { min: 0, max: MAX_NAME_BYTES })
  const epoch = options.epoch === undefined ? undefined : toEpoch('epoch', options.epoch)
  const request = [CHANNEL_LABEL, textToBytes(name), ID_BYTES] as const
  if (!isEventKeys(keys)) {
    if (typeof keys !== 'object' || keys === null) {
      throw new TypeError(
        `"keys" expected CryptoKey, Keyring or KeySource, got ${describeType(keys)}`,
      )
    }
    return encodeBase64Url(await exportFromKey('keys', keys, request))
  }
  if (!('mode' in keys)) return encodeBase64Url(await keys.export(...request, { keyId, epoch }))
  if (keyId) throw unknownKeyError({ keyId, epoch: epoch ?? keys.epoch })
  return encodeBase64Url(await keys.export(...request, epoch))
}

const CHANNEL_LABEL = 'conclave/1 channel'
const ID_BYTES = 16
