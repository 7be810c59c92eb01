import { encodeBase64Url } from '@conclave/base'
import type { KeySource } from '../keys/key-source.ts'
import { SharedKeySource } from '../keys/shared-key-source.ts'
import { webCrypto } from '../web-crypto.ts'
import { keyStateOf } from './aes-gcm-key.ts'
import { checkText, kindOf, MAX_CONTEXT_BYTES } from './event-context.ts'
import { writeText } from '../payload/text.ts'

/**
 * A name for a channel that only holders of the key can tell: 22 characters of base64url, for use in place of
 * the channel's own. Hides what the channel is called, from carriers and from whoever tries names. Does not hide
 * that it is the same channel each time, who is on it, when and how much is sent; and is no permission: a
 * carrier must still check who may join. Changes with the key, so move to the new name when you rotate, or
 * derive all names from a key that stays. Where each participant has keys of its own every one gets another
 * name: derive names from a key that all share. spec P45
 *
 * @param name 1 to 1,024 bytes
 * @param keys a key source, or an AES-256-GCM key that can be exported
 * @param options.epoch of the key source; the current one when left out
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError what the key source's `export` throws
 */
export async function keyedChannelId(
  name: string,
  keys: KeySource | CryptoKey,
  { epoch }: { readonly epoch?: bigint } = {},
): Promise<string> {
  checkText('name', name, { min: 1, max: MAX_CONTEXT_BYTES })
  const source = typeof (keys as Partial<KeySource> | null | undefined)?.export === 'function'
  const id = source
    ? await exportId(keys as KeySource, name, epoch)
    : await fromKey(keys as CryptoKey, name)
  return encodeBase64Url(id)
}

async function fromKey(key: CryptoKey, name: string): Promise<Uint8Array> {
  if (typeof key !== 'object' || key === null) {
    throw new TypeError(`"keys" expected KeySource or CryptoKey, got ${kindOf(key)}`)
  }
  keyStateOf('keys', key)
  if (!key.extractable) throw new TypeError('"keys" expected an extractable key')
  const raw = new Uint8Array(await webCrypto().exportKey('raw', key))
  const source = new SharedKeySource(raw)
  raw.fill(0)
  try {
    return await exportId(source, name, undefined)
  } finally {
    source.close()
  }
}

const exportId = (source: KeySource, name: string, epoch: bigint | undefined) =>
  source.export(CHANNEL_LABEL, writeText(name), 16, epoch)

const CHANNEL_LABEL = 'conclave/1 channel'
