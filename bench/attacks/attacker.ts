/**
 * The attacker, in a separate process and from one address: it makes itself ready, and attacks when it is told to, for as long as it lives.
 *
 * @module
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { createTestRoom } from '@conclave/server/testing'
import { joinRoom } from './member.ts'
import type { Member } from './member.ts'

const [name = '', portText = '0'] = process.argv.slice(2)
const port = Number(portText)
const from = '127.0.0.66'

const open = (): Socket => {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => {})
  return socket
}

/** All connections that the hub gives to one address, four rooms of sixteen or one of each. */
const members = async (rooms: number, count = 64): Promise<readonly Member[]> => {
  const all = await Promise.all(Array.from({ length: rooms }, () => createTestRoom()))
  const joined: Member[] = []
  for (let n = 0; n < count; n += 1) {
    const room = all[n % rooms]
    if (room === undefined) continue
    const member = await joinRoom(room, { port, from }).catch(() => undefined)
    member?.socket.on('error', () => {})
    if (member !== undefined) joined.push(member)
  }
  return joined
}

const socketOf = ({ socket }: Member): Socket =>
  (socket as unknown as { readonly _socket: Socket })._socket

const write = async (socket: Socket, block: Buffer): Promise<void> => {
  if (!socket.destroyed && socket.write(block)) await turn()
  else await sleep(20)
}

const forever = async (act: () => Promise<void>): Promise<never> => {
  for (;;) await act()
}

/** An empty frame with a mask of zeros. */
const empty = (first: number): Buffer => Buffer.from([first, 0x80, 0, 0, 0, 0])

const ATTACKS: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  'silent connections': async () => () =>
    forever(async () => {
      for (let n = 0; n < 50; n += 1) open()
      await sleep(20)
    }),
  'requests without end': async () => () => {
    const block = Buffer.from('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(500))
    return Promise.all(
      Array.from({ length: 64 }, async () => {
        let socket = open()
        socket.resume()
        await forever(async () => {
          if (socket.destroyed) socket = open().resume()
          await write(socket, block)
        })
      }),
    )
  },
  pongs: async () => {
    const all = await members(64)
    const block = Buffer.concat(Array.from({ length: 10_000 }, () => empty(0x8a)))
    return () => Promise.all(all.map((member) => forever(() => write(socketOf(member), block))))
  },
  'empty fragments': async () => {
    const all = await members(64)
    const message = Buffer.concat([
      empty(0x02),
      ...Array.from({ length: 62 }, () => empty(0x00)),
      empty(0x80),
    ])
    const block = Buffer.concat(Array.from({ length: 100 }, () => message))
    return () => Promise.all(all.map((member) => forever(() => write(socketOf(member), block))))
  },
  'allowed bursts': async () => {
    const all = await members(4)
    return () =>
      forever(async () => {
        for (const member of all) for (let n = 0; n < 450; n += 1) member.publish(new Uint8Array(1))
        await sleep(10_000)
      })
  },
  'readers that stop': async () => {
    const all = await members(4)
    for (const member of all.slice(4)) socketOf(member).pause()
    return () =>
      forever(async () => {
        for (const member of all.slice(0, 4)) member.publish(new Uint8Array(60_000))
        await sleep(250)
      })
  },
  'unfinished messages': async () => {
    const all = await members(64)
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0, 0, 0, 0])
    return async () => {
      for (const member of all) socketOf(member).write(Buffer.concat([head, Buffer.alloc(200_000)]))
      await forever(async () => {
        for (const member of all) socketOf(member).write(Buffer.alloc(1))
        await sleep(100)
      })
    }
  },
  'wrong proofs': async () => {
    const [right, other] = [await createTestRoom(), await createTestRoom()]
    const wrong = {
      ...right,
      join: async (context: Parameters<typeof right.join>[0]) => ({
        ...(await right.join(context)),
        room: other.id,
      }),
    }
    return () =>
      Promise.all(
        Array.from({ length: 16 }, () =>
          forever(async () => {
            await joinRoom(wrong, { port, from }).catch(() => {})
            await turn()
          }),
        ),
      )
  },
}

const prepare = ATTACKS[name]
if (prepare === undefined) throw new Error(`no such attack: ${name}`)
const attack = await prepare()
process.once('message', () => void attack())
process.once('disconnect', () => process.exit())
process.send?.('ready')
