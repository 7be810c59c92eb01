/**
 * Tries the packed packages in every toolchain: in each app Chromium and Firefox must see each other.
 *
 * @module
 */
import { cpSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRoomLink } from '@conclave/client'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve, type Served } from '@conclave/server/node'
import { installApplication } from '../packages/application.ts'
import { packAll } from '../packages/pack.ts'
import { installPackages, root } from '../prepare.mjs'
import { APPS, type App, type Place } from './apps.ts'
import { meet, openBrowsers, type Browsers, type Outcome } from './meeting.ts'

/** One line of the table, and how long it took. */
export interface Row extends Outcome {
  readonly app: App
  readonly ms: number
}

/** The tools, the packages and the apps stand here, outside of version control. */
const PLACE = join(root, '.cache/consumers')

/** Runs the apps whose names contain a text, and reports each as it ends. The packages must be compiled. */
export async function runApps(wanted: string, onRow: (row: Row) => void): Promise<readonly Row[]> {
  const modules = await installAll()
  const browsers = await openBrowsers()
  try {
    const rows: Row[] = []
    for (const [index, app] of APPS.entries()) {
      if (!`${app.name} ${app.mode}`.toLowerCase().includes(wanted.toLowerCase())) continue
      const folder = join(PLACE, `app-${index}`)
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      const started = performance.now()
      const outcome = await runApp(app, { place: { folder, modules }, browsers })
      const row = { app, ...outcome, ms: performance.now() - started }
      rows.push(row)
      onRow(row)
    }
    return rows
  } finally {
    await browsers.close()
  }
}

/** The tools by their lock file, and the packages by their tarballs. */
async function installAll(): Promise<string> {
  mkdirSync(PLACE, { recursive: true })
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(root, 'tools/bundlers', file), join(PLACE, file))
  copyFileSync(join(root, '.npmrc'), join(PLACE, '.npmrc'))
  installPackages(PLACE)
  const modules = join(PLACE, 'node_modules')
  const temporary = mkdtempSync(join(tmpdir(), 'conclave-consumers-'))
  try {
    const application = join(temporary, 'application')
    const tarballs = await packAll(temporary)
    const faults = await installApplication(application, tarballs)
    if (faults.length > 0) throw new Error(faults.join('\n'))
    for (const { name } of tarballs) {
      const to = join(modules, name)
      const isOurs = name.startsWith('@conclave/')
      if (isOurs) rmSync(to, { recursive: true, force: true })
      if (isOurs || !existsSync(to))
        cpSync(join(application, 'node_modules', name), to, { recursive: true })
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return modules
}

async function runApp(
  app: App,
  { place, browsers }: { readonly place: Place; readonly browsers: Browsers },
): Promise<Outcome> {
  try {
    const served = await app.start(place)
    const hub = await startHub(new URL(served.address).origin)
    try {
      const link = await createRoomLink(served.address)
      const address = `ws://localhost:${hub.port}/hub`
      return await meet(browsers, { address: served.address, link, hub: address })
    } finally {
      await hub.close()
      await served.stop()
    }
  } catch (error) {
    return { chromiumSees: String(error), firefoxSees: String(error) }
  }
}

const startHub = (origin: string): Promise<Served> =>
  serve({
    port: 0,
    hub: ({ port }) =>
      createHub({ engine: createMemoryEngine(), origins: [origin, `http://localhost:${port}`] }),
  })
