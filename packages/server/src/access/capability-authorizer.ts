import type { Clock } from '@conclave/base'
import { MAX_TOKEN_LENGTH } from '@conclave/wire'
import type { AccessKeys } from './access-keys.ts'
import type { AccessRequest, Authorizer, Decision } from './authorizer.ts'
import { readCapability, rightsIn } from './capability.ts'
import { drawDevice } from './device.ts'

/** The parts of a {@link CapabilityAuthorizer}. */
export interface CapabilityAuthorizerOptions {
  readonly keys: AccessKeys
  readonly hosts: ReadonlySet<string>
  readonly clock: Pick<Clock, 'now'>
  /** The time of day in milliseconds, with which the clocks of applications are compared. */
  readonly timeOfDay: () => number
}

/** Grants what a token of an application names, which it signed for this connection. spec G43 G44 G45 G46 */
export class CapabilityAuthorizer implements Authorizer {
  readonly #options: CapabilityAuthorizerOptions

  constructor(options: CapabilityAuthorizerOptions) {
    this.#options = options
  }

  decide(request: AccessRequest): Decision | Promise<Decision> {
    const { token } = request
    if (token === undefined || !TOKEN.test(token)) return { type: 'pass' }
    return token.length > MAX_TOKEN_LENGTH ? DENIED : this.#verify(token, request)
  }

  async #verify(token: string, { nonce, kind, channel }: AccessRequest): Promise<Decision> {
    const { keys, hosts, clock, timeOfDay } = this.#options
    const verified = await keys.verify(token, 'capability')
    if (verified === undefined) return DENIED
    const nowMs = timeOfDay()
    const capability = readCapability(verified.claims, { hosts, nonce, nowMs })
    if (capability === undefined) return DENIED
    const { user, tokenId } = capability
    const device = capability.device ?? (await drawDevice(nonce))
    const rights = rightsIn(capability, { kind, channel })
    // From the time of day to the hub's clock.
    const offsetMs = clock.now() - nowMs
    const issuedMs = capability.issuedMs + offsetMs
    const untilMs = capability.untilMs + offsetMs
    const { app } = verified
    return { type: 'granted', grant: { app, rights, user, device, tokenId, issuedMs, untilMs } }
  }
}

const DENIED: Decision = { type: 'denied' }
/** Every other text may be a token that another authorizer knows. RFC 7515 §3.1 */
const TOKEN = /^[\w-]+\.[\w-]*\.[\w-]*$/
