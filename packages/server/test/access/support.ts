import type { AccessRequest, Authorizer, Decision, Grant } from '@conclave/server'
import type { ChannelName, Right } from '@conclave/wire'

export const CHANNEL = 'private-support' as ChannelName

/** A request of a connection that wants to read and write. */
export const createRequest = (changes: Partial<AccessRequest> = {}): AccessRequest => ({
  channel: CHANNEL,
  kind: 'private',
  wants: ['subscribe', 'publish'],
  token: undefined,
  nonce: 'A'.repeat(43),
  host: 'meet.example',
  facts: { origin: undefined, address: undefined, header: () => undefined },
  ...changes,
})

/** A grant of alice that ends a minute after the beginning of a virtual clock. */
export const createGrant = (changes: Partial<Grant> = {}): Grant => ({
  app: 'shop',
  rights: new Set<Right>(['subscribe', 'publish']),
  user: 'alice',
  device: 'phone',
  untilMs: 1_060_000,
  issuedMs: 1_000_000,
  ...changes,
})

/** An authorizer that always answers the same, and counts how often it was asked. */
export class FixedAuthorizer implements Authorizer {
  asked = 0
  readonly #answer: () => unknown

  constructor(answer: unknown) {
    this.#answer = typeof answer === 'function' ? (answer as () => unknown) : () => answer
  }

  decide(): Decision | Promise<Decision> {
    this.asked += 1
    return this.#answer() as Decision
  }
}
