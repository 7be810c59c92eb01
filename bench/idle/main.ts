/**
 * 10,000 connections in 1,000 rooms on one hub with its default limits: the memory of one that says nothing, the time that all of them cost the
 * hub when nothing happens, how long a message takes among them, and that the hub forgets them. Clients come from many addresses of
 * this machine, because one address gets 64 connections.
 *
 * `npm run bench -- idle [--connections N] [--rooms N]`
 *
 * @module
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestRoom } from '@conclave/server/testing'
import { DATA_HEADER_BYTES } from '@conclave/wire'
import type { HubFigures } from '../attacks/hub-process.ts'
import { joinRoom } from '../attacks/member.ts'
import type { Member } from '../attacks/member.ts'
import { percentile } from '../table.ts'

const connections = Number(valueOf('--connections') ?? 9998)
const roomCount = Number(valueOf('--rooms') ?? 999)
/** As many as an address gets, less some that may come back. */
const OF_ADDRESS = 60
const AT_ONCE = 32
/** So many fill Node's memory for short-lived objects, which does not grow with the connections. */
const WARM = 2000
const LIMITS = {}

const child = fork(
  join(import.meta.dirname, '../attacks/hub-process.ts'),
  [JSON.stringify({ limits: LIMITS })],
  { execArgv: ['--expose-gc'] },
)
const [port] = (await once(child, 'message')) as [number]
const pid = Number(child.pid)

// What a hub has once, whatever comes, is there before.
const warm = await open(WARM, { rooms: 200, network: 2 })
for (const { socket } of warm) socket.close()
await Promise.all(warm.map(({ ended }) => ended))
await sleep(2000)
const before = await figures('collect')
const rssBefore = residentKb()

const startedMs = performance.now()
const cpuBefore = cpuMs()
const members = await open(connections, { rooms: roomCount, network: 1 })
const openedMs = performance.now() - startedMs
const openingCpu = cpuMs() - cpuBefore
await sleep(15_000)
const rss = residentKb()
const cpuIdle = cpuMs()
await sleep(10_000)
const idleCpu = (cpuMs() - cpuIdle) / 10_000
const times = await messages()
const after = await figures('collect')
const there = members.filter(({ socket }) => socket.readyState === socket.OPEN).length
const live = (of: HubFigures): number => of.heapBytes
for (const { socket } of members) socket.close()
await Promise.all(members.map(({ ended }) => ended))
await sleep(3000)
const left = await figures('collect')

const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`
console.log(
  [
    `${there} of ${connections} connections in ${after.stats.channels} rooms, opened in ${(openedMs / 1000).toFixed(1)} s, ${(openingCpu / connections).toFixed(2)} ms of the hub each`,
    `memory of the process for each: ${((rss - rssBefore) / connections).toFixed(1)} kB`,
    `live heap and buffers for each: ${kb((live(after) - live(before)) / connections)}`,
    `memory of the process: ${(rss / 1000).toFixed(0)} MB, before the connections ${(rssBefore / 1000).toFixed(0)} MB`,
    `part of a core while nothing happens: ${(100 * idleCpu).toFixed(1)} %`,
    `a message among them, p50, p99: ${percentile(times, 0.5).toFixed(2)}, ${percentile(times, 0.99).toFixed(2)} ms; longest stop of the event loop ${after.lagMaxMs.toFixed(0)} ms`,
    `when all have left: ${left.stats.connections} connections, ${left.stats.channels} rooms, ${kb(live(left) - live(before))} of live heap more than before`,
  ].join('\n'),
)
process.exit()

/** Opens so many connections, in rooms in turn. */
async function open(
  count: number,
  { rooms, network }: { readonly rooms: number; readonly network: number },
): Promise<readonly Member[]> {
  const all = await Promise.all(Array.from({ length: rooms }, () => createTestRoom()))
  const opened: Member[] = []
  const numbers = Array.from({ length: count }, (_, n) => n).values()
  const work = async (): Promise<void> => {
    for (const n of numbers) {
      const room = all[n % rooms]
      if (room === undefined) continue
      const from = `127.0.${network}.${1 + Math.floor(n / OF_ADDRESS)}`
      opened.push(await joinRoom(room, { port, from }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return opened
}

/** Messages of a pair in a room of two, with their times. */
async function messages(): Promise<readonly number[]> {
  const room = await createTestRoom()
  const took: number[] = []
  const onFrame = (data: Buffer): void =>
    void took.push(performance.now() - data.readDoubleBE(DATA_HEADER_BYTES))
  const alice = await joinRoom(room, { port, from: '127.0.3.1' })
  const bob = await joinRoom(room, { port, from: '127.0.3.2', onFrame })
  await figures('figures')
  for (let n = 0; n < 400; n += 1) {
    const payload = Buffer.alloc(64)
    payload.writeDoubleBE(performance.now())
    alice.publish(payload)
    await sleep(20)
  }
  for (const { socket } of [alice, bob]) socket.close()
  return took
}

async function figures(ask: 'figures' | 'collect'): Promise<HubFigures> {
  const answer = once(child, 'message')
  child.send(ask)
  return ((await answer) as [HubFigures])[0]
}

/** The memory of the hub's process, in kilobytes. */
function residentKb(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1.024
}

/** CPU that the hub has used, in milliseconds. */
function cpuMs(): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
