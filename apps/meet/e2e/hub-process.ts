/**
 * The hub of one test, as `npm start` runs it, and with a tap that writes all that it receives to
 * files: one for each connection and layer, so that what came in pieces stands in one piece.
 *
 * Arguments: the port, how the names of the files begin, the folder of the app, the origin that browsers see, the path
 * that a proxy leaves in the requests, and the STUN and TURN servers as JSON. A number as a message: it kills itself once somebody has left and it took so
 * many messages to one participant since.
 *
 * @module
 */
import { appendFileSync } from 'node:fs'
import { type Engine, createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { tapServer } from '@conclave/server/testing'

const [port = '', prefix = '', app = '', origin = '', basePath = '', iceServers = '[]'] =
  process.argv.slice(2)

let hasSomebodyLeft = false
let messagesLeft: number | undefined

const mortal = (engine: Engine): Engine => ({
  async attach(lane, listener) {
    const channel = await engine.attach(lane, (event) => {
      hasSomebodyLeft ||= event.type === 'participantLeft'
      listener(event)
    })
    return {
      enter: (entry) => channel.enter(entry),
      leave: (membership) => channel.leave(membership),
      signal: (message) => channel.signal(message),
      detach: () => channel.detach(),
      async publish(message) {
        const published = await channel.publish(message)
        if (messagesLeft === undefined || !hasSomebodyLeft) return published
        if (message.to !== undefined) messagesLeft -= 1
        if (messagesLeft === 0) process.kill(process.pid, 'SIGKILL')
        return published
      },
    }
  },
  close: () => engine.close(),
})

const served = await serve({
  hub: createHub({
    engine: mortal(createMemoryEngine()),
    origins: [origin],
    iceServers: JSON.parse(iceServers) as [],
    log: (line) => void process.stderr.write(`${line}\n`),
  }),
  port: Number(port),
  staticDir: app,
  basePath,
  beforeListen: tapServer(({ connection, layer, bytes }) => {
    appendFileSync(`${prefix}-${String(connection).padStart(4, '0')}-${layer}.bin`, bytes)
  }),
})
process.once('SIGTERM', () => void served.close().then(() => process.exit(0)))
process.on('message', (messages: number) => {
  hasSomebodyLeft = false
  messagesLeft = messages
  process.send?.('understood')
})
process.stdout.write('ready\n')
