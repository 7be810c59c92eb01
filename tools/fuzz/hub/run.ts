/**
 * Random and mutated input for a real hub on loopback, from many addresses, while a good pair talks.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import type { HubLimits } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { createTestRoom, createTestSession } from '@conclave/server/testing'
import { Random } from '../random.ts'
import { GoodPair } from './good-pair.ts'
import { messageInput } from './messages.ts'
import { headOf, rawInput, requestInput, upgradeInput, validUpgrade } from './requests.ts'
import { Stranger } from './stranger.ts'

/** The result of a run. */
export interface HubFuzzReport {
  readonly inputs: number
  readonly connections: number
  readonly seconds: number
  /** How often each answer and each end came. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Promises that were broken, with the number of the connection that did it. */
  readonly faults: readonly string[]
  /** Live heap and buffers at the end, beyond those after the first hundred connections. */
  readonly grownBytes: number
  /** Messages of the good pair, all of which came. */
  readonly goodMessages: number
}

/** Sends so many inputs. The same seed sends the same bytes, at times that the machine chooses. */
export async function fuzzHub(options: {
  readonly inputs: number
  readonly seed: number
  /** Number of the first connection. */
  readonly from?: number
  /** Default: those of a hub, without the rates that would refuse most of the inputs. */
  readonly limits?: Partial<HubLimits>
  readonly onProgress?: (inputs: number) => void
}): Promise<HubFuzzReport> {
  const { inputs, seed, from = 0, limits = MANY, onProgress } = options
  const startedMs = performance.now()
  const served = await serve({
    port: 0,
    hub: ({ port }) =>
      createHub({ engine: createMemoryEngine(), origins: localOrigins(port), limits }),
  })
  const { port, hub } = served
  const pair = await GoodPair.join(port)
  const rooms = await Promise.all(Array.from({ length: 4 }, () => createTestRoom()))
  const sessions = await Promise.all(Array.from({ length: 32 }, () => createTestSession()))
  const outcomes = new Map<string, number>()
  const faults: string[] = []
  let [sent, next, baseBytes] = [0, from, 0]

  // Node warns of listeners that pile up, of which nothing else tells.
  const onWarning = ({ name }: Error): void => void faults.push(`a warning: ${name}`)
  process.on('warning', onWarning)

  const visit = async (number: number): Promise<void> => {
    const random = new Random(seed, number)
    const stranger = new Stranger(port, `127.0.1.${1 + random.below(200)}`)
    let mayEnter: boolean | undefined
    switch (random.below(8)) {
      case 0:
        stranger.write(rawInput(random, port))
        sent += 1
        break
      case 1:
        for (let left = 1 + random.below(8); left > 0; left -= 1, sent += 1)
          stranger.write(requestInput(random, port))
        break
      case 2:
      case 3: {
        const upgrade = upgradeInput(random, port)
        mayEnter = upgrade.mayEnter
        stranger.write(upgrade.head)
        sent += 1
        break
      }
      case 4: {
        // Before a grant, and before the hub could answer.
        const join = await random.pick(rooms).join({
          nonce: random.bytes(32),
          host: `127.0.0.1:${port}`,
          session: random.pick(sessions),
        })
        stranger.write(headOf(validUpgrade(port)))
        for (let left = 1 + random.below(4); left > 0; left -= 1, sent += 1)
          stranger.write(messageInput(random, { join, channel: random.uint32() }))
        break
      }
      default: {
        const member = await stranger.join(random.pick(rooms), random.pick(sessions))
        if (member === undefined) break
        for (let left = 1 + random.below(120); left > 0; left -= 1, sent += 1)
          stranger.write(messageInput(random, member))
      }
    }
    if (random.oneIn(20)) stranger.destroy()
    else stranger.end()
    const late = setTimeout(() => {
      stranger.fault ??= 'a connection that does not end'
      stranger.destroy()
    }, LATE_MS)
    await stranger.gone
    clearTimeout(late)
    const { status, code, fault } = stranger
    const outcome = code === undefined ? `answered ${status ?? 'nothing'}` : `ended ${code}`
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (fault !== undefined) faults.push(`connection ${number}: ${fault}`)
    if (mayEnter === false && status === 101) faults.push(`connection ${number}: was let in`)
  }

  const work = async (): Promise<void> => {
    while (sent < inputs && faults.length < MOST_FAULTS) {
      const number = next++
      await visit(number)
      if (number % 50 === 0) await pair.talk().catch((error: unknown) => faults.push(String(error)))
      if (number % 1000 === 0) onProgress?.(sent)
      if (number - from === 100) baseBytes = await liveBytes()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  await pair.talk().catch((error: unknown) => faults.push(String(error)))
  const { failed } = hub.stats()
  for (const [part, count] of Object.entries(failed))
    if (count > 0) faults.push(`${count} failures of ${part}`)
  // The last ones are gone at their side; the hub learns of it in turns of the event loop.
  await pair.until(() => hub.stats().connections === 2)
  const { connections, channels } = hub.stats()
  if (connections !== 2 || channels !== 1)
    faults.push(`${connections} connections and ${channels} rooms are left beside the good pair`)
  const grownBytes = (await liveBytes()) - baseBytes
  pair.close()
  process.off('warning', onWarning)
  await served.close()
  return {
    inputs: sent,
    connections: next - from,
    seconds: (performance.now() - startedMs) / 1000,
    outcomes,
    faults,
    grownBytes,
    goodMessages: pair.heard,
  }
}

/** The least of several collections: buffers and handles go in later turns than what held them. */
async function liveBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  let least = Infinity
  for (let times = 0; times < COLLECTIONS; times += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    const { heapUsed, external } = process.memoryUsage()
    least = Math.min(least, heapUsed + external)
  }
  return least
}

const COLLECTIONS = 5
const AT_ONCE = 12
const LATE_MS = 60_000
const MOST_FAULTS = 20

/** Rates that refuse nothing, so that what comes gets deep; everything else as it is. */
const MANY: Partial<HubLimits> = {
  attemptsPerSecond: 1_000_000,
  attemptBurst: 1_000_000,
  requestsPerSecond: 1_000_000,
  requestBurst: 1_000_000,
}
