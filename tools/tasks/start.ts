/**
 * `npm start`: builds what is out of date and starts the hub, which serves the app and prints the
 * link to open. `PORT` chooses the port.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { build } from '../build.ts'
import { root } from '../prepare.mjs'

if (!(await build())) process.exit(1)

const hub = spawn(
  process.execPath,
  [join(root, 'packages/server/dist/cli.js'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A terminal has sent its Ctrl-C to the hub already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) hub.kill(signal)
  })
}
hub.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
})
