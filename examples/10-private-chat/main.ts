/** Runs the server until Ctrl-C. */
import { startWorld } from './world.ts'

const world = await startWorld({ port: 8082 })
console.log(`Open ${world.origin} and enter as alice; give bob the invitation that the page shows.`)
process.once('SIGINT', () => void world.close().then(() => process.exit(0)))
