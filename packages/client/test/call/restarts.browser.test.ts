/** Workers that crash and hang in running calls, in real pages. */
import { VirtualClock } from '@conclave/base/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Room, type RoomOptions, createRoomLink } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'

let hub: LocalHub
let link: string
let clock: VirtualClock
/** How often the clock goes on while the page gets to it once. */
let speed: number

beforeEach(async () => {
  speed = 1
  hub = new LocalHub({ atOnce: true })
  link = await createRoomLink('https://meet.example')
  clock = runningClock()
})

test.for([
  ['crash', 3000],
  ['hang', 8000],
] as const)(
  '[R111, R112, M31] after a %s of the worker media is back by itself, both ways, within %i ms',
  async ([how, withinMs]) => {
    const workers: Worker[] = []
    const createWorker = (): Worker => {
      workers.push(new Worker(new URL('./failing-worker.ts', import.meta.url), { type: 'module' }))
      return workers.at(-1) as Worker
    }
    const [alice, bob] = [await join('Alice', { createWorker }), await join('Bob')]
    const log = logOf(alice)
    const stream = await microphoneAndCamera()
    for (const room of [alice, bob]) await room.publish(stream)
    await expect.poll(() => [shown(alice, bob), shown(bob, alice)]).toEqual(['ok', 'ok'])
    await expect.poll(() => alice.self.tracks.get('camera')?.e2ee).toBe('ok')
    const before = [trackOf(alice, bob)?.track, trackOf(bob, alice)?.track]
    const liveness: unknown[] = []
    bob.on('participantChanged', () => liveness.push(trackOf(bob, alice)?.liveness))
    const atMs = clock.now()
    workers[0]?.postMessage({ type: how })
    const isBack = (): boolean =>
      shown(alice, bob) === 'ok' &&
      shown(bob, alice) === 'ok' &&
      trackOf(alice, bob)?.track !== before[0] &&
      trackOf(bob, alice)?.track !== before[1]
    await expect.poll(isBack).toBe(true)
    expect(clock.now() - atMs).toBeLessThanOrEqual(withinMs)
    expect(workers).toHaveLength(2)
    expect(bob.snapshot.media).toEqual({ send: 'working', receive: 'working' })
    expect(liveness).toContain('stalled')
    await expect.poll(() => trackOf(bob, alice)?.liveness).toBe('live')
    await expect.poll(() => alice.self.tracks.get('camera')?.e2ee).toBe('ok')
    expect(log).toEqual([
      'failed ERR_MEDIA_WORKER_FAILED restarting',
      'problem ERR_MEDIA_WORKER_FAILED',
      'restored working',
    ])
    expect(alice.snapshot.media).toEqual({ send: 'working', receive: 'working' })
  },
)

test('[R111, M31] a worker that stalls for some seconds and answers again is used again', async () => {
  const workers: Worker[] = []
  const createWorker = (): Worker => {
    workers.push(new Worker(new URL('./failing-worker.ts', import.meta.url), { type: 'module' }))
    return workers.at(-1) as Worker
  }
  const [alice, bob] = [await join('Alice', { createWorker }), await join('Bob')]
  const log = logOf(alice)
  await alice.publish(await microphoneAndCamera())
  await expect.poll(() => shown(bob, alice)).toBe('ok')
  const { track } = trackOf(bob, alice) ?? {}
  workers[0]?.postMessage({ type: 'hang', forMs: 3000 })
  // Answers only when the stall is over.
  const { media } = await alice.stats()
  const sealed = media?.sealed ?? 0
  await expect.poll(async () => (await alice.stats()).media?.sealed).toBeGreaterThan(sealed + 20)
  expect(shown(bob, alice)).toBe('ok')
  expect(trackOf(bob, alice)?.track).toBe(track)
  expect(workers).toHaveLength(1)
  expect(log).toEqual([])
})

test('[R111] workers that fail again and again are made a bounded number of times, after longer pauses; then media is stopped, and told', async () => {
  const madeAtMs: number[] = []
  const workers: Worker[] = []
  const createWorker = (): Worker => {
    madeAtMs.push(clock.now())
    const url =
      workers.length === 0
        ? new URL('./failing-worker.ts', import.meta.url)
        : URL.createObjectURL(new Blob(['throw new Error("on purpose")']))
    workers.push(new Worker(url, { type: 'module' }))
    return workers.at(-1) as Worker
  }
  const [alice, bob] = [await join('Alice', { createWorker }), await join('Bob')]
  const states: unknown[] = []
  alice.on('failed', () => states.push(alice.snapshot.media?.send))
  for (const room of [alice, bob]) await room.publish(await microphoneAndCamera())
  await expect.poll(() => shown(bob, alice)).toBe('ok')
  speed = 4
  workers[0]?.postMessage({ type: 'crash' })
  await expect.poll(() => alice.snapshot.media?.send).toBe('stopped')
  expect(alice.snapshot.media).toEqual({ send: 'stopped', receive: 'stopped' })
  expect(states).toEqual([...Array.from({ length: 5 }, () => 'restarting'), 'stopped'])
  expect(alice.self.tracks.get('camera')?.e2ee).toBe('failed')
  const pauses = madeAtMs.slice(2).map((atMs, index) => atMs - (madeAtMs[index + 1] ?? 0))
  for (const [index, leastMs] of [1000, 2000, 4000, 8000].entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(leastMs)
  }
  // Chat goes on, and no further worker is made.
  await alice.chat.send('can you still read this?')
  await expect.poll(() => bob.chat.messages.length).toBe(1)
  alice.setEnabled('camera', false)
  alice.setEnabled('camera', true)
  expect(workers).toHaveLength(6)
})

async function join(name: string, options: RoomOptions = {}): Promise<Room> {
  const transport = hub.transport.bind(hub)
  const room = await Room.join(link, { name, transport, clock, ...options })
  onTestFinished(() => room.leave())
  return room
}

const logOf = (room: Room): string[] => {
  const log: string[] = []
  const media = (): string | undefined => room.snapshot.media?.send
  room.on('failed', ({ code }) => log.push(`failed ${code} ${media()}`))
  room.on('restored', () => log.push(`restored ${media()}`))
  room.on('problem', ({ code }) => log.push(`problem ${code}`))
  return log
}

const trackOf = (room: Room, of: Room) => room.participants.get(of.self.id)?.tracks.get('camera')

const shown = (room: Room, of: Room) => trackOf(room, of)?.e2ee

async function microphoneAndCamera(): Promise<MediaStream> {
  const video = { width: 160, height: 90 }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video })
  onTestFinished(() => {
    for (const track of stream.getTracks()) track.stop()
  })
  return stream
}

/** A virtual clock that runs as the page gets to it: a page that is slow has more time. */
function runningClock(): VirtualClock {
  const running = new VirtualClock()
  const timer = setInterval(() => running.advance(speed * 10), 10)
  onTestFinished(() => clearInterval(timer))
  return running
}
