import { Receiver } from '@conclave/p2p/plain'
import { MyDriver } from './driver.mjs'

const driver = new MyDriver()

const video = document.querySelector('video') ?? document.createElement('video')

const receiver = new Receiver({ driver })
receiver.addEventListener('stream', (e) => {
  const { id, stream } = e.detail
  // handle incoming MediaStream
  console.log(`a stream of ${id}`)
  video.srcObject = stream
})
receiver.addEventListener('connect', (e) => {
  const { id } = e.detail
  // handle peer connection established
  console.log(`connected with ${id}`)
})
receiver.addEventListener('dispose', (e) => {
  const { id } = e.detail
  // handle peer disconnection
  console.log(`${id} is gone`)
})

// oxlint-disable-next-line typescript/no-floating-promises -- as on the page
receiver.start({ room: 'demo-room' })

export { receiver }
