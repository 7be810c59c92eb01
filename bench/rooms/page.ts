/**
 * The page of one member: joins a room, and measures the pictures that it shows. Uses what the package had at its first
 * call and has today, so that one page measures several commits.
 *
 * @module
 */
import { createRoomLink, Room } from '@conclave/client'

/** The functions that the runner calls. */
export interface RoomBenchPage {
  /** Makes the link of a new room. */
  makeLink(): Promise<string>
  /** Joins, and sends the camera if asked. */
  join(link: string, options: { readonly sends: boolean }): Promise<void>
  /** Joins, and gives back the milliseconds until the first picture of somebody else is shown. */
  joinToPicture(link: string): Promise<number>
  leave(): Promise<void>
  /** Watches the tracks that show pictures now, and forgets the gaps so far. */
  watch(): void
  /** The longest time in ms between two pictures of a watched track since `watch`, also one that lasts still. */
  longestGap(): number
  /** How many tracks show pictures. */
  shown(): number
}

declare global {
  interface Window {
    roomBench: RoomBenchPage
  }
}

const camera = await navigator.mediaDevices.getUserMedia({
  audio: true,
  video: { width: 640, height: 360, frameRate: 30 },
})
let room: Room | undefined
/** When each track showed its last picture. */
const shownAt = new Map<HTMLVideoElement, number>()
let watched = new Set<HTMLVideoElement>()
let longest = 0

window.roomBench = {
  makeLink: () => createRoomLink(location.origin),
  async join(link, { sends }) {
    room = await joinAndShow(link, () => {})
    if (sends) await room.publish(camera)
  },
  joinToPicture(link) {
    const startedAt = performance.now()
    return new Promise((resolve, reject) => {
      joinAndShow(link, () => resolve(performance.now() - startedAt)).then((joined) => {
        room = joined
      }, reject)
    })
  },
  async leave() {
    await room?.leave()
    room = undefined
    for (const video of shownAt.keys()) video.remove()
    shownAt.clear()
  },
  watch() {
    watched = new Set(shownAt.keys())
    longest = 0
  },
  longestGap() {
    const now = performance.now()
    return Math.max(longest, ...Array.from(watched, (video) => now - (shownAt.get(video) ?? now)))
  },
  shown: () => shownAt.size,
}

async function joinAndShow(link: string, first: () => void): Promise<Room> {
  const joined = await Room.join(link, { name: 'Member' })
  const videos = new Map<string, HTMLVideoElement>()
  joined.on('trackAdded', ({ participant, source, track }) => {
    if (track.kind !== 'video') return
    const video = document.createElement('video')
    videos.set(`${participant.id} ${source}`, video)
    show(video, { track, first })
  })
  joined.on('trackRemoved', ({ participant, source }) => {
    const video = videos.get(`${participant.id} ${source}`)
    if (video === undefined) return
    shownAt.delete(video)
    watched.delete(video)
    video.remove()
  })
  return joined
}

function show(
  video: HTMLVideoElement,
  { track, first }: { readonly track: MediaStreamTrack; readonly first: () => void },
): void {
  video.muted = true
  video.srcObject = new MediaStream([track])
  document.body.append(video)
  const shown = (nowMs: number): void => {
    const before = shownAt.get(video)
    if (before === undefined) first()
    else if (watched.has(video)) longest = Math.max(longest, nowMs - before)
    if (!video.isConnected) return
    shownAt.set(video, nowMs)
    video.requestVideoFrameCallback(shown)
  }
  video.requestVideoFrameCallback(shown)
  void video.play()
}
