/**
 * The hub of this benchmark: a real one, in a separate process, which counts what its room publishes.
 *
 * @module
 */
import { type Engine, createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { kindOf } from './place.ts'

/** Everything since the process started, as it answers each message. */
export interface HubFigures {
  /** Published messages and the bytes of their payloads, by kind. */
  readonly published: {
    readonly [kind: string]: { readonly messages: number; readonly bytes: number }
  }
  /** Messages as they came out again, once for each recipient. */
  readonly delivered: number
  readonly cpuMs: number
}

const published: Record<string, { messages: number; bytes: number }> = {}
let delivered = 0

const counting = (engine: Engine): Engine => ({
  async attach(lane, listener) {
    let members = 0
    const channel = await engine.attach(lane, (event) => {
      if (event.type === 'participantJoined') members += 1
      if (event.type === 'participantLeft') members -= 1
      listener(event)
    })
    return {
      enter: (entry) => channel.enter(entry),
      leave: (membership) => channel.leave(membership),
      signal: (message) => channel.signal(message),
      detach: () => channel.detach(),
      publish(message) {
        const count = (published[kindOf(message.payload)] ??= { messages: 0, bytes: 0 })
        count.messages += 1
        count.bytes += message.payload.length
        delivered += message.to === undefined ? members - 1 : 1
        return channel.publish(message)
      },
    }
  },
  close: () => engine.close(),
})

const served = await serve({
  port: 0,
  hub: ({ port }) =>
    createHub({
      engine: counting(createMemoryEngine()),
      origins: [`http://127.0.0.1:${port}`],
      allowNonBrowser: true,
      // All members have one address here; what bounds a member stays as it is.
      limits: {
        maxParticipants: 256,
        connectionsPerAddress: 512,
        attemptsPerSecond: 1000,
        outboundHardBytes: 33_554_432,
      },
    }),
})
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ published, delivered, cpuMs: (user + system) / 1000 } satisfies HubFigures)
})
process.once('disconnect', () => void served.close().then(() => process.exit(0)))
process.send?.(served.port)
