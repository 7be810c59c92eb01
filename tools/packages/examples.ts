/**
 * Compiles the examples of the packages' READMEs and runs those for Node, each in a project that has only what its
 * README says to install.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, runPackage } from '../command.ts'
import { examplesIn } from '../doctest.ts'
import { STRICT } from './declarations.ts'
import { readReadme, type Reader } from './readers.ts'

/** Lists the examples that do not compile or fail, with what the compiler or they print. */
export async function findExampleFaults(readers: readonly Reader[]): Promise<string[]> {
  const faults: string[] = []
  for (const { readmes, folder } of readers) {
    const [readme = '', ...others] = readmes
    // The examples of several READMEs run in their own projects.
    if (others.length > 0) continue
    const examples = examplesIn(readme, readReadme(readme)).map((example) => ({
      ...example,
      file: `example-${example.line}.ts`,
    }))
    if (examples.length === 0) continue
    for (const { file, code } of examples) writeFileSync(join(folder, file), code)
    faults.push(
      ...(await compile(
        folder,
        examples.map(({ file }) => file),
      )),
    )
    for (const { path, line, runs, file } of examples) {
      if (runs !== 'node') continue
      const { code, output } = await runCommand(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', file],
        { print: 'keep', cwd: folder },
      )
      if (code !== 0) faults.push(`${path}:${line}: ${output.trim()}`)
    }
  }
  return faults
}

async function compile(folder: string, files: readonly string[]): Promise<string[]> {
  const compilerOptions = {
    ...{ ...STRICT, module: 'NodeNext', moduleResolution: 'NodeNext', types: ['node'] },
    ...{ moduleDetection: 'force', skipLibCheck: true },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { code, output } = await runPackage(
    'typescript/bin/tsc',
    ['-p', '.', '--pretty', 'false'],
    {
      print: 'keep',
      cwd: folder,
    },
  )
  return code === 0
    ? []
    : output
        .trim()
        .split('\n')
        .map((line) => `${folder}: ${line}`)
}
