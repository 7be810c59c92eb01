/**
 * The hub of a checkout, which serves the benchmark's page. Arguments: the checkout and the folder of the page.
 *
 * @module
 */
import { join } from 'node:path'
import type * as Server from '@conclave/server'
import type * as NodeServer from '@conclave/server/node'

const [checkout = '', staticDir = ''] = process.argv.slice(2)
const source = join(checkout, 'packages/server/src')
const { createHub, createMemoryEngine }: typeof Server = await import(join(source, 'index.ts'))
const { serve }: typeof NodeServer = await import(join(source, 'node/index.ts'))
const served = await serve({
  port: 0,
  staticDir,
  hub: ({ port }) =>
    createHub({ engine: createMemoryEngine(), origins: [`http://localhost:${port}`] }),
})
process.once('disconnect', () => void served.close().then(() => process.exit(0)))
process.send?.(served.port)
