import { createTestRoom } from '@conclave/server/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { ALL_SETTINGS } from '../../src/ops/config/given-texts.ts'
import { freePort, killAll, run } from './command.ts'
import { SocketClient, start, stopAll } from './sockets.ts'

// Real sockets and processes take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(async () => {
  await stopAll()
  killAll()
})

test('[H28] a hub that stops ends all with 4503', async () => {
  const { url, close, closed } = await start()
  const client = await new SocketClient(url).joined(await createTestRoom())
  await Promise.all([close(), close(), closed])
  expect(await client.ended).toBe(4503)
  await expect(fetch(url.replace('ws', 'http'))).rejects.toThrow('fetch failed')
})

test('[H28, H29] while a slow client disconnects, health says draining and no client is admitted', async () => {
  const { url, origin, close } = await start()
  const client = await new SocketClient(url).joined(await createTestRoom())
  client.socket.pause()
  const stopping = close()
  const health = await fetch(`${origin}/healthz`)
  expect([health.status, await health.json()]).toEqual([503, { status: 'draining' }])
  expect(await new SocketClient(url).ended).toBe(503)
  const startedMs = performance.now()
  await stopping
  expect(performance.now() - startedMs).toBeLessThan(5000)
  client.socket.terminate()
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '[H28] the command prints where it is, and ends with 0 on %s',
  async (signal) => {
    const port = await freePort()
    const { child, output, exit, printed } = run({ PORT: String(port), CONCLAVE_LOG: 'json' })
    await printed('Ctrl+C')
    expect(output.out.trimEnd().split('\n')).toHaveLength(2)
    expect(output.out).toContain(`is ready: http://localhost:${port}\n`)
    const client = await new SocketClient(`ws://127.0.0.1:${port}/hub`).joined(
      await createTestRoom(),
    )
    child.kill(signal)
    expect(await client.ended).toBe(4503)
    expect(await exit).toBe(0)
    const lines = output.err.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'ready',
      'draining',
      'connectionEnded',
      'stopped',
    ])
  },
  30_000,
)

test('[H33] a taken port is one sentence and exit code 1', async () => {
  const { port } = await start()
  const { output, exit } = run({ PORT: String(port) })
  expect(await exit).toBe(1)
  expect(output).toEqual({
    out: '',
    err: `Port ${port} is taken by another program; set PORT to a free one.\n`,
  })
})

test('[H33] a bad configuration is one sentence and exit code 1', async () => {
  const runs = [
    run({ PORT: 'http' }),
    run({ PUBLIC_ORIGIN: 'meet.example' }),
    run({ CONCLAVE_APP: '/nowhere' }),
    run({ HOST: '192.0.2.1' }),
    run({ ICE_SERVERS: '/nowhere' }),
    run({ ICE_SERVERS: '[{"urls":"turn:relay.example","username":"alice"}]' }),
    run({ CONCLAVE_LIMIT_OUTBOUND_HARD: '1' }),
    run({ CONCLAVE_LIMIT_BYTES_BURST: '1' }),
  ]
  for (const { output, exit } of runs) {
    expect(await exit).toBe(1)
    expect(output.out).toBe('')
    expect(output.err).toMatch(/^[A-Z][^\n]+\.\n$/)
  }
})

test('[H36] --help names every setting, --version the version, and neither starts a hub', async () => {
  const [help, version] = [run({}, ['--help']), run({}, ['--version'])]
  expect(await Promise.all([help.exit, version.exit])).toEqual([0, 0])
  const lines = help.output.out.split('\n')
  for (const { env, flag } of ALL_SETTINGS.values()) {
    const [head, text] =
      flag === undefined ? [`  ${env}`, '      '] : [`  --${flag}`, `      ${env}; `]
    const at = lines.findIndex((line) => line === head || line.startsWith(`${head} `))
    expect(lines[at + 1]?.startsWith(text)).toBe(true)
  }
  expect(version.output.out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test.each([['start'], ['--ports', '80'], ['--help', 'me']])(
  '[H36] an argument that the command does not have is one sentence and exit code 1: %s %s',
  async (...args) => {
    const { output, exit } = run({}, args)
    expect(await exit).toBe(1)
    expect(output).toMatchObject({ out: '' })
    expect(output.err).toMatch(/^[A-Z][^\n]+\.\n$/)
  },
)
