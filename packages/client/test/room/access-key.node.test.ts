/** An access key that does not sign, over a real hub. spec R33 */
import { randomBytes } from 'node:crypto'
import { type AccessKey, SharedKeySource, createAccessKey, deriveRoomId } from '@conclave/e2ee'
import type { Served } from '@conclave/server/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Room, type RoomProblem, type RoomTarget } from '../../src/index.ts'
import { problemOf } from '../../src/problem.ts'
import { startHub } from './start-hub.ts'

const SECRET = 'secret of the application'
let hub: Served

beforeEach(async () => {
  hub = await startHub(0)
})

afterEach(() => hub.close())

const signers: readonly (readonly [string, AccessKey['sign']])[] = [
  ['rejects', () => Promise.reject(new Error(SECRET))],
  ['answers something else', async () => SECRET as never],
  [
    'throws',
    () => {
      throw new Error(SECRET)
    },
  ],
]

test.each(signers)('[R33] a join ends with an access key that %s', async (_, sign) => {
  const target = await targetWith(() => sign)
  const joining = Room.join(target, { media: false })
  await expect(joining).rejects.toMatchObject({ code: 'ERR_CLIENT_ACCESS' })
  await expect(joining).rejects.not.toThrow(SECRET)
})

test.each(signers)(
  '[R33] a reconnect with an access key that %s is a problem, and is tried again',
  async (_, sign) => {
    let broken: AccessKey['sign'] | undefined
    const room = await Room.join(await targetWith(() => broken), { media: false })
    const problems: RoomProblem[] = []
    const heard = new Promise<void>((resolve) => {
      room.on('problem', (problem) => {
        problems.push(problem)
        resolve()
      })
    })
    broken = sign
    await hub.close()
    hub = await startHub(hub.port)
    await heard
    expect(room.state).toBe('reconnecting')
    broken = undefined
    await expect.poll(() => room.state, { timeout: 20_000 }).toBe('connected')
    expect(problems).toEqual([problemOf('ERR_CLIENT_ACCESS')])
    await room.leave()
  },
)

const targetWith = async (sign: () => AccessKey['sign'] | undefined): Promise<RoomTarget> => {
  const access = await createAccessKey(Uint8Array.from(randomBytes(32)))
  return {
    room: await deriveRoomId(access.publicKey),
    keys: new SharedKeySource(Uint8Array.from(randomBytes(32))),
    access: {
      publicKey: access.publicKey,
      sign: (bytes) => (sign() ?? access.sign.bind(access))(bytes),
    },
    hub: `ws://127.0.0.1:${hub.port}/hub`,
  }
}
