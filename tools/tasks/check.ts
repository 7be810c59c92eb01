/**
 * `npm run check`: all checks that do not run the code. Prints each step with its duration, and the complaints of those
 * that failed.
 *
 * @module
 */
import { bundleApp } from '../build.ts'
import { runPackage } from '../command.ts'
import { checkCopies } from '../checks/copies.ts'
import { checkDocs } from '../checks/docs.ts'
import { checkExceptions } from '../checks/exceptions.ts'
import { checkFolders } from '../checks/folders.ts'
import { checkImports } from '../checks/imports.ts'
import { checkLanguage } from '../checks/language.ts'
import { checkLintConfig } from '../checks/lint-config.ts'
import { checkLockfile } from '../checks/lockfile.ts'
import { checkManifests } from '../checks/manifests.ts'
import { checkModuleState } from '../checks/module-state.ts'
import { checkPackages } from '../checks/packages.ts'
import { checkRules } from '../checks/rules.ts'
import { checkSize } from '../checks/size.ts'

/** The output of a check: `problems` fail it, `notes` do not. */
interface Outcome {
  readonly problems: readonly string[]
  readonly notes?: readonly string[]
}

let failed = false
const started = performance.now()

const compiled = step('compile', () => tool('typescript/bin/tsc', ['-b']))

// Two cores: one is given to the compiler first, the other to all that does not look at what the compiler writes.
await Promise.all([
  (async () => {
    await compiled
    await step('docstrings', () => ({ problems: checkDocs() }))
    await step('packages', async () => ({ problems: await checkPackages() }))
    await step('unused', () => tool('knip/bin/knip.js', ['--no-config-hints', '--no-progress']))
  })(),
  (async () => {
    await step('lint table', () => ({ problems: checkLintConfig() }))
    await step('format', () => tool('oxfmt/bin/oxfmt', ['--check']))
    await step('rules', () => ({ problems: checkRules() }))
    await step('imports', () => ({ problems: checkImports() }))
    await step('manifests', () => ({ problems: checkManifests() }))
    await step('folders', () => ({ problems: checkFolders() }))
    await step('copies', () => ({ problems: checkCopies() }))
    await step('module state', () => ({ problems: checkModuleState() }))
    await step('exceptions', () => ({ problems: checkExceptions() }))
    await step('language', () => ({ problems: checkLanguage() }))
    await step('lock file', () => ({ problems: checkLockfile() }))
    // Lint finds what packages export in their output, which in a fresh clone is half written until now.
    await compiled
    await step('lint', () => tool('oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']))
    await step('bundle', async () => ({ problems: complaints(await bundleApp()) }))
    await step('size', async () => {
      const { lines, problems } = await checkSize()
      return { problems, notes: lines }
    })
  })(),
])

console.log(`${failed ? 'FAILED' : 'ok'} in ${seconds(performance.now() - started)}`)
process.exit(failed ? 1 : 0)

async function step(name: string, check: () => Outcome | Promise<Outcome>): Promise<void> {
  const begin = performance.now()
  let outcome: Outcome
  try {
    outcome = await check()
  } catch (error) {
    outcome = {
      problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }
  }
  const { problems, notes = [] } = outcome
  if (problems.length > 0) failed = true
  const verdict = problems.length > 0 ? 'FAILED' : 'ok'
  console.log(`${verdict.padEnd(6)} ${seconds(performance.now() - begin).padStart(7)}  ${name}`)
  for (const line of [...problems, ...notes]) console.log(line.replaceAll(/^/gm, '         '))
}

async function tool(script: string, args: readonly string[]): Promise<Outcome> {
  return { problems: complaints(await runPackage(script, args, { print: 'keep' })) }
}

function complaints({ code, output }: { code: number; output: string }): string[] {
  return code === 0 ? [] : [output.trim() || `ended with the exit code ${code}`]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
