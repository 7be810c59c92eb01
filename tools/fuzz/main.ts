/**
 * `npm run fuzz -- [--inputs N] [--seed S] [--target NAME] [--from I] [--json]`: random and damaged input for every
 * decoder of what comes from outside. `NAME` is the beginning of a target's name, or several with commas. Ends with 1 if
 * anything was accepted that must not be, or thrown that is not documented.
 *
 * @module
 */
import { parseArgs } from 'node:util'
import { runTarget } from './run.ts'
import type { TargetReport } from './run.ts'
import { FUZZ_TARGETS } from './targets/index.ts'
import { watchForHangs } from './watchdog.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', default: '' },
    from: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
})
const [inputs, seed, from] = [values.inputs, values.seed, values.from].map(Number)
if (![inputs, seed, from].every((value) => Number.isSafeInteger(value) && Number(value) >= 0)) {
  console.error('--inputs, --seed and --from expect whole numbers')
  process.exit(1)
}
const names = values.target.split(',')
const targets = FUZZ_TARGETS.filter(({ name }) => names.some((start) => name.startsWith(start)))
if (targets.length === 0) {
  console.error(`Which target?\n${FUZZ_TARGETS.map(({ name }) => `  ${name}`).join('\n')}`)
  process.exit(1)
}

const shares = targets.reduce((sum, { share }) => sum + share, 0)
const reports: TargetReport[] = []
const watch = watchForHangs()
for (const target of targets) {
  const count = Math.ceil((Number(inputs) * target.share) / shares)
  const report = await runTarget(target, {
    ...{ seed: Number(seed), from: Number(from), count },
    onProgress: (next) => watch.at(target.name, next),
  })
  reports.push(report)
  if (!values.json) print(report)
}
await watch.stop()

const faults = reports.flatMap((report) => report.faults)
const total = reports.reduce((sum, report) => sum + report.inputs, 0)
const seconds = reports.reduce((sum, report) => sum + report.seconds, 0)
const of = (...types: readonly string[]): number =>
  faults.filter(({ type }) => types.includes(type)).length
if (values.json) {
  const rows = reports.map(({ outcomes, ...rest }) => ({
    ...rest,
    outcomes: Object.fromEntries(outcomes),
  }))
  console.log(JSON.stringify({ seed: Number(seed), total, seconds, rows }))
} else {
  console.log(
    `${total} inputs to ${targets.length} decoders in ${seconds.toFixed(1)} s, seed ${seed}: ` +
      `${of('forged')} forgeries accepted, ${of('untyped')} untyped exceptions, ` +
      `${of('wrong', 'slow', 'polluted')} other broken promises`,
  )
}
process.exitCode = faults.length === 0 ? 0 : 1

function print({
  target,
  inputs: count,
  seconds: took,
  outcomes,
  faults: bad,
}: TargetReport): void {
  const sorted = [...outcomes].toSorted(([, a], [, b]) => b - a)
  const shown = sorted.map(([outcome, times]) => `${outcome} ${times}`).join(', ')
  console.log(
    `${target.padEnd(26)} ${String(count).padStart(9)} in ${took.toFixed(1).padStart(6)} s  ${shown}`,
  )
  for (const { type, message, reproduction, input } of bad) {
    console.log(`  ${type}: ${message}\n  input: ${input}\n  again: ${reproduction}`)
  }
}
