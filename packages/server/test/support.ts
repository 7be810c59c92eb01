import { createHub, createMemoryEngine } from '@conclave/server'
import type { Hub, HubOptions } from '@conclave/server'
import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import type { TestRoom } from '@conclave/server/testing'
import { VirtualClock } from '@conclave/base/testing'

export const ORIGIN = 'https://meet.example'

/** A hub with a clock that stands still, and what it logs. */
export function createTestHub(options: Partial<HubOptions> = {}): {
  hub: Hub
  clock: VirtualClock
  lines: string[]
} {
  const clock = new VirtualClock()
  const lines: string[] = []
  const engine = createMemoryEngine({ clock })
  const log = (line: string): void => void lines.push(line)
  return { hub: createHub({ engine, origins: [ORIGIN], clock, log, ...options }), clock, lines }
}

/** Clients that are all in one room. */
export async function gather(
  hub: Hub,
  count: number,
): Promise<{ room: TestRoom; clients: MemoryClient[] }> {
  const room = await createTestRoom()
  const clients = Array.from({ length: count }, () => new MemoryClient(hub))
  for (const client of clients) await client.join(room)
  return { room, clients }
}

/** Three clients of one room, for tests that name them. */
export async function gatherThree(
  hub: Hub,
): Promise<{ room: TestRoom; alice: MemoryClient; bob: MemoryClient; eve: MemoryClient }> {
  const { room, clients } = await gather(hub, 3)
  const [alice, bob, eve] = clients
  if (alice === undefined || bob === undefined || eve === undefined) throw new Error('unreachable')
  return { room, alice, bob, eve }
}

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

export function unreachable(): never {
  throw new Error('unreachable')
}
