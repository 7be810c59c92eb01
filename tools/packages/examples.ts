/**
 * Runs the examples of the packages' READMEs in an application that has nothing but the tarballs.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { findExamples } from '../doctest.ts'

/** Lists the examples for Node that fail, with what they print. */
export async function findExampleFaults(folder: string): Promise<string[]> {
  const faults: string[] = []
  for (const { path, line, runs, code } of findExamples()) {
    if (runs !== 'node' || !path.startsWith('packages/')) continue
    const file = `example-${path.split('/')[1]}-${line}.ts`
    writeFileSync(join(folder, file), code)
    const result = await runCommand(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', file],
      {
        print: 'keep',
        cwd: folder,
      },
    )
    if (result.code !== 0) faults.push(`${path}:${line}: ${result.output.trim()}`)
  }
  return faults
}
