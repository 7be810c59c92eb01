/**
 * Messages of 256 bytes from one client to all others of a group: CPU of the server for each delivery, deliveries a second, times, and
 * memory of an idle connection, for the hub and for servers that people choose from; all at once on loopback, in turns.
 *
 * `npm run bench -- fanout [--rounds N] [--sizes 2,16,100,1000] [--only NAME,…] [--idle N] [--json]`
 *
 * @module
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { createTestRoom } from '@conclave/server/testing'
import { installPackages } from '../../tools/prepare.mjs'
import { type BenchRow, median, percentile, printResult, spread } from '../table.ts'
import type { Client } from './client.ts'
import {
  type Contestant,
  type RunningServer,
  contestants,
  cpuUs,
  residentKb,
} from './contestants.ts'

installPackages(import.meta.dirname)

const rounds = Number(valueOf('--rounds') ?? 15)
const sizes = (valueOf('--sizes') ?? '2,16,100,1000').split(',').map(Number)
const bursts = (valueOf('--bursts') ?? '32,1').split(',').map(Number)
const idle = Number(valueOf('--idle') ?? 2000)
const only = valueOf('--only')?.split(',')
const chosen = contestants.filter(({ name }) => only?.includes(name) ?? true)
/** Deliveries that are worth a measurement: CPU time is told in steps of 10 ms. */
const WORTH = 40_000
/** Without the letter that begins a message of nats. */
const payload = Buffer.alloc(256, 7)

const METRICS = [
  { metric: 'CPU of a delivery', unit: 'µs', key: 'cpu', better: 'lower' },
  { metric: 'deliveries', unit: '1/s', key: 'rate', better: 'higher' },
  { metric: 'time, median', unit: 'ms', key: 'p50', better: 'lower' },
  { metric: 'time, 99th percentile', unit: 'ms', key: 'p99', better: 'lower' },
] as const

/** A server that runs, with a group of clients. */
class Stand {
  readonly contestant: Contestant
  readonly server: RunningServer
  #publisher: Client | undefined
  #clients: Client[] = []
  #delivered = 0
  #sentAt = 0
  #times: number[] = []

  constructor(contestant: Contestant, server: RunningServer) {
    this.contestant = contestant
    this.server = server
  }

  /** Opens a group with this many subscribers and one who publishes. */
  async open(size: number): Promise<void> {
    const group = await createTestRoom()
    const { port } = this.server
    for (let n = 0; n < size; n += 1) {
      const client = await this.contestant.enter(port, group)
      client.socket.on('message', (data: Buffer, isBinary) => {
        const count = this.contestant.deliveries(data, isBinary)
        if (count === 0) return
        this.#delivered += count
        this.#times.push(performance.now() - this.#sentAt)
      })
      this.#clients.push(client)
    }
    this.#publisher = await this.contestant.enter(port, group)
  }

  /** Publishes in bursts of so many until the measurement is worth it, each after the last one has come to all. */
  async round(burst: number): Promise<{ cpu: number; rate: number; times: readonly number[] }> {
    const publisher = this.#publisher
    if (publisher === undefined) throw new Error('"round" expected a group that is open')
    const size = this.#clients.length
    const times = Math.max(1, Math.round(WORTH / size / burst / (burst === 1 ? 8 : 1)))
    this.#times = []
    const cpuBefore = cpuUs(this.server.pid)
    const before = performance.now()
    for (let n = 0; n < times; n += 1) {
      const due = this.#delivered + size * burst
      const frames = Array.from({ length: burst }, () =>
        this.contestant.publish(publisher, payload),
      )
      this.#sentAt = performance.now()
      publisher.stream.write(Buffer.concat(frames))
      while (this.#delivered < due) {
        await turn()
        if (performance.now() - this.#sentAt > 30_000)
          throw new Error(`${this.contestant.name} lost ${due - this.#delivered} deliveries`)
      }
    }
    const seconds = (performance.now() - before) / 1000
    const deliveries = times * burst * size
    return {
      cpu: (cpuUs(this.server.pid) - cpuBefore) / deliveries,
      rate: deliveries / seconds,
      times: this.#times,
    }
  }

  close(): void {
    for (const { socket } of [...this.#clients, ...(this.#publisher ? [this.#publisher] : [])])
      socket.terminate()
    this.#clients = []
  }
}

const rows: BenchRow[] = []
for (const size of sizes) {
  const stands = await startAll()
  for (const stand of stands) await stand.open(size)
  for (const burst of bursts) rows.push(...(await measure(stands, { size, burst })))
  for (const stand of stands) {
    stand.close()
    stand.server.stop()
  }
}
if (idle > 0) rows.push(await measureIdle())
printResult('fanout', rows)
process.exit()

async function startAll(): Promise<readonly Stand[]> {
  const stands: Stand[] = []
  for (const contestant of chosen) stands.push(new Stand(contestant, await contestant.start()))
  return stands
}

async function measure(
  stands: readonly Stand[],
  { size, burst }: { readonly size: number; readonly burst: number },
): Promise<BenchRow[]> {
  const samples = new Map(stands.map(({ contestant: { name } }) => [name, emptySamples()]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const stand of round % 2 === 0 ? stands : stands.toReversed()) {
      const { cpu, rate, times } = await stand.round(burst)
      // Code is compiled in the first round.
      if (round === 0) continue
      const of = samples.get(stand.contestant.name)
      of?.cpu.push(cpu)
      of?.rate.push(rate)
      of?.p50.push(percentile(times, 0.5))
      of?.p99.push(percentile(times, 0.99))
    }
  }
  const name = `${size}, ${burst === 1 ? 'one at a time' : `bursts of ${burst}`}`
  return METRICS.map(({ metric, unit, key, better }) => {
    const all = Array.from(samples, ([who, { [key]: values }]) => [who, values] as const)
    const [[, ours] = ['', []], ...peers] = all
    return {
      ...{ case: name, metric, unit, ours: median(ours), better, spread: spread(ours) },
      peers: Object.fromEntries(peers.map(([who, values]) => [who, median(values)])),
    }
  })
}

/** The memory that connections cost which are in groups of ten and say nothing. */
async function measureIdle(): Promise<BenchRow> {
  const results: [string, number][] = []
  for (const contestant of chosen) {
    const server = await contestant.start()
    const clients: Client[] = []
    let group = await createTestRoom()
    const open = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        if (n % 10 === 0) group = await createTestRoom()
        clients.push(await contestant.enter(server.port, group))
      }
    }
    // What a server has once, whatever comes, is there before.
    await open(100)
    await sleep(1000)
    const before = residentKb(server.pid)
    await open(idle)
    await sleep(3000)
    results.push([contestant.name, (residentKb(server.pid) - before) / idle])
    for (const { socket } of clients) socket.terminate()
    server.stop()
  }
  const [[, ours] = ['', Number.NaN], ...peers] = results
  return {
    ...{ case: `${idle} idle connections`, metric: 'memory of one', unit: 'kB', ours },
    ...{ peers: Object.fromEntries(peers), better: 'lower', spread: [ours, ours] },
  }
}

function emptySamples(): Record<'cpu' | 'rate' | 'p50' | 'p99', number[]> {
  return { cpu: [], rate: [], p50: [], p99: [] }
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
