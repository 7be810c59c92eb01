/**
 * The hub of one test, as `npm start` runs it, and with a tap that writes all that it receives to
 * files: one for each connection and layer, so that what came in pieces stands in one piece.
 *
 * Arguments: the port, how the names of the files begin, the folder of the app, the origin that browsers see, and the
 * path that a proxy leaves in the requests.
 *
 * @module
 */
import { appendFileSync } from 'node:fs'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { tapServer } from '@conclave/server/testing'

const [port = '', prefix = '', app = '', origin = '', basePath = ''] = process.argv.slice(2)

const served = await serve({
  hub: createHub({
    engine: createMemoryEngine(),
    origins: [origin],
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
process.stdout.write('ready\n')
