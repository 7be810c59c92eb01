/** A real hub that is closed, and the token of a join. */
import { createHub, createMemoryEngine } from '@conclave/server'
import { type Served, serve } from '@conclave/server/node'
import { expect, onTestFinished, test } from 'vitest'
import { Room, createRoomLink } from '../../src/index.ts'
import type { JoinRequest, RoomOptions } from '../../src/index.ts'

test('[R188, G51] a closed hub lets in who shows a token of the application, on each connection', async () => {
  const { hub, port } = await closedHub(0)
  const link = await createRoomLink(`http://127.0.0.1:${port}`)
  const asked: JoinRequest[] = []
  let served = hub
  const authorize = async (request: JoinRequest): Promise<string | undefined> => {
    asked.push(request)
    return mint(served, request)
  }
  const alice = await join(link, { authorize })
  expect(asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({ host: `127.0.0.1:${port}` })
  await expect(join(link, {})).rejects.toMatchObject({ code: 'ERR_CLIENT_REFUSED' })
  await expect(join(link, { authorize: () => 'dG9rZW4' })).rejects.toMatchObject({
    code: 'ERR_CLIENT_REFUSED',
  })
  await hub.close()
  served = (await closedHub(port)).hub
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(2)
  await expect.poll(() => alice.state).toBe('connected')
  expect(asked.at(-1)?.nonce).not.toBe(asked[0]?.nonce)
})

test('[R188] one that throws, or answers no token, ends the join with a code', async () => {
  const { port } = await closedHub(0)
  const link = await createRoomLink(`http://127.0.0.1:${port}`)
  const cause = new Error('the server of the application is away')
  const fail = (): never => {
    throw cause
  }
  await expect(join(link, { authorize: fail })).rejects.toMatchObject({
    ...{ code: 'ERR_CLIENT_ACCESS', cause },
  })
  for (const answer of ['', 'a b', 1, {}]) {
    const authorize = (): string => answer as string
    await expect(join(link, { authorize })).rejects.toMatchObject({ code: 'ERR_CLIENT_ACCESS' })
  }
})

async function join(link: string, options: RoomOptions): Promise<Room> {
  const room = await Room.join(link, { media: false, ...options })
  onTestFinished(() => room.leave())
  return room
}

const mint = ({ hub }: Served, { room }: JoinRequest): Promise<string | undefined> =>
  hub.tickets.mint({
    ...{ app: '', channel: room, rights: ['subscribe'] },
    ...{ user: 'alice', device: 'phone', untilMs: Date.now() + 60_000 },
  })

async function closedHub(port: number): Promise<{ hub: Served; port: number }> {
  const hub = await serve({
    port,
    hub: (address) =>
      createHub({
        engine: createMemoryEngine(),
        origins: [`http://127.0.0.1:${address.port}`],
        ...{ allowNonBrowser: true, closed: true },
      }),
  })
  onTestFinished(() => hub.close())
  return { hub, port: hub.port }
}
