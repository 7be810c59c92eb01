/**
 * `npm run matrix`: see `packages/media/test/matrix/main.ts`, which runs in a separate process because it reads the
 * packages' sources.
 *
 * @module
 */
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

const file = join(root, 'packages/media/test/matrix/main.ts')
const { code } = await runCommand(process.execPath, ['--conditions=@conclave/source', file], {
  print: 'show',
})
process.exitCode = code
