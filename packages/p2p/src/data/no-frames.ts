import type { LocalTracks } from '../connection/local-tracks.ts'
import type { FrameProtector } from '../protectors.ts'

/** For connections without media: nothing is negotiated, sent or shown, so that there is nothing to protect. spec S95 */
export const NO_FRAMES: FrameProtector = Object.freeze({
  connectionConfig: {},
  codecs: { audio: [], video: [] },
  protectSender: refuse,
  protectReceiver: refuse,
  describe: () => Promise.resolve(''),
  prepare: () => Promise.resolve(),
  release: () => undefined,
})

/** The tracks of such connections. */
export const NO_TRACKS: Pick<LocalTracks, 'list' | 'get'> = Object.freeze({
  list: () => [],
  get: () => undefined,
})

function refuse(): Promise<void> {
  return Promise.reject(new Error('unreachable: a connection for data has no media'))
}
