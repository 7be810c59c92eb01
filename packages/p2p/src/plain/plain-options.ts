import { encodeBase64Url } from '@conclave/base'
import type { Problem } from '@conclave/base'
import { P2pError } from '../errors.ts'
import type { PeerOptions } from '../peer-options.ts'
import type { Driver } from '../signalling/driver.ts'
import { isId } from '../signalling/messages.ts'
import { ClearDriver } from './clear-driver.ts'
import { CLEAR_DATA, CLEAR_FRAMES } from './clear-frames.ts'

/** Options of a `Sender` or a `Receiver` without protection. */
export interface PlainPeerOptions extends Omit<PeerOptions, 'driver' | 'frames' | 'data'> {
  /** Carries the messages in clear: whoever runs or hears it reads and forges them. */
  readonly driver: Driver
}

/** The options of the protected class, with a driver and frames that protect nothing. @throws TypeError for a wrong driver or id */
export function clearOptions({
  driver,
  id = randomId(),
  ...others
}: PlainPeerOptions): PeerOptions {
  const { on, off, emit } = (driver ?? {}) as Partial<Driver>
  if (![on, off, emit].every((method) => typeof method === 'function')) {
    throw new TypeError('"driver" expected an object with on, off and emit')
  }
  if (!isId(id)) throw new TypeError('"id" expected 1 to 128 characters, no control ones')
  return {
    ...others,
    id,
    driver: new ClearDriver(driver, id),
    frames: CLEAR_FRAMES,
    data: CLEAR_DATA,
  }
}

/** The one problem of this entry, raised at each start. spec S82 */
export const NOT_ENCRYPTED: Problem<'ERR_P2P_NOT_ENCRYPTED'> = Object.freeze({
  code: 'ERR_P2P_NOT_ENCRYPTED',
  reason: 'signalling and media are not end-to-end encrypted, and nobody is authenticated',
  fix: 'use @conclave/p2p with a driver that seals, as made by `encrypted` of @conclave/client',
})

const randomId = (): string => {
  try {
    return encodeBase64Url(crypto.getRandomValues(new Uint8Array(16)))
  } catch (cause) {
    throw new P2pError('ERR_P2P_UNSUPPORTED', { missing: 'crypto' }, { cause })
  }
}
