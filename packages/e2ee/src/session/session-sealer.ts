import { createSealer } from '../messages/sealer.ts'
import type { Sealer } from '../messages/sealer.ts'
import { checkSession } from './session-keys.ts'
import type { SessionKeys } from './session-keys.ts'

/**
 * Makes the one sealer of a session: as `createSealer`, for an id that certifies its keys. spec C5
 *
 * @throws TypeError, RangeError as `createSealer`, and for anything but the keys of a session
 * @throws E2eeError `ERR_E2EE_SESSION_IN_USE` for a session that has a sealer, `ERR_E2EE_CLOSED` for one that ended
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function createSessionSealer({
  session,
  ...options
}: Omit<Parameters<typeof createSealer>[0], 'self'> & { readonly session: SessionKeys }): Sealer {
  checkSession(session)
  const sealer = createSealer({ ...options, self: session.id })
  session.claim()
  return sealer
}
