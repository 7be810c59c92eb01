/**
 * Attacks by one address on a hub with its default limits: the times of a good pair of another address before and during each, how long the hub's
 * event loop stood still, its heap, and what it refused. Then what honest members may ask of a hub: a large room in which all speak at once, and
 * 2,000 members who come back together.
 *
 * `npm run bench -- attacks [--only NAME,…] [--seconds N] [--apart]`
 *
 * The attacker sits on the machine of those it attacks, which no real one does. With `--apart` the hub has a core that nothing else uses, and the
 * attacker gets what the good pair leaves of the other one, so that the figures are the hub's (Linux, two cores).
 *
 * @module
 */
import { fork, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestRoom } from '@conclave/server/testing'
import { DATA_HEADER_BYTES } from '@conclave/wire'
import { percentile } from '../table.ts'
import type { HubFigures } from './hub-process.ts'
import { joinRoom } from './member.ts'

const seconds = Number(valueOf('--seconds') ?? 8)
const only = valueOf('--only')?.split(',')
const apart = process.argv.includes('--apart')
const GOOD = '127.0.0.2'
const ATTACKS = [
  'silent connections',
  'requests without end',
  'pongs',
  'empty fragments',
  'allowed bursts',
  'readers that stop',
  'unfinished messages',
  'wrong proofs',
]

if (apart) place(process.pid, 1)
for (const name of ATTACKS) if (only?.includes(name) ?? true) await attacked(name)
if (only?.includes('large room') ?? true) await largeRoom()
if (only?.includes('return') ?? true) await comeBack()

/** A good pair before and during an attack. */
async function attacked(name: string): Promise<void> {
  const hub = await startHub({})
  const room = await createTestRoom()
  const times: number[] = []
  const onFrame = (data: Buffer): void =>
    void times.push(performance.now() - data.readDoubleBE(DATA_HEADER_BYTES))
  const alice = await joinRoom(room, { port: hub.port, from: GOOD })
  const bob = await joinRoom(room, { port: hub.port, from: GOOD, onFrame })
  const timer = setInterval(() => {
    const payload = Buffer.alloc(64)
    payload.writeDoubleBE(performance.now())
    alice.publish(payload)
  }, 10)
  const attacker = fork(join(import.meta.dirname, 'attacker.ts'), [name, String(hub.port)])
  await once(attacker, 'message')
  if (apart) giveWay(attacker.pid)
  await sleep(1000)
  times.length = 0
  await sleep(seconds * 1000)
  const quiet = times.splice(0)
  await hub.figures()
  attacker.send('go')
  await sleep(seconds * 1000)
  const during = times.splice(0)
  const newcomer = await joinRoom(await createTestRoom(), {
    port: hub.port,
    from: '127.0.0.3',
  }).then(
    () => 'yes',
    (error: unknown) => `no, ${String(error)}`,
  )
  const { stats, lagMaxMs, turnCpuMs, heapMb } = await hub.figures()
  clearInterval(timer)
  const count = (numbers: Readonly<Record<string, number>>): number =>
    Object.values(numbers).reduce((sum, number) => sum + number, 0)
  const { sockets, refused, ended, dropped } = stats
  print(name, {
    'quiet p50, p99': `${ms(quiet, 0.5)}, ${ms(quiet, 0.99)} ms`,
    'attacked p50, p99': `${ms(during, 0.5)}, ${ms(during, 0.99)} ms`,
    'p99 attacked to quiet': (percentile(during, 0.99) / percentile(quiet, 0.99)).toFixed(2),
    'longest stop': `${lagMaxMs.toFixed(0)} ms`,
    'most CPU of a turn': `${turnCpuMs.toFixed(0)} ms`,
    'heap at most': `${heapMb.toFixed(0)} MB`,
    'a newcomer gets in': newcomer,
    'good pair is there': [alice, bob].every(({ socket }) => socket.readyState === 1)
      ? 'yes'
      : 'no',
    'sockets, upgrades, connections, messages refused': [sockets, refused, ended, dropped]
      .map(count)
      .join(', '),
  })
  attacker.kill()
  hub.stop()
}

/** 64 members say one long message each, at once. */
async function largeRoom(): Promise<void> {
  const count = 64
  const hub = await startHub({ limits: { maxParticipants: count } })
  const room = await createTestRoom()
  let frames = 0
  const members = []
  for (let n = 0; n < count; n += 1)
    members.push(await joinRoom(room, { port: hub.port, from: GOOD, onFrame: () => (frames += 1) }))
  for (const member of members) member.publish(new Uint8Array(60_000))
  const untilMs = performance.now() + 60_000
  while (frames < count * count && performance.now() < untilMs) await sleep(20)
  const { stats, heapMb, lagMaxMs } = await hub.figures()
  print('64 members say 60 kB each at once', {
    'messages and acknowledgements': `${frames} of ${count * count}`,
    'members ended': count - stats.connections,
    'heap at most': `${heapMb.toFixed(0)} MB`,
    'longest stop': `${lagMaxMs.toFixed(0)} ms`,
  })
  hub.stop()
}

/** The hub is killed; 2,000 members of 50 addresses come back within 5 s. */
async function comeBack(): Promise<void> {
  const first = await startHub({})
  const rooms = await Promise.all(Array.from({ length: 250 }, () => createTestRoom()))
  const places = Array.from({ length: 2000 }, (_, n) => ({
    room: rooms[n % 250],
    from: `127.0.1.${1 + (n % 50)}`,
  }))
  first.stop()
  await once(first.process, 'exit')
  const hub = await startHub({ port: first.port })
  const times = await Promise.all(
    places.map(async ({ room, from }, n) => {
      await sleep((n * 5000) / 2000)
      const startedMs = performance.now()
      for (let tries = 0; ; tries += 1) {
        if (room === undefined || tries > 20) return Infinity
        const member = await joinRoom(room, { port: hub.port, from }).catch(() => undefined)
        if (member !== undefined) return performance.now() - startedMs
        await sleep((n * 7919) % 1000)
      }
    }),
  )
  const { stats, lagMaxMs, heapMb } = await hub.figures()
  print('2,000 members come back within 5 s', {
    'there again': stats.connections,
    'time to be in, p50, p99': `${ms(times, 0.5)}, ${ms(times, 0.99)} ms`,
    'longest stop': `${lagMaxMs.toFixed(0)} ms`,
    'heap at most': `${heapMb.toFixed(0)} MB`,
  })
  hub.stop()
}

async function startHub(settings: object): Promise<{
  readonly port: number
  readonly process: ChildProcess
  figures(): Promise<HubFigures>
  stop(): void
}> {
  // A new process is on the core of the one that makes it.
  if (apart) place(process.pid, 0)
  const child = fork(join(import.meta.dirname, 'hub-process.ts'), [JSON.stringify(settings)])
  if (apart) place(process.pid, 1)
  const [port] = (await once(child, 'message')) as [number]
  return {
    port,
    process: child,
    figures: async () => {
      const answer = once(child, 'message')
      child.send('figures')
      return ((await answer) as [HubFigures])[0]
    },
    stop: () => void child.kill('SIGKILL'),
  }
}

/** Gives all threads of a process one core. A thread that ends meanwhile makes `taskset` fail after it has placed the others. */
function place(pid: number | undefined, core: number): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', `${core}`, `${pid}`])
}

/** Gives a process only what others leave. */
function giveWay(pid: number | undefined): void {
  spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', `${pid}`])
}

function print(name: string, facts: Readonly<Record<string, string | number>>): void {
  const cells = Object.entries(facts).map(([fact, value]) => `${fact}: ${value}`)
  console.log(`${name}\n  ${cells.join('\n  ')}`)
}

function ms(times: readonly number[], share: number): string {
  return percentile(times, share).toFixed(1)
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}

process.exit()
