/**
 * `npm run fuzz:hub -- [--inputs N] [--seed S] [--from C] [--default-limits]`: random and mutated bytes, requests, upgrades, frames and messages for
 * a real hub on loopback, from 200 addresses, while a good pair talks. Ends with 1 if the hub broke a promise, or grew.
 *
 * @module
 */
import { parseArgs } from 'node:util'
import { fuzzHub } from './run.ts'

/** Addresses, times of messages and compiled code are kept for a while. */
const MOST_GROWN_MB = 20

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    'default-limits': { type: 'boolean', default: false },
  },
})
const [inputs = 0, seed = 0, from = 0] = [values.inputs, values.seed, values.from].map(Number)
if (![inputs, seed, from].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  console.error('--inputs, --seed and --from expect whole numbers')
  process.exit(1)
}
const report = await fuzzHub({
  ...{ inputs, seed, from },
  ...(values['default-limits'] ? { limits: {} } : {}),
  onProgress: (sent) => console.log(`${sent} of ${inputs} inputs`),
})
const outcomes = [...report.outcomes].toSorted(([, some], [, others]) => others - some)
const grownMb = report.grownBytes / 1e6
for (const [outcome, count] of outcomes) console.log(`${String(count).padStart(9)} ${outcome}`)
for (const fault of report.faults) console.error(fault)
console.log(
  `${report.inputs} inputs on ${report.connections} connections in ${report.seconds.toFixed(1)} s, seed ${seed}: ${report.faults.length} broken promises, ` +
    `live heap grown by ${grownMb.toFixed(1)} MB, ${report.goodMessages} messages of the good pair`,
)
process.exit(report.faults.length === 0 && grownMb < MOST_GROWN_MB ? 0 : 1)
