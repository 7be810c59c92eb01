/**
 * `npm start`: builds what is out of date and starts the hub, which serves the app and prints the
 * link to open. `PORT` chooses the port; `spec/hub.md` names the other settings.
 *
 * @module
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from '../build.ts'
import { root } from '../prepare.mjs'

if (await build()) await import(pathToFileURL(join(root, 'packages/server/dist/node/cli.js')).href)
else process.exitCode = 1
