/**
 * One member of a call, who is flooded or looks on.
 *
 * @module
 */
import { Room } from '@conclave/client'
import { NumberedPicture } from '@conclave/testing'

/** The functions that the runner calls. */
export interface MembersPage {
  /** Joins with a camera; resolves with the id of the session. */
  join(link: string, name: string): Promise<string>
  /** Says something; resolves with the milliseconds until it is sent, -1 if it is not within 10 s. */
  say(text: string): Promise<number>
  /** The longest time between two pictures of a participant since the last call, in milliseconds, and pictures in all. */
  seen(name: string): { readonly longestMs: number; readonly pictures: number }
  /** Counts of what was dropped, connections that were made, and errors that nobody caught. */
  counts(): Promise<{
    readonly dropped: Readonly<Record<string, number | undefined>>
    readonly connections: number
    readonly pairs: number
    readonly uncaught: readonly string[]
  }>
  leave(): Promise<void>
}

declare global {
  interface Window {
    members: MembersPage
  }
}

let room: Room | undefined
const connections: RTCPeerConnection[] = []
const uncaught: string[] = []
const flows = new Map<string, { longestMs: number; lastMs: number; pictures: number }>()

addEventListener('unhandledrejection', ({ reason }) => uncaught.push(String(reason)))
addEventListener('error', ({ message }) => uncaught.push(message))
const { RTCPeerConnection: Connection } = globalThis
globalThis.RTCPeerConnection = class extends Connection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}

const watch = (name: string, track: MediaStreamTrack): void => {
  const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true })
  video.srcObject = new MediaStream([track])
  document.body.append(video)
  const flow = { longestMs: 0, lastMs: performance.now(), pictures: 0 }
  flows.set(name, flow)
  const seen = (nowMs: number): void => {
    flow.longestMs = Math.max(flow.longestMs, nowMs - flow.lastMs)
    flow.lastMs = nowMs
    flow.pictures += 1
    video.requestVideoFrameCallback(seen)
  }
  video.requestVideoFrameCallback(seen)
}

window.members = {
  async join(link, name) {
    const joined = await Room.join(link, { name, persons: false })
    room = joined
    joined.on('trackAdded', ({ participant, source, track }) => {
      if (source === 'camera') watch(participant.name, track)
    })
    await joined.publish(new MediaStream([new NumberedPicture({ fps: 15 }).track]))
    return joined.self.id
  },
  async say(text) {
    const startMs = performance.now()
    const isSent = (): boolean =>
      room?.chat.messages.some(
        (said) => said.own && said.text === text && said.state === 'sent',
      ) === true
    const sent = new Promise<number>((resolve) => {
      const stop = room?.subscribe(() => {
        if (!isSent()) return
        stop?.()
        resolve(performance.now() - startMs)
      })
    })
    void room?.chat.send(text).catch(() => {})
    const late = new Promise<number>((resolve) => {
      setTimeout(() => resolve(-1), 10_000)
    })
    return Promise.race([sent, late])
  },
  seen(name) {
    const flow = flows.get(name)
    if (flow === undefined) return { longestMs: -1, pictures: 0 }
    const longestMs = Math.max(flow.longestMs, performance.now() - flow.lastMs)
    flow.longestMs = 0
    return { longestMs, pictures: flow.pictures }
  },
  async counts() {
    const stats = await room?.stats()
    let pairs = 0
    for (const connection of connections) {
      if (connection.connectionState === 'closed') continue
      const report = await connection.getStats()
      report.forEach((entry: { readonly type: string }) => {
        if (entry.type === 'candidate-pair') pairs += 1
      })
    }
    return { dropped: stats?.dropped ?? {}, connections: connections.length, pairs, uncaught }
  },
  async leave() {
    await room?.leave()
    for (const video of document.querySelectorAll('video')) video.remove()
    flows.clear()
  },
}
