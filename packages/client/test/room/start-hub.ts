import { createHub, createMemoryEngine, type HubLimits } from '@conclave/server'
import { type Served, serve } from '@conclave/server/node'

/** A real hub in this process, for clients that are no browsers; port 0 finds a free one. */
export function startHub(port: number, limits: Partial<HubLimits> = {}): Promise<Served> {
  return serve({
    port,
    hub: (address) =>
      createHub({
        engine: createMemoryEngine(),
        origins: [`http://127.0.0.1:${address.port}`],
        allowNonBrowser: true,
        limits,
      }),
  })
}
