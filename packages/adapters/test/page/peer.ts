/** A frame or a worker of a page that answers everything that it hears on the sealed broadcast. */
import { Keyring } from '@conclave/e2ee'
import { sealBroadcastChannel } from '@conclave/adapters/broadcast-channel'

const name = 'document' in globalThis ? 'frame' : 'worker'
const keys = new Keyring()
keys.rotate({ keyId: 'room-42', epoch: 1, key: new Uint8Array(32).fill(7) })
const sealed = sealBroadcastChannel(new BroadcastChannel('tabs'), { keys, sender: name })
sealed.on('message', (value, { sender }) => {
  if (sender !== 'frame' && sender !== 'worker') void sealed.send('message', { [name]: value })
})
new BroadcastChannel('lobby').postMessage(name)
