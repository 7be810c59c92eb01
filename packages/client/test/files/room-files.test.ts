/** Files over real rooms and a hub in memory. */
import { equalBytes } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { IncomingFile, Room } from '../../src/index.ts'
import type { LocalTransport } from '../../src/testing/local-hub.ts'
import { haveMet, localRoom } from '../support.ts'
import { contentOf } from './file-stand.ts'

const SIZE = 200_000
let place: Awaited<ReturnType<typeof localRoom>>

beforeEach(async () => {
  place = await localRoom()
})

afterEach(() => place.leave())

const join = async <Names extends readonly string[]>(
  ...names: Names
): Promise<{ [At in keyof Names]: Room }> => {
  const rooms: Room[] = []
  for (const name of names) rooms.push(await place.join(name))
  await haveMet(rooms)
  return rooms as { [At in keyof Names]: Room }
}

const offerIn = (room: Room): Promise<IncomingFile> =>
  new Promise((resolve) => room.on('file', ({ file }) => resolve(file)))

test('[R190, R198] a file goes to everyone in the room, sealed: the hub sees neither name nor content', async () => {
  const [alice, bob, carol] = await join('Alice', 'Bob', 'Carol')
  const offers = [offerIn(bob), offerIn(carol)]
  const content = 'marker-content '.repeat(5000)
  const file = new File([content], 'marker-name.txt', { type: 'text/marker' })
  const { done, transfers } = await alice.files.send(file)
  const blobs = await Promise.all(
    offers.map(async (offered) => {
      const incoming = await offered
      expect([incoming.name, incoming.size, incoming.type]).toEqual([
        'marker-name.txt',
        content.length,
        'text/marker',
      ])
      expect(incoming.participant).toBe(alice.self.id)
      return incoming.accept()
    }),
  )
  for (const blob of blobs) expect(await blob?.text()).toBe(content)
  expect(await done).toEqual([
    { reason: 'received', by: 'other' },
    { reason: 'received', by: 'other' },
  ])
  const receivers = transfers.map(({ participant }) => participant)
  expect(new Set(receivers)).toEqual(new Set([bob.self.id, carol.self.id]))
  const seen = await new Blob(place.hub.seen.map(({ payload }) => new Uint8Array(payload))).text()
  for (const marker of ['marker', 'Alice']) expect(seen).not.toContain(marker)
})

test('[R190] a file goes to those who are named, and to nobody who is not in the room', async () => {
  const [alice, bob, carol] = await join('Alice', 'Bob', 'Carol')
  let isOffered = false
  carol.on('file', () => {
    isOffered = true
  })
  const offered = offerIn(bob)
  const file = new Blob([contentOf(SIZE)])
  const { done } = await alice.files.send(file, { to: bob.self.id, name: 'b', type: 'a/b' })
  const incoming = await offered
  expect([incoming.name, incoming.type]).toEqual(['b', 'a/b'])
  const blob = await incoming.accept()
  expect(await done).toMatchObject([{ reason: 'received' }])
  const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())
  expect(equalBytes(bytes, contentOf(SIZE))).toBe(true)
  expect(isOffered).toBe(false)
  const strangers = ['AAAAAAAAAAAAAAAAAAAAAA', alice.self.id, [], [bob.self.id, 'x'], 5, null]
  for (const to of strangers) {
    const wrong = alice.files.send(file, { to: to as string as typeof bob.self.id })
    await expect(wrong).rejects.toMatchObject({
      code: 'ERR_CLIENT_ARGUMENT',
      details: { argument: 'to' },
    })
  }
})

test('[R202] a name that is a path, hides or names a device is made harmless, and one of the caller is refused', async () => {
  const [alice, bob] = await join('Alice', 'Bob')
  const names: string[] = []
  bob.on('file', ({ file }) => {
    names.push(file.name)
    file.refuse()
  })
  const given = [
    '../../etc/passwd',
    'C:\\x.dll',
    'photo\u202Egnp.exe',
    'CON.txt',
    '',
    'x'.repeat(5000),
  ]
  for (const name of given) {
    const { done } = await alice.files.send(new File(['x'], name))
    expect(await done).toMatchObject([{ reason: 'refused', by: 'other' }])
  }
  expect(names).toEqual([
    '.._.._etc_passwd',
    'C:_x.dll',
    'photo_gnp.exe',
    '_CON.txt',
    'file',
    'file',
  ])
  for (const name of ['../x', '', 'a\nb', 7]) {
    const wrong = alice.files.send(new Blob(['x']), { name: name as string })
    await expect(wrong).rejects.toMatchObject({ details: { argument: 'name' } })
  }
  await expect(alice.files.send('x' as unknown as Blob)).rejects.toMatchObject({
    details: { argument: 'file' },
  })
})

test('[R192] without a handler for the event a file is refused', async () => {
  const [alice] = await join('Alice', 'Bob')
  const { done } = await alice.files.send(new Blob(['x']))
  expect(await done).toEqual([{ reason: 'unsupported', by: 'other' }])
})

test('[R195] a file goes on where it was after the hub died and came back', async () => {
  const sessions: LocalTransport[] = []
  const transport = (self: ParticipantId): LocalTransport => {
    const made = place.hub.transport(self)
    sessions.push(made)
    return made
  }
  const alice = await place.join('Alice', { transport })
  const bob = await place.join('Bob', { transport })
  await haveMet([alice, bob])
  const offered = offerIn(bob)
  const size = 3_000_000
  const { done, transfers } = await alice.files.send(new Blob([contentOf(size)]))
  const incoming = await offered
  const lost = new Promise<void>((resolve) => {
    const stop = incoming.on('progress', ({ bytes }) => {
      if (bytes < size / 10) return
      stop()
      place.hub.kill()
      resolve()
    })
  })
  const accepted = incoming.accept()
  await lost
  expect([alice.state, bob.state]).toEqual(['reconnecting', 'reconnecting'])
  expect([incoming.state, transfers[0]?.state]).toEqual(['active', 'active'])
  place.hub.restart(sessions)
  const blob = await accepted
  const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())
  expect(equalBytes(bytes, contentOf(size))).toBe(true)
  expect(await done).toMatchObject([{ reason: 'received' }])
})

test('[R200] a session that leaves ends its files on both sides, and a signal cancels those of its caller', async () => {
  const [alice, bob] = await join('Alice', 'Bob')
  const abort = new AbortController()
  const first = offerIn(bob)
  const cancelled = await alice.files.send(new Blob(['x']), { signal: abort.signal })
  const one = await first
  abort.abort()
  expect(await cancelled.done).toEqual([{ reason: 'cancelled', by: 'self' }])
  expect(await one.done).toEqual({ reason: 'cancelled', by: 'other' })
  const aborted = alice.files.send(new Blob(['x']), { signal: abort.signal })
  await expect(aborted).rejects.toMatchObject({ code: 'ERR_CLIENT_ABORTED' })
  const second = offerIn(bob)
  const { done } = await alice.files.send(new Blob(['x']))
  const two = await second
  await bob.leave()
  expect(await two.done).toEqual({ reason: 'closed', by: 'self' })
  expect(await done).toEqual([{ reason: 'left', by: 'other' }])
})
