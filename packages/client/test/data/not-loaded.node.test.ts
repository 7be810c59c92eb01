/** The code of data and files does not come at first, as while a server is away. */
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Room } from '../../src/index.ts'
import { haveMet, localRoom } from '../support.ts'

test.each([
  [
    'topics',
    '../../src/data/room-data.ts',
    async (room: Room) => (await room.topic('words')).name === 'words',
  ],
  [
    'files',
    '../../src/files/file-exchange.ts',
    async (room: Room) => (await room.files.send(new File(['a'], 'a.txt'))).transfers.length === 1,
  ],
] as const)(
  '[R186] where the code of %s cannot be loaded, the call says so, the room goes on, and another call loads it again',
  async (_name, module, use) => {
    const { join, leave } = await localRoom()
    onTestFinished(leave)
    const [alice, bob] = [await join('Alice'), await join('Bob')]
    await haveMet([alice, bob])
    vi.doMock(module, () => {
      throw new Error('offline')
    })
    onTestFinished(() => vi.doUnmock(module))
    await expect(use(alice)).rejects.toMatchObject({ code: 'ERR_CLIENT_NOT_LOADED' })
    const heard = new Promise((resolve) => bob.on('chat', resolve))
    await alice.chat.send('still here')
    await heard
    vi.doUnmock(module)
    expect(await use(alice)).toBe(true)
  },
)
