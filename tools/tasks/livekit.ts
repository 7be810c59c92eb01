/**
 * `npm run livekit`: see `packages/media/test/livekit-room/main.ts`, which runs in a separate process because it reads the packages'
 * sources. Not among the tests: to build the server takes two minutes.
 *
 * @module
 */
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { installBrowsers } from '../install-browsers.ts'
import { installLiveKitServer } from '../install-servers.ts'
import { root } from '../prepare.mjs'

for (const install of [installBrowsers, installLiveKitServer]) {
  const trouble = await install()
  if (trouble === undefined) continue
  console.error(trouble)
  process.exit(1)
}
const file = join(root, 'packages/media/test/livekit-room/main.ts')
const { code } = await runCommand(process.execPath, ['--conditions=@conclave/source', file], {
  print: 'show',
})
process.exitCode = code
