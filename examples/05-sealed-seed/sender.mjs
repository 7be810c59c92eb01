import { Sender } from '@conclave/p2p'
import { sealedDriver } from './driver.mjs'

const driver = sealedDriver()

const sender = new Sender({ driver })

const stream = await navigator.mediaDevices.getUserMedia({
  video: true,
  audio: true,
})
// oxlint-disable-next-line typescript/no-floating-promises -- as on the page
sender.start({ stream, room: 'demo-room' })

export { sender, stream }
