/** A hub whose engine is away, and a session that waits for answers. */
import { Room, createRoomLink } from '@conclave/client'
import { createHub, createMemoryEngine, type Engine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { expect, onTestFinished, test } from 'vitest'

test('[R207, H39] an engine that is away for longer than a network may be silent ends no connection, and loses nothing', async () => {
  const away = { until: 0 }
  const served = await serve({
    port: 0,
    hub: ({ port }) => {
      const origins = [`http://127.0.0.1:${port}`]
      return createHub({ engine: awayEngine(away), origins, allowNonBrowser: true })
    },
  })
  onTestFinished(() => served.close())
  const link = await createRoomLink(`http://127.0.0.1:${served.port}`)
  const join = async (name: string): Promise<Room> => {
    const room = await Room.join(link, { name, media: false })
    onTestFinished(() => room.leave())
    return room
  }
  const [alice, bob] = await Promise.all([join('Alice'), join('Bob')])
  const heard: string[] = []
  bob.on('chat', ({ message }) => heard.push(message.text))
  await expect.poll(() => alice.participants.size).toBe(1)
  const before = served.hub.stats().admitted
  away.until = performance.now() + AWAY_MS
  for (const text of ['one', 'two', 'three']) await alice.chat.send(text)
  await expect.poll(() => heard).toEqual(['one', 'two', 'three'])
  expect(performance.now()).toBeGreaterThan(away.until)
  expect(served.hub.stats().admitted).toBe(before)
})

/** Longer than R207 gives a network that is silent. */
const AWAY_MS = 3500

/** The engine in memory, which takes nothing until a time. */
function awayEngine(away: { readonly until: number }): Engine {
  const engine = createMemoryEngine()
  return {
    ...engine,
    attach: async (room, listener) => {
      const channel = await engine.attach(room, listener)
      const publish: typeof channel.publish = async (message) => {
        if (performance.now() < away.until) throw new Error('away')
        return channel.publish(message)
      }
      return { ...channel, publish }
    },
  }
}
