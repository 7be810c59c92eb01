#!/usr/bin/env node
/**
 * The command `conclave-hub`: a hub with the app, configured by its environment (spec/hub.md section 8).
 *
 * @module
 */
import { createMemoryEngine } from '../engine/memory-engine.ts'
import { isServerError } from '../errors.ts'
import { createHub } from '../hub.ts'
import { parseConfig } from '../ops/config.ts'
import type { Config } from '../ops/config.ts'
import { serve } from './serve.ts'
import type { Served } from './serve.ts'
import { hasApp } from './static-app.ts'

/** The folder where this repository builds the app; the path is the same from `src/node` and from `dist/node`. */
const BUILT_APP = new URL('../../../../apps/meet/dist/', import.meta.url)

const result = parseConfig(process.env)
if (result.type === 'invalid') fail(result.message)
else await run(result.config)

async function run(config: Config): Promise<void> {
  const staticDir = config.app ?? (hasApp(BUILT_APP) ? BUILT_APP : undefined)
  try {
    const served = await serve({
      hub: createHub({
        engine: createMemoryEngine(),
        origins: config.origins,
        ...(config.isLogging ? { log: writeLog } : {}),
      }),
      hostname: config.hostname,
      port: config.port,
      staticDir,
      basePath: config.basePath,
      trustedProxies: config.trustedProxies,
    })
    const what = staticDir === undefined ? 'The hub of Conclave, without an app,' : 'Conclave'
    process.stdout.write(`${what} is ready: ${config.origins[0]}\nPress Ctrl+C to stop it.\n`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void stop(served))
  } catch (error) {
    if (!isServerError(error)) throw error
    fail(toSentence(error.message))
  }
}

async function stop(served: Served): Promise<void> {
  await served.close()
  process.exit(0)
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}

/** The message of an error, as a person reads it. */
function toSentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`
}

function writeLog(line: string): void {
  process.stderr.write(`${line}\n`)
}
