/**
 * The servers of other projects that tests run against: found on the system, built by Go, or installed from the system's packages where
 * that is possible without asking anybody.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findOnPath } from './browsers.ts'
import { runCommand } from './command.ts'
import { installPackages } from './install-browsers.ts'
import { root } from './prepare.mjs'

/** The version that Go builds. */
const NATS_MODULE = 'github.com/nats-io/nats-server/v2@v2.15.2'
const BUILT = join(root, '.cache/bin')

/** The executable of nats-server: `NATS_SERVER` if it is set, else the one on `PATH`, else the one that was built here. */
export function findNatsServer(): string | undefined {
  const built = join(BUILT, 'nats-server')
  return (
    process.env['NATS_SERVER'] ??
    findOnPath(['nats-server']) ??
    (existsSync(built) ? built : undefined)
  )
}

/** The executable of coturn: `TURNSERVER` if it is set, else the one on `PATH`. */
export function findTurnServer(): string | undefined {
  return process.env['TURNSERVER'] ?? findOnPath(['turnserver'])
}

/** Makes the servers available. Resolves to a sentence that says what to do by hand where that is not possible. */
export async function installServers(): Promise<string | undefined> {
  const troubles: (string | undefined)[] = []
  if (findNatsServer() === undefined) {
    console.log('Building nats-server ...')
    if (!(await buildWithGo())) troubles.push(await installPackages(['nats-server']))
  }
  if (findTurnServer() === undefined) {
    console.log('Installing coturn ...')
    troubles.push(await installPackages(['coturn']))
  }
  if (findNatsServer() !== undefined && findTurnServer() !== undefined) return undefined
  const byHand =
    'The tests need nats-server and coturn: install them, or set NATS_SERVER and TURNSERVER to their executables.'
  return [...troubles.filter(Boolean), byHand].join('\n')
}

const buildWithGo = async (): Promise<boolean> => {
  const go = findOnPath(['go'])
  if (go === undefined) return false
  const env = { GOBIN: BUILT, CGO_ENABLED: '0' }
  const { code } = await runCommand(go, ['install', NATS_MODULE], { print: 'keep', env })
  return code === 0
}
