/** Runs the example until Ctrl-C. */
import { startWorld } from './world.ts'

const { origin } = await startWorld({ port: Number(process.env['PORT'] ?? 8420) })
console.log(`Open ${origin} twice, and enter as alice, bob or carol.`)
