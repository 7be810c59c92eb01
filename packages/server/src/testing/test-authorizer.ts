import type { Clock } from '@conclave/base'
import type { Authorizer } from '../access/authorizer.ts'

/**
 * Grants what is wanted to tokens `user.device`, such as `alice.phone`, and denies everything else. The token is the id by which a grant is
 * revoked. For tests only: nothing about such a token is secret.
 *
 * @param options.lifetimeMs how long a grant holds; default: an hour
 */
export function createTestAuthorizer(options: {
  readonly clock: Pick<Clock, 'now'>
  readonly app?: string
  readonly lifetimeMs?: number
}): Authorizer {
  const { clock, app = '', lifetimeMs = 3_600_000 } = options
  return {
    decide: ({ wants, token = '' }) => {
      const [user = '', device = ''] = token.split('.')
      if (user === '' || device === '') return { type: 'denied' }
      const issuedMs = clock.now()
      const untilMs = issuedMs + lifetimeMs
      const rights = new Set(wants)
      return {
        type: 'granted',
        grant: { app, rights, user, device, untilMs, issuedMs, tokenId: token },
      }
    },
  }
}
