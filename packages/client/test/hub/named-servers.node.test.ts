/** The STUN and TURN servers of a real hub, as media transports get them. */
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { expect, onTestFinished, test } from 'vitest'
import { Room, createRoomLink } from '../../src/index.ts'
import type { MediaContext } from '../../src/index.ts'
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
  const given = async (): Promise<unknown> => {
    const source = contexts[0]?.iceServers
    return typeof source === 'function' ? source() : source
  }
  await expect.poll(given).toEqual([turn])
  await hub.close()
  expect(await given()).toEqual([turn])
  hub = await startHub(port, 'fresh')
  await expect.poll(given).toEqual([{ ...turn, credential: 'fresh' }])
})

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
