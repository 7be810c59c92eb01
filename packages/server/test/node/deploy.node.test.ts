import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_LIMITS } from '@conclave/server'
import { serveMetrics } from '@conclave/server/node'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { memoryBound, tlsBound } from '../../src/limits/memory-bound.ts'
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

test('[H59, H44] the unit leaves the hub as much memory as it may take, with TLS', () => {
  const [, gib] = /^MemoryMax=(\d+)G$/m.exec(read('deploy/conclave-hub.service')) ?? []
  const bound = memoryBound(DEFAULT_LIMITS) + tlsBound(DEFAULT_LIMITS)
  expect(Number(gib) * 2 ** 30).toBeGreaterThan(1.1 * bound)
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

test('[H59] the commands of the guide make settings that the hub takes, and a relay with the same secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const guide = readFileSync(
    new URL('../../../../docs/guide/run-a-hub.md', import.meta.url),
    'utf8',
  )
  const [, block = ''] = /```sh\n([^`]*turnserver\.conf > [^`]*)```/.exec(guide) ?? []
  const commands = block
    .replaceAll(/^.*(?:chown|chmod|\.service).*\n/gm, '')
    .replaceAll('/opt/conclave/node_modules/@conclave/server', join(import.meta.dirname, '../..'))
    .replaceAll(/\/etc\/(?:conclave\/)?(?=hub|turn)/g, `${folder}/`)
  const secret = 'a/secret+with=signs|of|base64'.replaceAll('|', '')
  const env = { SECRET: secret }
  expect(await runCommand('sh', ['-ec', commands], { print: 'keep', env })).toMatchObject({
    code: 0,
    output: '',
  })
  const text = readFileSync(join(folder, 'hub.json'), 'utf8')
  const given = { args: ['--config', 'hub.json'], environment: {}, readFile: () => text }
  const urls = ['turn:meet.example:3478?transport=udp', 'turns:meet.example:5349?transport=tcp']
  expect(parseConfig(given)).toMatchObject({
    type: 'ok',
    config: {
      ...{
        port: 443,
        origins: ['https://meet.example'],
        turn: { urls, secret, lifetimeMs: 600_000 },
      },
    },
  })
  const relay = readFileSync(join(folder, 'turnserver.conf'), 'utf8')
  expect(relay).toContain('\nrealm=meet.example\n')
  expect(relay).toContain(`\nstatic-auth-secret=${secret}\n`)
  expect(`${text}${relay}`).not.toMatch(/DOMAIN|=SECRET/)
})
