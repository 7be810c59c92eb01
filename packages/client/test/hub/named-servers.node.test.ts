/** The STUN and TURN servers of a real hub, as media transports get them. */
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { expect, onTestFinished, test } from 'vitest'
import { Room, createRoomLink, hubDriver } from '../../src/index.ts'
import type { MediaContext, RoomOptions } from '../../src/index.ts'
import { TestMedia } from '../support.ts'

const turn = { urls: ['turn:relay.example'], username: 'alice', credential: 'first' }

test('[R220, H38, W15] they are there when the room is joined, and again, when the hub comes back, as it has them then', async () => {
  let hub = await startHub(0, turn.credential)
  onTestFinished(() => hub.close())
  const { port } = hub
  const contexts: MediaContext[] = []
  const room = await Room.join(await createRoomLink(`http://127.0.0.1:${port}`), {
    media(context) {
      contexts.push(context)
      return new TestMedia(context)
    },
  })
  onTestFinished(() => room.leave())
  const given = (): Promise<unknown> => serversOf(contexts[0] ?? {})
  await expect.poll(given).toEqual([turn])
  await hub.close()
  expect(await given()).toEqual([turn])
  hub = await startHub(port, 'fresh')
  await expect.poll(given).toEqual([{ ...turn, credential: 'fresh' }])
})

test('[R185, S121] a driver for peers over the room brings the servers that the hub names, or those of the join and its policy', async () => {
  const hub = await startHub(0, turn.credential)
  onTestFinished(() => hub.close())
  const link = await createRoomLink(`http://127.0.0.1:${hub.port}`)
  const join = async (options: RoomOptions = {}) => {
    const room = await Room.join(link, { media: false, ...options })
    onTestFinished(() => room.leave())
    return hubDriver(room)
  }
  const named = await join()
  expect(named.iceTransportPolicy).toBeUndefined()
  await expect.poll(() => serversOf(named)).toEqual([turn])
  const own = [{ urls: 'turn:own.example', username: 'alice', credential: 'own' }]
  const relayed = await join({ iceServers: own, iceTransportPolicy: 'relay' })
  expect(await serversOf(relayed)).toEqual(own)
  expect(relayed.iceTransportPolicy).toBe('relay')
})

const serversOf = async ({ iceServers }: Pick<MediaContext, 'iceServers'>): Promise<unknown> =>
  typeof iceServers === 'function' ? iceServers() : iceServers

const startHub = (port: number, credential: string): ReturnType<typeof serve> =>
  serve({
    port,
    hub: (address) =>
      createHub({
        engine: createMemoryEngine(),
        origins: [`http://127.0.0.1:${address.port}`],
        allowNonBrowser: true,
        iceServers: [{ ...turn, credential }],
      }),
  })
