/**
 * `npm run build`: compiles the packages and bundles the app, if anything changed.
 *
 * @module
 */
import { build } from '../build.ts'

process.exitCode = (await build()) ? 0 : 1
