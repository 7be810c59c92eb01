import { VirtualClock } from '@conclave/base/testing'
import type { Hub, HubOptions } from '@conclave/server'
import { createTestAuthorizer, MemoryClient } from '@conclave/server/testing'
import { createTestHub } from '../support.ts'

export const PRIVATE = 'private-orders'
export const PRESENCE = 'presence-lobby'

/** A hub that grants what is wanted to tokens such as `alice.phone`. */
export function createGuardedHub(options: Partial<HubOptions> & { lifetimeMs?: number } = {}): {
  hub: Hub
  clock: VirtualClock
  lines: string[]
} {
  const { lifetimeMs = 3_600_000, clock: given, ...rest } = options
  const clock = given instanceof VirtualClock ? given : new VirtualClock()
  const authorizers = [createTestAuthorizer({ clock, lifetimeMs })]
  return { ...createTestHub({ authorizers, ...rest, clock }), clock }
}

/** A client that is subscribed to a channel as a user with a device. */
export async function enter(
  hub: Hub,
  token: string,
  { channel = PRESENCE, info = '' }: { channel?: string; info?: string } = {},
): Promise<MemoryClient> {
  const client = new MemoryClient(hub)
  const subscribed = await client.subscribe(channel, { token, info })
  if (subscribed === undefined) throw new Error(`${token} was not subscribed`)
  return client
}

/** Lets everything that was begun come to its end. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
