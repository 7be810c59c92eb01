/**
 * One page with both ends of a call, one of which records it to the browser's disk.
 *
 * @module
 */
import { createRoomLink, Room } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import {
  exportRecording,
  startRecording,
  storedRecording,
  storeRecording,
} from '@conclave/recording'
import type { Recording } from '@conclave/recording'

/** The functions that the runner calls. */
export interface RecordingPage {
  /** Starts a call of two with cameras, and records it. */
  start(): Promise<void>
  /** The sealed bytes on disk so far, whether it goes on, and the pictures of the other side that were decoded. */
  observe(): Promise<{
    readonly bytes: number
    readonly isRunning: boolean
    readonly decoded: number
  }>
  /** Ends the recording and the call. */
  stop(): Promise<{ readonly reason: string; readonly error: string }>
  /** Exports what was stored to nowhere. */
  export(): Promise<{ readonly complete: boolean; readonly size: number; readonly written: number }>
}

declare global {
  interface Window {
    recording: RecordingPage
  }
}

const NAME = `bench-${Date.now()}`
const connections: RTCPeerConnection[] = []
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}
const hub = new LocalHub({ atOnce: true })
const link = await createRoomLink('https://meet.example')
const rooms: Room[] = []
let recording: Recording

const join = async (name: string): Promise<Room> => {
  const transport = hub.transport.bind(hub)
  const room = await Room.join(link, { name, transport, persons: false })
  rooms.push(room)
  const constraints = { audio: true, video: { width: 320, height: 240, frameRate: 15 } }
  await room.publish(await navigator.mediaDevices.getUserMedia(constraints))
  return room
}

const seesSomebody = (room: Room): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      const [other] = room.participants.values()
      if (other?.tracks.get('camera')?.e2ee === 'ok') resolve()
    }
    room.subscribe(look)
    look()
  })

const decoded = async (): Promise<number> => {
  let sum = 0
  for (const connection of connections) {
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type === 'inbound-rtp' && entry.kind === 'video') sum += entry.framesDecoded ?? 0
    }
  }
  return sum
}

window.recording = {
  async start() {
    const [alice, bob] = [await join('Alice'), await join('Bob')]
    await Promise.all([seesSomebody(alice), seesSomebody(bob)])
    recording = await startRecording(alice, {
      ...{ target: await storeRecording(NAME), readers: [bob.self.id] },
      ...{ width: 640, height: 360, frameRate: 15, videoBitrate: 1_000_000 },
    })
  },

  async observe() {
    return { bytes: recording.bytes, isRunning: recording.isRunning, decoded: await decoded() }
  },

  async stop() {
    const { reason, error } = await recording.stop()
    await Promise.all(rooms.map((room) => room.leave()))
    return { reason, error: String(error) }
  },

  async export() {
    const { key } = await recording.ended
    let written = 0
    const target = new WritableStream<{ readonly data: Uint8Array<ArrayBuffer> }>({
      write: ({ data }) => void (written += data.length),
    })
    return {
      ...(await exportRecording(await storedRecording(NAME), key, target as never)),
      written,
    }
  },
}
