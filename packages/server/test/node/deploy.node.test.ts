import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveMetrics } from '@conclave/server/node'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/ops/config/config.ts'
import { ALL_SETTINGS } from '../../src/ops/config/given-texts.ts'
import { runCommand } from '../../../../tools/command.ts'
import { start, stopAll } from './sockets.ts'

afterEach(stopAll)

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const bin = (JSON.parse(read('package.json')) as { bin: Record<string, string> }).bin
const ENTRY = `node_modules/@conclave/server/${bin['conclave-hub']?.slice(2)}`

test('[H59] the unit is one that systemd takes, for the command of the package', () => {
  const unit = read('deploy/conclave-hub.service')
  expect(unit).toContain(
    `ExecStart=/usr/bin/node /opt/conclave/${ENTRY} --config /etc/conclave/hub.json\n`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'unit-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'conclave-hub.service')
  // The user exists on machines with a hub only.
  writeFileSync(
    file,
    unit.replace('/usr/bin/node', process.execPath).replaceAll('=conclave\n', '=daemon\n'),
  )
  const { status, stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', file])
  // A machine without systemd has no hub as a service.
  const isMissing = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
  const complaints = isMissing ? '' : stderr.toString()
  expect(complaints.split('\n').filter((line) => line.includes('conclave-hub'))).toEqual([])
  expect(isMissing ? 0 : status).toBe(0)
})

test('[H59] the container starts the command with settings that exist', async () => {
  const text = read('deploy/Containerfile')
  const steps = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const known = /^(?:FROM|WORKDIR|RUN|ENV|USER|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT) \S/
  for (const step of steps) expect(step).toMatch(known)
  const order = steps.map((step) => step.split(' ', 1)[0])
  expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('RUN'))
  expect(steps.at(-1)).toBe(`ENTRYPOINT ["node", "${ENTRY}"]`)
  const names = Array.from(text.matchAll(/\b([A-Z_]+)=/g), ([, name]) => name)
  const settings = new Set(Array.from(ALL_SETTINGS.values(), ({ env }) => env))
  for (const name of names) expect(name === 'NODE_ENV' || settings.has(name ?? '')).toBe(true)
  const { hub } = await start()
  const metrics = await serveMetrics({ hub, port: 0 })
  onTestFinished(() => metrics.close())
  const health = steps.find((step) => step.startsWith('HEALTHCHECK'))?.replace(/^.*CMD /, '') ?? ''
  const [, ...args] = JSON.parse(health.replace('9100', String(metrics.port))) as string[]
  const check = async (): Promise<number | undefined> =>
    (await runCommand(process.execPath, args, { print: 'keep' })).code
  expect(await check()).toBe(0)
  void hub.drain()
  expect(await check()).toBe(1)
})

test('[H59] the file of settings is one that the command takes', () => {
  const text = read('deploy/hub.json')
    .replaceAll('DOMAIN', 'meet.example')
    .replace('SECRET', 'drawn at random for this hub')
  const given = { args: ['--config', 'hub.json'], environment: {}, readFile: () => text }
  expect(parseConfig(given)).toMatchObject({
    type: 'ok',
    config: { port: 443, origins: ['https://meet.example'], turn: { lifetimeMs: 600_000 } },
  })
})
