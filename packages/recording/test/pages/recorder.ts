/** A page that records a call until it is killed. The page around it gives it the hub and the link. */
import { Room } from '@conclave/client'
import type { LocalHub } from '@conclave/client/testing'
import type { ParticipantId } from '@conclave/wire'
import { startRecording, storeRecording } from '../../src/index.ts'
import { cameraOf } from '../call.ts'

/** The page around, as far as the two share anything. */
export interface RecorderPage {
  recorder?: {
    readonly hub: LocalHub
    readonly link: string
    readonly name: string
    readonly reader: ParticipantId
    bytes(): number
  }
}

const { recorder } = parent as RecorderPage
if (recorder === undefined) throw new Error('expected a page around')
const { hub, link, name, reader } = recorder
const room = await Room.join(link, {
  ...{ name: 'Alice', persons: false, media: false },
  transport: (self) => hub.transport(self),
})
await room.publish(cameraOf('#f00'))
while (!room.participants.has(reader)) {
  await new Promise<void>((resolve) => {
    const stop = room.on('participantJoined', () => {
      stop()
      resolve()
    })
  })
}
const recording = await startRecording(room, {
  ...{ target: await storeRecording(name), readers: [reader] },
  ...{ width: 640, height: 360, frameRate: 15, videoBitrate: 400_000 },
})
recorder.bytes = () => recording.bytes
