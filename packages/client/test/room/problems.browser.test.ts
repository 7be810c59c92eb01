/** Problems and states of real media. spec R32 R34 R37 */
import { systemClock } from '@conclave/base'
import { type KeySource, SharedKeySource, randomParticipantId } from '@conclave/e2ee'
import { spawnFrameWorker } from '@conclave/media'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { afterEach, expect, test } from 'vitest'
import { MeshTransport, Room, createRoomLink } from '../../src/index.ts'
import type { MediaContext, RoomOptions, RoomProblem, TrackE2EE } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/index.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

test('[R32, R34] a worker that is not served is one problem, and own tracks have failed', async () => {
  const { join } = await newRoom()
  const createWorker = (): Worker => new Worker('/no-such-worker.js', { type: 'module' })
  const alice = await join('Alice', { createWorker })
  const problems = heardBy(alice)
  const bob = await join('Bob')
  const changes: string[] = []
  alice.on('e2ee-state-change', ({ participant, source }) => {
    if (participant.id === alice.self.id) changes.push(source)
  })
  await alice.publish(await camera())
  await bob.publish(await camera())
  await expect.poll(() => statesOf(alice.self.tracks)).toEqual(['failed', 'failed'])
  expect(changes.toSorted()).toEqual(['camera', 'microphone'])
  await expect.poll(() => alice.participants.size).toBe(1)
  expect(problems).toMatchObject([{ code: 'ERR_MEDIA_WORKER_START' }])
  expect(problems[0]?.reason).toContain('its address gives no script')
  expect(problems[0]?.fix).toContain('@conclave/media/worker')
  await alice.leave()
  expect(await alice.closed).toEqual({ reason: 'left' })
})

test('[R34] own tracks are pending without another participant, ok with one, and failed without a worker', async () => {
  const { join } = await newRoom()
  let worker: Worker | undefined
  const createWorker = (): Worker => (worker = spawnFrameWorker())
  const alice = await join('Alice', { createWorker })
  const problems = heardBy(alice)
  await alice.publish(await camera())
  expect(statesOf(alice.self.tracks)).toEqual(['pending', 'pending'])
  const bob = await join('Bob')
  await bob.publish(await camera())
  const tracksOfBob = () => [...alice.participants.values()][0]?.tracks ?? new Map()
  await expect.poll(() => statesOf(alice.self.tracks)).toEqual(['ok', 'ok'])
  await expect.poll(() => statesOf(tracksOfBob())).toEqual(['ok', 'ok'])
  const changes: string[] = []
  alice.on('e2ee-state-change', ({ participant, source }) => {
    changes.push(`${participant.name} ${source}`)
  })
  worker?.dispatchEvent(new Event('error'))
  expect(changes.toSorted()).toEqual([
    ...['Alice camera', 'Alice microphone', 'Bob camera', 'Bob microphone'],
  ])
  expect(statesOf(alice.self.tracks)).toEqual(['failed', 'failed'])
  expect(statesOf(tracksOfBob())).toEqual(['failed', 'failed'])
  expect(problems).toMatchObject([{ code: 'ERR_MEDIA_WORKER_FAILED' }])
})

test('[R32, R34] a key source without a key for media is a problem, and own tracks wait for it', async () => {
  const { join } = await newRoom()
  const sources: KeySource[] = []
  const media = (context: MediaContext): MeshTransport => {
    sources.push(context.keys)
    return new MeshTransport(context)
  }
  const [alice, bob] = [await join('Alice', { media }), await join('Bob')]
  const carol = await join('Carol')
  const problems = heardBy(alice)
  await alice.publish(await camera())
  await expect.poll(() => statesOf(alice.self.tracks)).toEqual(['ok', 'ok'])
  for (const keys of sources) {
    keys.export = async () => {
      throw new Error('no key')
    }
  }
  // The key changes when somebody leaves.
  await carol.leave()
  await expect.poll(() => alice.participants.size).toBe(1)
  expect(bob.state).toBe('connected')
  await expect.poll(() => statesOf(alice.self.tracks)).toEqual(['waiting-key', 'waiting-key'])
  // A message to the room may be under way, which needs the same key source.
  const ofMedia = problems.filter(({ code }) => code !== 'ERR_CLIENT_MESSAGE_FAILED')
  expect(ofMedia).toMatchObject([{ code: 'ERR_MEDIA_NO_KEY' }])
})

test('[R37] a participant beyond the mesh is a problem, waits, and gets the next place', async () => {
  const { mesh, invited } = newMesh()
  const problems: string[] = []
  mesh.on('problem', ({ code }) => problems.push(code))
  const [first, second, ...others] = Array.from({ length: 66 }, () => randomParticipantId())
  const [waiting, gone] = others.slice(-2)
  if (!first || !second || !waiting || !gone) throw new Error('unreachable: there are 66')
  for (const participant of [first, second, ...others]) mesh.addParticipant(participant)
  expect(problems).toEqual(['ERR_P2P_TOO_MANY_PEERS', 'ERR_P2P_TOO_MANY_PEERS'])
  await expect.poll(() => invited.size).toBe(64)
  expect(invited.has(waiting)).toBe(false)
  mesh.removeParticipant(gone)
  mesh.removeParticipant(first)
  await expect.poll(() => invited.has(waiting)).toBe(true)
  mesh.removeParticipant(second)
  mesh.removeParticipant(waiting)
  expect(invited.has(gone)).toBe(false)
  expect(problems).toHaveLength(2)
})

const refused: readonly (readonly [string, RoomOptions, object])[] = [
  [
    'servers that the browser does not take',
    { iceServers: [{ urls: 'not-a-url' }] },
    { code: 'ERR_CLIENT_ARGUMENT', details: { argument: 'iceServers' } },
  ],
  [
    'a worker that cannot be made, where media is required',
    {
      media: 'required',
      createWorker: () => {
        throw new Error('no worker')
      },
    },
    { code: 'ERR_MEDIA_WORKER_START', details: { reason: 'not-made' } },
  ],
]

test('[R35] servers that the browser takes are taken', async () => {
  const { join } = await newRoom()
  const room = await join('Alice', { iceServers: [{ urls: 'stun:127.0.0.1:9' }] })
  expect(room.state).toBe('connected')
})

test.each(refused)('[R33, R35] a join rejects for %s', async (_, options, error) => {
  const { join } = await newRoom()
  await expect(join('Alice', options)).rejects.toMatchObject(error)
})

async function newRoom(): Promise<{ join(name: string, options?: RoomOptions): Promise<Room> }> {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  return {
    async join(name, options = {}) {
      const transport = hub.transport.bind(hub)
      const room = await Room.join(link, { name, transport, ...options })
      ends.push(() => room.leave())
      return room
    },
  }
}

function newMesh(): { readonly mesh: MeshTransport; readonly invited: Set<string | undefined> } {
  const keys = new SharedKeySource(new Uint8Array(32).fill(1))
  const self = randomParticipantId()
  const invited = new Set<string | undefined>()
  const mesh = new MeshTransport({
    room: bytesToRoomId(new Uint8Array(16).fill(7)) as RoomId,
    self,
    keys,
    clock: systemClock,
    driver: {
      sealed: true,
      id: self,
      on: () => {},
      off: () => {},
      emit: async ([, , to]) => void invited.add(to),
    },
  })
  ends.push(() => mesh.close())
  return { mesh, invited }
}

async function camera(): Promise<MediaStream> {
  const video = { width: 160, height: 90 }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video })
  ends.push(() => {
    for (const track of stream.getTracks()) track.stop()
  })
  return stream
}

const statesOf = (tracks: Room['self']['tracks']): readonly TrackE2EE[] =>
  ['microphone', 'camera'].flatMap((source) => tracks.get(source as 'camera')?.e2ee ?? [])

const heardBy = (room: Room): RoomProblem[] => {
  const problems: RoomProblem[] = []
  room.on('problem', (problem) => problems.push(problem))
  return problems
}
