/**
 * The sources of the app, the same in every project but for the way in which its worker starts.
 *
 * @module
 */

/** How the worker starts: by itself, from text, or from a file that the app serves. */
export type WorkerKind = 'by itself' | 'as text' | 'own file'

/** Joins the room of the address and shows the other's picture; `meeting` tells the driver how it goes. */
export const MEETING = `import { Room } from '@conclave/client'

export async function start(options = {}) {
  if (globalThis.meeting) return
  const problems = []
  const videos = []
  const sees = () => videos.some((video) => video.videoWidth > 0 && video.currentTime > 0)
  globalThis.meeting = { read: () => ({ problems, sees: sees() }) }
  try {
    const { link, hub, name } = JSON.parse(decodeURIComponent(location.hash.slice(1)))
    const room = await Room.join(link, { name, hub, media: 'required', ...options })
    room.on('problem', ({ code, reason }) => problems.push(code + ': ' + reason))
    room.on('trackAdded', ({ track }) => {
      if (track.kind !== 'video') return
      const video = document.createElement('video')
      video.autoplay = video.muted = true
      video.srcObject = new MediaStream([track])
      document.body.append(video)
      videos.push(video)
    })
    await room.publish(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }))
  } catch (error) {
    problems.push((error.code ?? error.name) + ' ' + (error.details?.reason ?? '') + ': ' + error.message)
  }
}
`

/** The app's own file of the worker, beside its page. */
export const OWN_WORKER = 'media-worker.js'

/** The app, which starts the meeting. */
export const MAIN: Readonly<Record<WorkerKind, string>> = {
  'by itself': `import { start } from './meeting.js'

void start()
`,
  'as text': `import { spawnInlineWorker } from '@conclave/media/inline-worker'
import { start } from './meeting.js'

void start({ createWorker: spawnInlineWorker })
`,
  'own file': `import { start } from './meeting.js'

void start({ createWorker: () => new Worker('/${OWN_WORKER}', { type: 'module' }) })
`,
}

/** A page with one script, and what comes before it. */
export const pageOf = (script: string, before = ''): string =>
  `<!doctype html><html><head><meta charset="utf-8"><title>Meeting</title><link rel="icon" href="data:,">${before}` +
  `</head><body><script type="module" src="${script}"></script></body></html>`
