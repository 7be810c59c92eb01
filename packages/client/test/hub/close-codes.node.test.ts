import { VirtualClock } from '@conclave/base/testing'
import { deriveLinkKeys, generateLinkSecret } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { createHub, createMemoryEngine } from '@conclave/server'
import { type Served, serve } from '@conclave/server/node'
import { CLOSE_CODES, type CloseCode } from '@conclave/wire'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HubTransport } from '../../src/hub/hub-transport.ts'

/** A hub that ends a connection whenever the test says so, by one of its codes. */
let served: Served
let endConnection: (code: CloseCode) => void
let connections: number
let clock: VirtualClock
let transport: HubTransport
let log: string[]
/** The delays of all timers of the transport. */
let delaysMs: number[]

beforeEach(async () => {
  connections = 0
  served = await serve({
    port: 0,
    hub: ({ port }) => {
      const hub = createHub({
        engine: createMemoryEngine(),
        origins: [`http://127.0.0.1:${port}`],
        allowNonBrowser: true,
      })
      return {
        ...hub,
        connect: (...args) => {
          const connection = hub.connect(...args)
          connections += 1
          endConnection = (code) => (connection as unknown as Endable).end(code)
          return connection
        },
      }
    },
  })
  delaysMs = []
  clock = new VirtualClock()
  clock.setTimeout = (callback, delayMs) => {
    delaysMs.push(delayMs)
    return VirtualClock.prototype.setTimeout.call(clock, callback, delayMs)
  }
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  const url = `ws://127.0.0.1:${served.port}/hub`
  const session = await createSessionKeys()
  transport = new HubTransport({ url, room, session, access, clock })
  log = []
  for (const type of ['up', 'down'] as const) transport.on(type, () => log.push(type))
  transport.on('ended', ({ reason }) => log.push(reason))
  // Jitter takes the longest pause.
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    if (array instanceof Uint8Array && array.length === 4) array.fill(255)
    return array
  })
  await transport.open()
})

afterEach(async () => {
  vi.restoreAllMocks()
  transport.close()
  await served.close()
})

const names = Object.keys(CLOSE_CODES) as (keyof typeof CLOSE_CODES)[]
const ENDS: Partial<Record<keyof typeof CLOSE_CODES, string>> = {
  full: 'full',
  removed: 'removed',
  replaced: 'replaced',
}

test.each(names.filter((name) => !CLOSE_CODES[name].retry))(
  '[R3, W14] after `%s` a session ends, and no connection follows',
  async (name) => {
    endConnection(CLOSE_CODES[name])
    await expect.poll(() => log).toEqual(['up', ENDS[name] ?? 'refused'])
    expect(clock.pending).toBe(0)
    clock.advance(3_600_000)
    transport.wake()
    expect(connections).toBe(1)
  },
)

test.each(names.filter((name) => CLOSE_CODES[name].retry))(
  '[R3, W14] after `%s` a session comes back, and pauses grow until a connection stood for 10 s',
  async (name) => {
    const pauses: (number | undefined)[] = []
    for (let n = 0; n < 6; n += 1) pauses.push(await pauseAfter(CLOSE_CODES[name]))
    expect(pauses).toEqual([500, 1000, 2000, 4000, 5000, 5000])
    await stand(STOOD_MS - 1)
    expect(await pauseAfter(CLOSE_CODES[name])).toBe(5000)
    await stand(STOOD_MS)
    // A pause is random, and here the longest.
    expect(await pauseAfter(CLOSE_CODES[name])).toBe(CLOSE_CODES[name].waits ? 500 : 0)
  },
)

/** Ends the connection and waits for the next one; returns the pause between them. */
async function pauseAfter(code: CloseCode): Promise<number | undefined> {
  const before = log.length
  delaysMs.length = 0
  endConnection(code)
  await expect.poll(() => log.length).toBe(before + 1)
  const pauseMs = delaysMs.at(-1)
  clock.advance(pauseMs ?? 0)
  await expect.poll(() => log.slice(before)).toEqual(['down', 'up'])
  return pauseMs
}

/** Lets time pass on a connection whose hub answers each probe. */
async function stand(forMs: number): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= PROBE_MS) {
    clock.advance(Math.min(leftMs, PROBE_MS))
    // Only after the answer the connection waits again until it probes.
    if (leftMs >= PROBE_MS) await vi.waitUntil(() => delaysMs.at(-1) === PROBE_MS)
  }
}

/** The part of a hub's connection that its table of connections uses. */
interface Endable {
  end(code: CloseCode): void
}

const STOOD_MS = 10_000
const PROBE_MS = 5000
