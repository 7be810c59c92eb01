/** An engine that loses transforms without a word, against whole rooms. */
import { spawnFrameWorker } from '@conclave/media'
import { type RecordedFrame, readRecording, spawnRecordingWorker } from '@conclave/media/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type CleartextRisk, Room, type RoomOptions, createRoomLink } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'

let hub: LocalHub
let link: string

beforeEach(async () => {
  hub = new LocalHub({ atOnce: true })
  link = await createRoomLink('https://meet.example')
})

test('[R110, M30, S42] T4: after the watchdog nothing is sent again, when the person mutes and unmutes, and to newcomers', async () => {
  const lost = loseTransforms('seal')
  const alice = await join('Alice', { createWorker: lost.createWorker })
  const atBob = recorder()
  const bob = await join('Bob', atBob)
  const risks: CleartextRisk[] = []
  alice.on('cleartext-risk', (risk) => risks.push(risk))
  await haveMet(alice, bob)
  await alice.publish(await microphoneAndCamera())
  await expect.poll(() => alice.snapshot.media?.send).toBe('stopped')
  expect(risks).toMatchObject([{ direction: 'send', participant: alice.self.id }])
  expect(alice.snapshot.media).toEqual({ send: 'stopped', receive: 'working' })
  expect(alice.self.tracks.get('camera')?.e2ee).toBe('failed')
  // The watchdog has to see frames: those did leave, unless the connection was not there yet, and nobody shows them.
  const left = await settled(() => atBob.framesOf(alice))
  for (const source of ['microphone', 'camera', 'microphone'] as const) {
    alice.setEnabled(source, false)
    alice.setEnabled(source, true)
  }
  const atCarol = recorder()
  const carol = await join('Carol', atCarol)
  await haveMet(alice, bob, carol)
  await carol.publish(await microphoneAndCamera())
  for (const room of [alice, bob]) await expect.poll(() => trackOf(room, carol)?.e2ee).toBe('ok')
  expect(lost.states()).toEqual(['closed', 'closed'])
  expect(await atCarol.framesOf(alice)).toBe(0)
  expect(await atBob.framesOf(alice)).toBe(left)
  expect(risks).toHaveLength(1)
})

test('[R110, M30, S42] T4: a receiver without its transform is stopped with its decoder, and stays so', async () => {
  const lost = loseTransforms('open')
  const [alice, bob] = [await join('Alice'), await join('Bob', { createWorker: lost.createWorker })]
  const risks: CleartextRisk[] = []
  bob.on('cleartext-risk', (risk) => risks.push(risk))
  await haveMet(alice, bob)
  await alice.publish(await microphoneAndCamera())
  await expect.poll(() => bob.snapshot.media?.receive).toBe('stopped')
  expect(risks).toMatchObject([{ direction: 'receive', participant: alice.self.id }])
  expect(bob.snapshot.media).toEqual({ send: 'working', receive: 'stopped' })
  expect(lost.states()).toEqual(['closed', 'closed'])
  alice.setEnabled('camera', false)
  alice.setEnabled('camera', true)
  const carol = await join('Carol')
  await haveMet(alice, bob, carol)
  await carol.publish(await microphoneAndCamera())
  await expect.poll(() => trackOf(carol, alice)?.e2ee).toBe('ok')
  await expect.poll(() => trackOf(alice, carol)?.e2ee).toBe('ok')
  for (const room of [alice, carol]) expect(trackOf(bob, room)?.e2ee).not.toBe('ok')
  expect(lost.states()).toEqual(['closed', 'closed'])
  expect(risks).toHaveLength(1)
})

/** Lets the transforms of one worker come onto connections that carry nothing: frames go past it, and no error says so. */
function loseTransforms(side: 'seal' | 'open'): {
  /** The states of the transports of all that should have had them. */
  states(): readonly (RTCDtlsTransportState | undefined)[]
  readonly createWorker: () => Worker
} {
  const { RTCPeerConnection: Connection, RTCRtpScriptTransform: Transform } = globalThis
  const prototype = side === 'seal' ? RTCRtpSender.prototype : RTCRtpReceiver.prototype
  const transform = Object.getOwnPropertyDescriptor(prototype, 'transform')
  if (transform === undefined) throw new Error('expected script transforms')
  const targets: (RTCRtpSender | RTCRtpReceiver)[] = []
  const ends: (() => void)[] = []
  const workers = new Set<Worker>()
  const lost = new WeakSet<RTCRtpScriptTransform>()
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(configuration: RTCConfiguration = {}) {
      // With it some engines hold frames back that have no transform.
      super({ ...configuration, encodedInsertableStreams: false } as RTCConfiguration)
    }
  }
  globalThis.RTCRtpScriptTransform = class extends Transform {
    constructor(worker: Worker, options: unknown) {
      super(worker, options)
      if (workers.has(worker)) lost.add(this)
    }
  }
  Object.defineProperty(prototype, 'transform', {
    ...transform,
    set(this: RTCRtpSender | RTCRtpReceiver, value: RTCRtpScriptTransform) {
      if (!lost.has(value)) {
        transform.set?.call(this, value)
        return
      }
      const decoy = new Connection()
      ends.push(() => decoy.close())
      targets.push(this)
      const { sender, receiver } = decoy.addTransceiver('video')
      transform.set?.call(side === 'seal' ? sender : receiver, value)
    },
  })
  onTestFinished(() => {
    globalThis.RTCPeerConnection = Connection
    globalThis.RTCRtpScriptTransform = Transform
    Object.defineProperty(prototype, 'transform', transform)
    for (const end of ends) end()
  })
  return {
    states: () => targets.map(({ transport }) => transport?.state),
    createWorker: () => {
      const worker = spawnFrameWorker()
      workers.add(worker)
      return worker
    },
  }
}

/** The option that makes a session record, and the number of frames that it got from another. */
function recorder(): { createWorker(): Worker; framesOf(room: Room): Promise<number> } {
  const workers: Worker[] = []
  return {
    createWorker() {
      const worker = spawnRecordingWorker()
      workers.push(worker)
      return worker
    },
    async framesOf({ self }) {
      const recordings = await Promise.all(workers.map(readRecording))
      const isHers = ({ point, participant, data }: RecordedFrame): boolean =>
        point === 'from-network' && participant === self.id && data.length > 0
      return recordings.flat().filter(isHers).length
    },
  }
}

/** A number once it is the same twice in a row, some time apart. */
async function settled(read: () => Promise<number>): Promise<number> {
  let before = -1
  const isSettled = async (): Promise<boolean> => {
    const now = await read()
    const isSame = now === before
    before = now
    return isSame
  }
  await expect.poll(isSettled, { interval: 300 }).toBe(true)
  return before
}

async function join(name: string, options: RoomOptions = {}): Promise<Room> {
  const room = await Room.join(link, { name, transport: hub.transport.bind(hub), ...options })
  onTestFinished(() => room.leave())
  return room
}

async function haveMet(...rooms: readonly Room[]): Promise<void> {
  for (const room of rooms) {
    await expect.poll(() => room.participants.size).toBe(rooms.length - 1)
  }
}

const trackOf = (room: Room, of: Room) => room.participants.get(of.self.id)?.tracks.get('camera')

async function microphoneAndCamera(): Promise<MediaStream> {
  const video = { width: 160, height: 90 }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video })
  onTestFinished(() => {
    for (const track of stream.getTracks()) track.stop()
  })
  return stream
}
