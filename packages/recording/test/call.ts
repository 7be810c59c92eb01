/** Real calls in one page, over a hub in memory. */
import { createRoomLink, Room } from '@conclave/client'
import type { RoomOptions } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { expect } from 'vitest'

/** A room whose sessions call each other over real connections. */
export interface Call {
  readonly hub: LocalHub
  readonly link: string
  join(name: string, options?: RoomOptions): Promise<Room>
  end(): Promise<void>
}

/** A new room. */
export async function newCall(): Promise<Call> {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const rooms: Room[] = []
  return {
    ...{ hub, link },
    async join(name, options = {}) {
      const transport = hub.transport.bind(hub)
      const room = await Room.join(link, { name, transport, persons: false, ...options })
      rooms.push(room)
      return room
    },
    async end() {
      await Promise.all(rooms.splice(0).map((room) => room.leave()))
    },
  }
}

/** A camera that shows one colour, which moves a little, and a tone. */
export function cameraOf(colour: string): MediaStream {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 })
  const context = canvas.getContext('2d')
  const draw = (): void => {
    if (context === null) return
    context.fillStyle = colour
    context.fillRect(0, 0, 320, 180)
    context.fillStyle = '#fff'
    context.fillRect(Math.floor(performance.now() / 20) % 320, 0, 4, 4)
  }
  draw()
  const timer = setInterval(draw, 40)
  const stream = canvas.captureStream(25)
  const context2 = new AudioContext()
  const sound = context2.createMediaStreamDestination()
  const tone = new OscillatorNode(context2, { frequency: 440 })
  tone.connect(sound)
  tone.start()
  for (const track of sound.stream.getAudioTracks()) stream.addTrack(track)
  stream.getVideoTracks()[0]?.addEventListener('ended', () => clearInterval(timer))
  return stream
}

/** Resolves when a session decrypts the camera of another. */
export async function sees(room: Room, name: string): Promise<void> {
  const e2ee = (): unknown =>
    [...room.participants.values()].find((other) => other.name === name)?.tracks.get('camera')?.e2ee
  await expect.poll(e2ee).toBe('ok')
}

/** A target in memory. */
export function collector(): {
  readonly target: WritableStream<Uint8Array<ArrayBuffer>>
  blob(): Blob
} {
  const parts: Uint8Array<ArrayBuffer>[] = []
  const target = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (part) => void parts.push(part),
  })
  return { target, blob: () => new Blob(parts) }
}

/** A file that is written at any position. */
export function fileInMemory(): {
  readonly target: WritableStream<{
    readonly type: 'write'
    readonly data: Uint8Array<ArrayBuffer>
    readonly position: number
  }>
  blob(): Blob
} {
  let bytes = new Uint8Array(0)
  const target = new WritableStream({
    write({ data, position }: { readonly data: Uint8Array; readonly position: number }) {
      const next = new Uint8Array(Math.max(bytes.length, position + data.length))
      next.set(bytes)
      next.set(data, position)
      bytes = next
    },
  })
  return { target, blob: () => new Blob([bytes], { type: 'video/webm' }) }
}
