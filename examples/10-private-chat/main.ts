/** Runs the server until Ctrl-C. */
import { startWorld } from './world.ts'

const world = await startWorld({ port: 8082 })
console.log(`Open ${world.origin} and enter as alice.`)
console.log('Open the invitation that the page shows in a private window, and enter as bob.')
process.once('SIGINT', () => void world.close().then(() => process.exit(0)))
