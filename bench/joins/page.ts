/**
 * One page: a participant who stays, or one who joins and leaves again and again.
 *
 * @module
 */
// First, so that it sees every listener that is added.
import { countListeners } from './ledger.ts'
import { Room, type Topic } from '@conclave/client'
import { NumberedPicture } from '@conclave/testing'

/** The functions that the runner calls. */
export interface JoinsPage {
  /** Joins with a camera, and opens a topic; resolves when the hub has let it in. */
  join(link: string, options: { readonly name: string; readonly hub: string }): Promise<void>
  /** Whether it has another one, connected both ways, who has the topic open, and shows its picture. */
  hasMet(): boolean
  /** Whether nobody else is there. */
  isAlone(): boolean
  leave(): Promise<void>
  /** Listeners, handlers, and timers that run. */
  count(): { readonly listeners: number; readonly handlers: number; readonly timers: number }
}

declare global {
  interface Window {
    joins: JoinsPage
  }
}

const timers = new Set<number>()
const { setTimeout: set, clearTimeout: clear, setInterval: repeat, clearInterval: end } = globalThis
Object.assign(globalThis, {
  setTimeout(handler: () => void, ms?: number): number {
    const id: number = set(() => {
      timers.delete(id)
      handler()
    }, ms) as unknown as number
    timers.add(id)
    return id
  },
  clearTimeout(id: number): void {
    timers.delete(id)
    clear(id)
  },
  setInterval(handler: () => void, ms?: number): number {
    const id = repeat(handler, ms) as unknown as number
    timers.add(id)
    return id
  },
  clearInterval(id: number): void {
    timers.delete(id)
    end(id)
  },
})

const camera = new NumberedPicture({ width: 160, height: 90, fps: 10 })
let room: Room | undefined
let topic: Topic<string> | undefined

window.joins = {
  async join(link, options) {
    room = await Room.join(link, { ...options, persons: false })
    await room.publish(new MediaStream([camera.track.clone()]))
    topic = await room.topic<string>('values')
  },
  hasMet() {
    const others = [...(room?.participants.values() ?? [])]
    return (
      others.length === 1 &&
      others.every(
        ({ connection, tracks }) =>
          connection === 'connected' && tracks.get('camera')?.e2ee === 'ok',
      ) &&
      topic?.participants.length === 1
    )
  },
  isAlone: () => room?.participants.size === 0,
  async leave() {
    const left = room
    const tracks = [...(left?.self.tracks.values() ?? [])].map(({ track }) => track)
    room = undefined
    topic = undefined
    await left?.leave()
    for (const track of tracks) track?.stop()
  },
  count: () => ({ ...countListeners(), timers: timers.size }),
}
