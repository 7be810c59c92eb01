import { Sender } from '@conclave/p2p/plain'
import { MyDriver } from './driver.mjs'

const driver = new MyDriver()

const sender = new Sender({ driver })

const stream = await navigator.mediaDevices.getUserMedia({
  video: true,
  audio: true,
})
// oxlint-disable-next-line typescript/no-floating-promises -- as on the page
sender.start({ stream, room: 'demo-room' })

export { sender, stream }
