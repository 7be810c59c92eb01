/** Joins a room, which reports its worker as a problem, and one that needs media, which is not joined without a worker. */
import { createRoomLink, Room } from '@conclave/client'
import type { RoomOptions } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { isMediaError, spawnFrameWorker } from '@conclave/media'
import { spawnInlineWorker } from '@conclave/media/inline-worker'
import type { PolicyPage } from '../../../../tools/policy-pages.ts'

/** The same server under its other name is another origin. */
const elsewhere = location.origin.replace('127.0.0.1', 'localhost')

/** By fragment of the address; the package's own worker without one. */
const WORKERS: Readonly<Record<string, () => Worker>> = {
  '': spawnFrameWorker,
  '#inline': spawnInlineWorker,
  '#gone': () => new Worker('/gone.js', { type: 'module' }),
  '#page': () => new Worker('/worker-start.html', { type: 'module' }),
  '#elsewhere': () => new Worker(`${elsewhere}/gone.js`, { type: 'module' }),
  '#failing': () => {
    const script = new Blob(['throw new Error("a worker")'], { type: 'text/javascript' })
    return new Worker(URL.createObjectURL(script))
  },
  '#none': () => {
    throw new Error('no worker')
  },
}

const hub = new LocalHub({ atOnce: true })
const link = await createRoomLink('https://meet.example')
const createWorker = WORKERS[location.hash]
const join = (options: RoomOptions): Promise<Room> =>
  Room.join(link, {
    transport: (self) => hub.transport(self),
    persons: false,
    ...(createWorker !== undefined && { createWorker }),
    ...options,
  })

const needed = await join({ media: 'required' }).then(
  async (room) => {
    await room.leave()
    return 'joined'
  },
  (error: unknown) =>
    isMediaError(error) && error.code === 'ERR_MEDIA_WORKER_START'
      ? error.details.reason
      : String(error),
)
const room = await join({})
// A worker that starts reports nothing: then the page says so.
const problem =
  needed === 'joined' ? undefined : await new Promise((resolve) => room.on('problem', resolve))
await room.leave()
;(globalThis as PolicyPage).outcome = JSON.stringify({ needed, problem })
