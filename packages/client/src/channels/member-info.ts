/**
 * The words of members about themselves, sealed with the channel's keys. spec G101
 *
 * @module
 */
import type { SealedChannelOptions } from '@conclave/adapters'
import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { openEvent, sealEventBinary } from '@conclave/e2ee'
import { MAX_INFO_BYTES } from '@conclave/wire'

/** The keys of a channel, and what else its infos are sealed and opened with. */
export type InfoSealing = Pick<SealedChannelOptions, SealingOption>

type SealingOption =
  | ('keys' | 'keyId' | 'keyVersion' | 'minKeyVersion')
  | ('context' | 'sender' | 'signer' | 'verifier')

/** An info that opened. */
export interface OpenedInfo {
  readonly value: unknown
  /** The name under which its member sends events. */
  readonly sender: string | undefined
}

/** Seals an info, as base64url. @throws RangeError when it is too large; E2eeError, CryptoError as `sealEventBinary` */
export async function sealInfo(info: unknown, sealing: InfoSealing): Promise<string> {
  const { keys, context, sender, keyId, keyVersion, signer } = sealing
  const bytes = await sealEventBinary(info, keys, {
    ...context,
    ...{ eventName: INFO_EVENT, sender, hideEventName: true },
    ...(keyId !== undefined && { keyId }),
    ...(keyVersion !== undefined && { keyVersion }),
    ...(signer !== undefined && { signer }),
  })
  if (bytes.length <= MAX_INFO_BYTES) return encodeBase64Url(bytes)
  throw new RangeError(`"info" expected ${MAX_INFO_BYTES} bytes sealed, got ${bytes.length}`)
}

/** Opens an info. `undefined`, not throws, for one that does not open. */
export async function openInfo(
  text: string,
  sealing: InfoSealing,
): Promise<OpenedInfo | undefined> {
  if (text === '') return undefined
  const { keys, context, keyId, keyVersion, minKeyVersion, verifier } = sealing
  try {
    const opened = await openEvent(decodeBase64Url(text), keys, {
      ...context,
      ...{ eventName: INFO_EVENT, replay: 'none' },
      ...(keyId !== undefined && { keyId }),
      ...(keyVersion !== undefined && { keyVersion }),
      ...(minKeyVersion !== undefined && { minKeyVersion }),
      ...(verifier !== undefined && { verifier }),
    })
    if (opened.type !== 'opened') return undefined
    return { value: opened.value, sender: opened.sender }
  } catch {
    return undefined
  }
}

/** The name under which infos are sealed: no event of an application has it. spec G101 */
export const INFO_EVENT = 'conclave/member-info'
