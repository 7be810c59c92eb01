/**
 * One of two participants of a call, each on another host.
 *
 * @module
 */
import { Room } from '@conclave/client'
import { NumberedPicture } from '@conclave/testing'

/** The functions that the runner calls. */
export interface NetworkPage {
  /** Joins with a camera; resolves when the hub has let it in. */
  join(
    link: string,
    options: { readonly name: string; readonly iceServers: RTCIceServer[] },
  ): Promise<void>
  /** The time of the page, in milliseconds. */
  now(): number
  /** The milliseconds from a time until the first picture after it, if a sixth one came too; -1 until then. */
  firstAfter(timeMs: number): number
  /** The seconds in which pictures stood still until now, as the platform counts them, and the state of the connection. */
  flow(): Promise<{ readonly frozenS: number; readonly pictures: number; readonly state: string }>
  /** Says something in the chat. */
  say(text: string): void
  /** Whether somebody else said something. */
  hears(text: string): boolean
  /** Whether the media goes over a relay. */
  isRelayed(): Promise<boolean>
}

declare global {
  interface Window {
    network: NetworkPage
  }
}

let room: Room | undefined
const seen: number[] = []
const connections: RTCPeerConnection[] = []
const { RTCPeerConnection: Connection } = globalThis
globalThis.RTCPeerConnection = class extends Connection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}

const reports = async (): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const entries: Readonly<Record<string, unknown>>[] = []
  for (const connection of connections) {
    if (connection.connectionState === 'closed') continue
    const report = await connection.getStats()
    report.forEach((entry: Readonly<Record<string, unknown>>) => entries.push(entry))
  }
  return entries
}

const watch = (track: MediaStreamTrack): void => {
  const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true })
  video.srcObject = new MediaStream([track])
  document.body.append(video)
  const shown = (): void => {
    seen.push(performance.now())
    video.requestVideoFrameCallback(shown)
  }
  video.requestVideoFrameCallback(shown)
}

window.network = {
  async join(link, { name, iceServers }) {
    room = await Room.join(link, { name, persons: false, iceServers })
    room.on('trackAdded', ({ source, track }) => {
      if (source === 'camera') watch(track)
    })
    await room.publish(new MediaStream([new NumberedPicture({ fps: 20 }).track]))
  },
  now: () => performance.now(),
  firstAfter(timeMs) {
    const since = seen.filter((each) => each > timeMs)
    return since.length > 5 ? (since[0] ?? 0) - timeMs : -1
  },
  async flow() {
    let [frozenS, pictures] = [0, 0]
    for (const entry of await reports()) {
      if (entry['type'] !== 'inbound-rtp' || entry['kind'] !== 'video') continue
      frozenS += Number(entry['totalFreezesDuration'] ?? 0)
      pictures += Number(entry['framesDecoded'] ?? 0)
    }
    const [other] = room?.participants.values() ?? []
    return { frozenS, pictures, state: other?.connection ?? 'none' }
  },
  say: (text) => void room?.chat.send(text),
  hears: (text) => room?.chat.messages.some((said) => said.text === text) === true,
  async isRelayed() {
    const entries = await reports()
    const byId = new Map(entries.map((entry) => [entry['id'], entry]))
    return entries
      .filter(
        ({ type, nominated, state }) =>
          type === 'candidate-pair' && nominated === true && state === 'succeeded',
      )
      .some((pair) => byId.get(pair['localCandidateId'])?.['candidateType'] === 'relay')
  },
}
