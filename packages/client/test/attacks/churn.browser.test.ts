/** Calls in which everything changes all the time, with a wiretap on both sides. */
import { type RecordedFrame, readRecording } from '@conclave/media/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Room, createRoomLink } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'
import { microphoneAndCamera, movingPicture } from './moving-picture.ts'
import { tappedWorker } from './tapped-worker.ts'

let hub: LocalHub
let link: string

beforeEach(async () => {
  hub = new LocalHub({ atOnce: true })
  link = await createRoomLink('https://meet.example')
})

test('[R18, M1, M10, M70] T4: no frame leaves in clear, and none fails, while screens, tracks, mutes, networks, people and keys change', async () => {
  const alice = await join('Alice')
  await alice.room.publish(await microphoneAndCamera())
  const bobs: Tapped[] = []
  const failures: string[] = []
  for (let round = 0; round < 3; round += 1) {
    // Somebody new comes each time, and gets a key that the one before has not.
    const bob = await join('Bob')
    bobs.push(bob)
    bob.room.on('e2ee-state-change', ({ source, state, reason }) => {
      if (!state.endsWith('Success')) failures.push(`${source} ${state} ${reason}`)
    })
    const shown = (source: 'camera' | 'screen') =>
      bob.room.participants.get(alice.room.self.id)?.tracks.get(source)?.e2ee
    await expect.poll(() => shown('camera')).toBe('ok')
    await alice.room.publish(new MediaStream([movingPicture(320, 180)]), { source: 'screen' })
    await expect.poll(() => shown('screen')).toBe('ok')
    await alice.room.publish(new MediaStream([movingPicture(160, 120)]))
    for (const source of ['microphone', 'camera'] as const) {
      alice.room.setEnabled(source, false)
      alice.room.setEnabled(source, true)
    }
    // ICE is restarted.
    globalThis.dispatchEvent(new Event('online'))
    await alice.room.unpublish('screen')
    await expect.poll(() => shown('screen')).toBeUndefined()
    const before = await framesTo(bob)
    await expect.poll(async () => framesTo(bob)).toBeGreaterThan(before + 20)
    await bob.room.leave()
  }
  const encoded = new Set(textsAt(await readRecording(alice.worker()), 'encoder'))
  const recordings = await Promise.all(bobs.map(({ worker }) => readRecording(worker())))
  const network = recordings.flatMap((frames) => textsAt(frames, 'from-network'))
  const decoded = recordings.flatMap((frames) => textsAt(frames, 'decoder'))
  expect(network.length).toBeGreaterThan(100)
  expect(network.filter((frame) => encoded.has(frame))).toEqual([])
  expect(decoded.length).toBeGreaterThan(60)
  expect(decoded.filter((frame) => !encoded.has(frame))).toEqual([])
  expect(failures).toEqual([])
})

/** A session, and the worker that records its frames. */
interface Tapped {
  readonly room: Room
  worker(): Worker
}

/** Joins with a worker whose record is read at the end. */
async function join(name: string): Promise<Tapped> {
  const workers: Worker[] = []
  const createWorker = (): Worker => {
    const worker = tappedWorker()
    workers.push(worker)
    return worker
  }
  const room = await Room.join(link, { name, transport: hub.transport.bind(hub), createWorker })
  onTestFinished(() => room.leave())
  return {
    room,
    worker() {
      const [worker] = workers
      if (worker === undefined) throw new Error('expected a worker')
      return worker
    },
  }
}

const framesTo = async ({ worker }: Tapped): Promise<number> =>
  textsAt(await readRecording(worker()), 'decoder').length

const textsAt = (frames: readonly RecordedFrame[], point: RecordedFrame['point']): string[] =>
  frames
    .filter((frame) => frame.point === point && frame.data.length > 0)
    .map(({ data }) => String.fromCharCode(...data))
