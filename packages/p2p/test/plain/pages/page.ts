/** Both ends of a call in one page, through a relay only. */
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { Receiver, Sender } from '@conclave/p2p/plain'

export interface RelayPage {
  /** Calls through the relay; each answer serves one question of an end for servers, the last one all further ones. */
  call(answers: readonly RTCIceServer[][]): Promise<void>
  observe(): Promise<Observed>
  stop(): Promise<void>
}

export interface Observed {
  readonly width: number
  /** How much of the picture was shown until now, in seconds. */
  readonly shown: number
  /** How often the sender asked for servers. */
  readonly asked: number
  /** The kinds of the candidates that carry the call, of both ends. */
  readonly carrying: readonly string[]
  /** All candidates in messages. */
  readonly told: readonly string[]
  readonly errors: readonly string[]
}

const room = 'relayed'
let asked = 0
const told: string[] = []
const errors: string[] = []
const ends: (() => Promise<void>)[] = []
let sender: Sender | undefined
const video = document.createElement('video')
video.muted = true
video.autoplay = true
document.body.append(video)

const serversOf = (answers: readonly RTCIceServer[][]): (() => RTCIceServer[]) => {
  let at = 0
  return () => answers[Math.min(at++, answers.length - 1)] ?? []
}

const page: RelayPage = {
  async call(answers) {
    const bus = new MemoryBus()
    for (const namespace of [['sender'], ['receiver']]) {
      const listen = (to: readonly string[]): void =>
        bus.add(to, (message) => {
          const text = JSON.stringify(message)
          for (const [candidate] of text.matchAll(/candidate:[^"\\]+/g)) told.push(candidate)
        })
      listen([...namespace, room])
      listen([...namespace, room, 'alice'])
      listen([...namespace, room, 'bob'])
    }
    const iceTransportPolicy = 'relay'
    const ask = serversOf(answers)
    sender = new Sender({
      ...{ driver: new MemoryDriver(bus), id: 'alice', iceTransportPolicy },
      iceServers: () => {
        asked += 1
        return ask()
      },
    })
    const receiver = new Receiver({
      ...{ driver: new MemoryDriver(bus), id: 'bob', iceTransportPolicy },
      iceServers: serversOf(answers),
    })
    sender.on('error', ({ error }) => void errors.push(error.code))
    receiver.on('error', ({ error }) => void errors.push(error.code))
    receiver.addEventListener('stream', (event) => {
      video.srcObject = event.detail.stream
    })
    const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
    await receiver.start({ room })
    await sender.start({ room, stream })
    ends.push(() => receiver.stop())
  },
  async observe() {
    const carrying: string[] = []
    const kinds = new Map<string, string>()
    for (const connection of sender?.connections.values() ?? []) {
      const report = await connection.getStats()
      report.forEach((entry: Record<string, unknown>) => {
        if (String(entry['type']).endsWith('candidate')) {
          kinds.set(String(entry['id']), String(entry['candidateType']))
        }
      })
      report.forEach((entry: Record<string, unknown>) => {
        if (entry['type'] !== 'candidate-pair' || entry['nominated'] !== true) return
        for (const side of ['localCandidateId', 'remoteCandidateId']) {
          carrying.push(kinds.get(String(entry[side])) ?? 'unknown')
        }
      })
    }
    return { width: video.videoWidth, shown: video.currentTime, asked, carrying, told, errors }
  },
  async stop() {
    await sender?.stop()
    for (const end of ends) await end()
  },
}
Object.assign(globalThis, { relayPage: page })
