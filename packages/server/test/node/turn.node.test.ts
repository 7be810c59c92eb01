import { readFileSync } from 'node:fs'
import { createTurnCredentials } from '@conclave/server/node'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTurnServer } from '../../../../tools/turn-server.ts'
import type { TurnServer } from '../../../../tools/turn-server.ts'
import { probeRelay } from '../../src/node/doctor/turn-probe.ts'
import { decodeAnswer } from '../../src/node/doctor/stun-message.ts'

vi.setConfig({ testTimeout: 30_000 })

const TEMPLATE = readFileSync(new URL('../../deploy/turnserver.conf', import.meta.url), 'utf8')
const SECRET = 'a secret that the hub and the relay share'
let relay: TurnServer
beforeAll(async () => {
  relay = await startTurnServer({
    // On loopback there is no certificate.
    template: TEMPLATE.replaceAll('DOMAIN', 'meet.example')
      .replace('static-auth-secret=SECRET', `static-auth-secret=${SECRET}`)
      .replaceAll(/^(?:cert|pkey)=.*$/gm, ''),
  })
})
afterAll(() => relay.close())

const mint = (nowMs: number, secret = SECRET): { username: string; credential: string } => {
  const urls = [`turn:127.0.0.1:${relay.port}`]
  const { servers } = createTurnCredentials({ secret, urls })({ label: 'aaaaaaaaaaaa', nowMs })
  const { username = '', credential = '' } = servers.at(-1) ?? {}
  return { username, credential }
}

test.each(['udp', 'tcp'] as const)(
  '[H58, H59] a real coturn of the template takes minted credentials over %s, and leads into no private network',
  async (transport) => {
    const url = `turn:127.0.0.1:${relay.port}?transport=${transport}`
    expect(await probeRelay({ url, ...mint(Date.now()) })).toEqual({
      ...{ type: 'relays', isOpen: true, reaches: [] },
    })
  },
)

test('[H58] it refuses credentials that have run out, and those of another secret', async () => {
  const url = `turn:127.0.0.1:${relay.port}`
  for (const credentials of [mint(Date.now() - 700_000), mint(Date.now(), 'another secret'), {}])
    expect(await probeRelay({ url, ...credentials })).toMatchObject({ type: 'refuses', code: 401 })
})

test('[H56] a relay without the lines of the template is found out', async () => {
  const open = await startTurnServer()
  const [server] = open.servers(Date.now() / 1000 + 600)
  const { urls: url = '', username = '', credential = '' } = server ?? {}
  const verdict = await probeRelay({ url, username, credential })
  await open.close()
  expect(verdict).toMatchObject({ type: 'relays', isOpen: true })
  expect(verdict.type === 'relays' && verdict.reaches).toContain('10.0.0.1')
})

test('[H56] a relay that is away is unreachable, and so is an address that is none', async () => {
  const options = { timeoutMs: 200 }
  for (const url of [
    'turn:127.0.0.1:1',
    'turn:127.0.0.1:1?transport=tcp',
    'turns:127.0.0.1:1',
    'nonsense',
  ])
    expect(await probeRelay({ url }, options)).toEqual({ type: 'unreachable' })
  const stun = { url: `stun:127.0.0.1:${relay.port}` }
  expect(await probeRelay(stun)).toEqual({ type: 'answers' })
})

test('[H56] damaged answers are no answers, and never throw', () => {
  const good = Buffer.from('01130024aaaa', 'hex')
  for (let length = 0; length < 64; length += 1) {
    const bytes = Buffer.alloc(length, 0xff)
    good.copy(bytes)
    if (length >= 8) bytes.writeUInt32BE(0x2112_a442, 4)
    expect(() => decodeAnswer(bytes)).not.toThrow()
  }
})
