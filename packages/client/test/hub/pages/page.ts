/** One end of a call whose STUN and TURN servers come from the hub. */
import { Room, createRoomLink } from '@conclave/client'

/** The functions that the test calls. */
export interface RelayedPage {
  newLink(): Promise<string>
  /** Joins with a camera, through relays only. `iceServers` is left out unless it is given. */
  join(link: string, hub: string, iceServers?: readonly RTCIceServer[]): Promise<void>
  observe(): Promise<RelayedCall>
  leave(): Promise<void>
}

/** The call as one end knows it. */
export interface RelayedCall {
  /** Whether the picture of the other is decrypted. */
  readonly sees: boolean
  /** The kinds of the candidates that carry the call, of this end. */
  readonly carrying: readonly string[]
  /** The addresses of TURN that connections of this end were given. */
  readonly urls: readonly string[]
  readonly problems: readonly string[]
}

declare global {
  interface Window {
    relayed: RelayedPage
  }
}

const connections: RTCPeerConnection[] = []
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}
const problems: string[] = []
let room: Room

window.relayed = {
  newLink: () => createRoomLink('https://meet.example'),

  async join(link, hub, iceServers) {
    room = await Room.join(link, {
      ...{ hub, persons: false, iceTransportPolicy: 'relay' },
      ...(iceServers && { iceServers }),
    })
    room.on('problem', ({ code }) => problems.push(code))
    await room.publish(await navigator.mediaDevices.getUserMedia({ video: true }))
  },

  async observe() {
    const [other] = room.participants.values()
    const carrying = new Set<string>()
    for (const connection of connections) {
      const report = await connection.getStats()
      report.forEach((entry) => {
        if (entry.type !== 'candidate-pair' || entry.state !== 'succeeded') return
        carrying.add(String(report.get(entry.localCandidateId)?.candidateType))
      })
    }
    const servers = connections.flatMap(
      (connection) => connection.getConfiguration().iceServers ?? [],
    )
    return {
      sees: other?.tracks.get('camera')?.e2ee === 'ok',
      carrying: [...carrying],
      urls: [...new Set(servers.flatMap(({ urls }) => urls))],
      problems,
    }
  },

  leave: () => room.leave(),
}
