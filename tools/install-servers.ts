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

/** The versions that Go builds. */
const NATS_MODULE = 'github.com/nats-io/nats-server/v2@v2.15.2'
/** The newest that builds without replaced modules. */
const LIVEKIT_MODULE = 'github.com/livekit/livekit-server/cmd/server@v1.13.5'
const BUILT = join(root, '.cache/bin')
const BUILT_LIVEKIT = join(root, '.cache/livekit')

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

/** The executable of LiveKit's server: `LIVEKIT_SERVER` if it is set, else the one on `PATH`, else the one that was built here. */
export function findLiveKitServer(): string | undefined {
  const built = join(BUILT_LIVEKIT, 'server')
  return (
    process.env['LIVEKIT_SERVER'] ??
    findOnPath(['livekit-server']) ??
    (existsSync(built) ? built : undefined)
  )
}

/** Builds LiveKit's server where there is none, in some minutes. Resolves to a sentence that says what to do by hand where that is not possible. */
export async function installLiveKitServer(): Promise<string | undefined> {
  if (findLiveKitServer() !== undefined) return undefined
  console.log('Building livekit-server ...')
  if (await buildWithGo(LIVEKIT_MODULE, BUILT_LIVEKIT)) return undefined
  return `Go could not build ${LIVEKIT_MODULE}: install Go 1.26 and a way to its module proxy, or set LIVEKIT_SERVER to an executable.`
}

/** Makes the servers available. Resolves to a sentence that says what to do by hand where that is not possible. */
export async function installServers(): Promise<string | undefined> {
  const troubles: (string | undefined)[] = []
  if (findNatsServer() === undefined) {
    console.log('Building nats-server ...')
    if (!(await buildWithGo(NATS_MODULE, BUILT)))
      troubles.push(await installPackages(['nats-server']))
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

const buildWithGo = async (module: string, folder: string): Promise<boolean> => {
  const go = findOnPath(['go'])
  if (go === undefined) return false
  const env = { GOBIN: folder, CGO_ENABLED: '0' }
  const { code } = await runCommand(go, ['install', module], { print: 'keep', env })
  return code === 0
}
