import { systemClock, timeOfDay } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { AccessKeys } from './access-keys.ts'
import { readApps } from './app.ts'
import type { App } from './app.ts'
import type { Authorizer } from './authorizer.ts'
import { CapabilityAuthorizer } from './capability-authorizer.ts'
import { AuthorizerChain } from './chain.ts'
import { HookAuthorizer } from './hook-authorizer.ts'
import type { AuthorizeHook } from './hook-authorizer.ts'
import { Tickets } from './tickets.ts'

/** The options of a hub about who may do what. */
export interface AccessOptions {
  /**
   * Applications whose servers decide about their channels, by capabilities that they sign and by tickets. They are asked before the hook and the
   * authorizers. Default: none. spec G43 G53
   */
  readonly apps?: readonly App[]
  /** Decides about private and presence channels for this program, and about rooms of a closed hub. Default: none. spec G48 */
  readonly authorize?: AuthorizeHook
  /** Decide about them too, after all others, in this order. With nobody who decides everyone is denied. Default: none. spec G40 */
  readonly authorizers?: readonly Authorizer[]
}

/** The parts of a hub that decide who may do what. */
export interface HubAccess {
  readonly apps: readonly App[]
  readonly keys: AccessKeys
  readonly tickets: Tickets
  readonly chain: AuthorizerChain
  /** Whether somebody may look at the requests of connections. */
  readonly needsFacts: boolean
}

/**
 * Creates the authorizers of a hub, in the order in which they are asked.
 *
 * @throws ServerError `ERR_SERVER_APPS`
 */
export function createAccess(
  { apps: given = [], authorize, authorizers = [] }: AccessOptions,
  {
    hosts,
    clock,
    onFailure,
  }: {
    readonly hosts: ReadonlySet<string>
    readonly clock: Clock
    readonly onFailure: () => void
  },
): HubAccess {
  const apps = readApps(given)
  const keys = new AccessKeys(apps)
  const tickets = new Tickets({ clock })
  const now = clock === systemClock ? timeOfDay : () => clock.now()
  const capabilities = new CapabilityAuthorizer({ keys, hosts, clock, timeOfDay: now })
  const hooks = authorize === undefined ? [] : [new HookAuthorizer(authorize, { clock })]
  const all = [tickets, ...(apps.length === 0 ? [] : [capabilities]), ...hooks, ...authorizers]
  return {
    ...{ apps, keys, tickets },
    chain: new AuthorizerChain({ authorizers: all, clock, onFailure }),
    needsFacts: hooks.length + authorizers.length > 0,
  }
}
