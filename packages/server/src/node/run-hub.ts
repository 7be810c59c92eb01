import { createMemoryEngine } from '../engine/memory-engine.ts'
import { isFileOrigin } from '../door/allowed-origins.ts'
import { createHub } from '../hub.ts'
import { readAppsFile } from '../ops/config/apps-file.ts'
import type { Config } from '../ops/config/config.ts'
import { checkIceServers } from '../ops/ice-servers.ts'
import { createWebhooks } from './create-webhooks.ts'
import { localAddresses } from './local-addresses.ts'
import { serveMetrics } from './metrics.ts'
import { readyText } from './ready-text.ts'
import { createSelfSigned } from './self-signed.ts'
import { serve } from './serve.ts'
import type { Served } from './serve.ts'
import { createTurnCredentials } from './turn-credentials.ts'
import { hasApp } from './static-app.ts'
import { createWebhookAuthorizer } from './webhook-authorizer.ts'

/** The folder where this repository builds the app; the path is the same from `src/node` and from `dist/node`. */
const BUILT_APP = new URL('../../../../apps/meet/dist/', import.meta.url)

/**
 * Runs a hub until a signal stops it. Resolves when it is ready.
 *
 * @throws ServerError, RangeError for a limit
 */
export async function runHub(given: Config): Promise<void> {
  const config = given.isLan ? openToNetwork(given) : given
  const staticDir = config.app ?? (hasApp(BUILT_APP) ? BUILT_APP : undefined)
  const others = checkIceServers(config.iceServers)
  const { apps, authorizers, receivers } = readAppsFile(config.apps)
  const hub = createHub({
    engine: createMemoryEngine(),
    origins: config.allowFilePages ? [...config.origins, isFileOrigin] : config.origins,
    allowNonBrowser: config.allowNonBrowser,
    limits: config.limits,
    ...(config.log === 'off' ? {} : { log: writeLog, logLevel: config.log }),
    iceServers:
      config.turn === undefined ? others : createTurnCredentials({ ...config.turn, others }),
    ...{ apps, authorizers: authorizers.map(createWebhookAuthorizer), closed: config.isClosed },
    webhooks: createWebhooks(receivers),
    ...(config.channelKey === undefined ? {} : { channelKey: config.channelKey }),
  })
  const served = await serve({
    hub,
    hostname: config.hostname,
    port: config.port,
    staticDir,
    basePath: config.basePath,
    trustedProxies: config.trustedProxies,
    tls: config.isLan ? createSelfSigned(config.origins.map(toHostname)) : config.tls,
    drainMs: config.drainMs,
    ...(config.hstsMs === undefined ? {} : { hstsMs: config.hstsMs }),
  })
  const metrics = config.metrics && (await serveMetrics({ hub, ...config.metrics }))
  process.stdout.write(readyText(config, { hasApp: staticDir !== undefined }))
  stopOnSignals(async () => {
    await served.close()
    await metrics?.close()
  })
  reloadOnSignal(config, served)
}

/** The origins under which a phone in the same network reaches this machine. spec H57 */
function openToNetwork(config: Config): Config {
  const outside = localAddresses().map((address) => {
    const host = address.includes(':') ? `[${address}]` : address
    return new URL(`https://${host}:${config.port}`).origin
  })
  return { ...config, origins: [...outside, ...config.origins] }
}

/** A second signal ends the process at once. spec H28 H53 */
function stopOnSignals(close: () => Promise<void>): void {
  let isStopping = false
  const stop = async (): Promise<void> => {
    if (isStopping) process.exit(1)
    isStopping = true
    await close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())
}

/** Without files of a certificate the signal ends the process, as it does elsewhere. */
function reloadOnSignal({ tls }: Config, served: Served): void {
  if (tls !== undefined) process.on('SIGHUP', () => void served.reloadTls())
}

const toHostname = (origin: string): string => new URL(origin).hostname.replaceAll(/[[\]]/g, '')

function writeLog(line: string): void {
  process.stderr.write(`${line}\n`)
}
