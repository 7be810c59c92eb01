/** A hub whose authorizer takes the token for the user's name, and clients of it. */
import { connectHub } from '@conclave/client/channels'
import type { Authorize, HubClient, HubClientOptions } from '@conclave/client/channels'
import { createHub, createMemoryEngine } from '@conclave/server'
import type { Authorizer, HubOptions } from '@conclave/server'
import { serve, type Served } from '@conclave/server/node'
import { onTestFinished } from 'vitest'

/** Grants a token `user.device` all that it wants, except to mallory. */
export const byName = (grantMs = 3_600_000): Authorizer => ({
  decide({ token = '', wants }) {
    const [user = '', device = ''] = token.split('.')
    if (user === 'mallory') return { type: 'denied' }
    const issuedMs = Date.now()
    const grant = { app: '', user, device, rights: new Set(wants), issuedMs }
    return { type: 'granted', grant: { ...grant, untilMs: issuedMs + grantMs } }
  },
})

/** Serves such a hub until the test ends. */
export async function startHub(
  options: Partial<HubOptions> = {},
  port = 0,
): Promise<Served & { readonly url: string }> {
  const served = await serve({
    port,
    hub: (address) =>
      createHub({
        engine: createMemoryEngine(),
        origins: [`http://127.0.0.1:${address.port}`],
        ...{ allowNonBrowser: true, authorizers: [byName()] },
        ...options,
      }),
  })
  onTestFinished(() => served.close())
  return Object.assign(served, { url: `ws://127.0.0.1:${served.port}/hub` })
}

/** Connects somebody until the test ends. */
export function connect(
  url: string,
  authorize: string | Authorize,
  options: Partial<HubClientOptions> = {},
): HubClient {
  const given = typeof authorize === 'string' ? () => authorize : authorize
  const client = connectHub({ url, authorize: given, ...options })
  onTestFinished(() => client.close())
  return client
}
