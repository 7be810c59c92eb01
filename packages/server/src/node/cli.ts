#!/usr/bin/env node
/**
 * The command `conclave-hub`: a hub with the app, configured by its environment (spec/hub.md section 8).
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createMemoryEngine } from '../engine/memory-engine.ts'
import { isServerError } from '../errors.ts'
import { createHub } from '../hub.ts'
import { parseConfig } from '../ops/config.ts'
import type { Config } from '../ops/config.ts'
import { checkIceServers } from '../ops/ice-servers.ts'
import { serve } from './serve.ts'
import type { Served } from './serve.ts'
import { hasApp } from './static-app.ts'

/** The folder where this repository builds the app; the path is the same from `src/node` and from `dist/node`. */
const BUILT_APP = new URL('../../../../apps/meet/dist/', import.meta.url)

const HELP = `conclave-hub serves a hub at /hub, and a built app beside it. Environment variables configure it:

  PORT           port to listen on (8080)
  HOST           address to listen on; 0.0.0.0 or :: to be reached from outside (127.0.0.1)
  PUBLIC_ORIGIN  origins of the pages that may connect, separated by commas (localhost with that port)
  BASE_PATH      path below which a proxy shows app and hub, such as /meet/ (/)
  TRUST_PROXY    number of reverse proxies in front (0)
  CONCLAVE_APP   folder of the built app (none)
  CONCLAVE_LOG   json writes log lines to standard error (off)
  ICE_SERVERS    STUN and TURN servers for calls: JSON, or a file with it; see
                 docs/guide/relays-for-calls.md (none)

Options: --help, --version
`

const [argument, ...others] = process.argv.slice(2)
if (argument === undefined) await runConfigured()
else if (argument === '--help' && others.length === 0) process.stdout.write(HELP)
else if (argument === '--version' && others.length === 0) process.stdout.write(`${readVersion()}\n`)
else fail('The command takes no arguments but --help or --version: variables configure it.')

async function runConfigured(): Promise<void> {
  const result = parseConfig(process.env, readText)
  if (result.type === 'invalid') fail(result.message)
  else await run(result.config)
}

function readText(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8')
  } catch {
    return undefined
  }
}

async function run(config: Config): Promise<void> {
  const staticDir = config.app ?? (hasApp(BUILT_APP) ? BUILT_APP : undefined)
  try {
    const served = await serve({
      hub: createHub({
        engine: createMemoryEngine(),
        origins: config.origins,
        ...(config.isLogging ? { log: writeLog } : {}),
        iceServers: checkIceServers(config.iceServers),
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

/** The version in the manifest; the path is the same from `src/node` and from `dist/node`. */
function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
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
