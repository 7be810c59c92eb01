/** One end of a call over NATS, as in the seed's quick start: in clear, or sealed by one more line. */
import { encrypted } from '@conclave/client'
import { NatsDriver } from '@conclave/driver-nats'
import type { Driver } from '@conclave/p2p'
import * as sealed from '@conclave/p2p'
import * as plain from '@conclave/p2p/plain'

/** A driver that is opened, with the seed's own encryption where it is given a secret. */
type OpenDriver = Driver & { open(secret?: string): Promise<void>; close(): Promise<void> }

/** The driver of the seed, as a module at this address; ours without one. */
export interface CallOptions {
  readonly servers: string
  readonly module?: string
  readonly secret?: string
  /** Seals the call, whatever the driver does. */
  readonly passphrase?: string
}

export interface SeedPage {
  receive(options: CallOptions): Promise<void>
  send(options: CallOptions): Promise<void>
  /** The size of the picture that is shown, and the events until now. */
  observe(): { readonly width: number; readonly tracks: number; readonly log: readonly string[] }
  stop(): Promise<void>
}

const log: string[] = []
let ended: () => Promise<void> = () => Promise.resolve()
let shown: MediaStream | undefined
const video = document.createElement('video')
video.muted = true
video.autoplay = true
document.body.append(video)

const openDriver = async ({ servers, module, secret }: CallOptions): Promise<OpenDriver> => {
  const { NatsDriver: Given } = (
    module === undefined ? { NatsDriver } : await import(/* @vite-ignore */ module)
  ) as { NatsDriver: new (options: { servers: string[] }) => OpenDriver }
  const driver = new Given({ servers: [servers] })
  await driver.open(secret)
  return driver
}

const page: SeedPage = {
  async receive(options) {
    const driver = await openDriver(options)
    const receiver =
      options.passphrase === undefined
        ? new plain.Receiver({ driver })
        : new sealed.Receiver({ driver: encrypted(driver, { passphrase: options.passphrase }) })
    receiver.addEventListener('stream', (e) => {
      const { stream } = e.detail
      shown = stream
      video.srcObject = stream
    })
    receiver.addEventListener('connect', () => log.push('connect'))
    receiver.addEventListener('dispose', () => log.push('dispose'))
    await receiver.start({ room: 'demo-room' })
    ended = async () => {
      await receiver.stop()
      await driver.close()
    }
  },
  async send(options) {
    const driver = await openDriver(options)
    const sender =
      options.passphrase === undefined
        ? new plain.Sender({ driver })
        : new sealed.Sender({ driver: encrypted(driver, { passphrase: options.passphrase }) })
    sender.addEventListener('connect', () => log.push('connect'))
    const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
    await sender.start({ stream, room: 'demo-room' })
    ended = async () => {
      await sender.stop()
      await driver.close()
    }
  },
  observe: () => ({ width: video.videoWidth, tracks: shown?.getTracks().length ?? 0, log }),
  stop: () => ended(),
}
Object.assign(globalThis, { page })
