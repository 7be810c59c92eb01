import type { DataProtector, FrameProtector } from '../protectors.ts'

/** Leaves frames as they are: only DTLS protects them, up to the next hop. spec S81 */
export const CLEAR_FRAMES: FrameProtector = Object.freeze({
  connectionConfig: {},
  codecs: {
    audio: ['audio/opus'],
    video: ['video/vp8', 'video/vp9', 'video/h264', 'video/av1'],
  },
  protectSender: nothing,
  protectReceiver: nothing,
  describe: () => Promise.resolve(''),
  prepare: nothing,
  release: () => undefined,
})

/** Leaves data as it is: only DTLS protects it. spec S101 */
export const CLEAR_DATA: DataProtector = Object.freeze({
  seal: (_, bytes) => Promise.resolve(bytes),
  open: (_, bytes) => Promise.resolve(bytes),
} satisfies DataProtector)

function nothing(): Promise<void> {
  return Promise.resolve()
}
