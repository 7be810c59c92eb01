/**
 * publint checks each package: its manifest, its exports and the files that they name.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { root } from '../prepare.mjs'

/** The complaints about all packages, suggestions included. The packages must be compiled. */
export async function checkPackages(): Promise<string[]> {
  const problems: string[] = []
  for (const manifest of globSync('packages/*/package.json', { cwd: root })) {
    const folder = dirname(manifest)
    const { messages } = await publint({ pkgDir: join(root, folder), strict: true, pack: false })
    const pkg: Record<string, unknown> = JSON.parse(readFileSync(join(root, manifest), 'utf8'))
    for (const message of messages)
      problems.push(`${folder}: ${formatMessage(message, pkg) ?? message.code}`)
  }
  return problems
}
