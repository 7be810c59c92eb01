/**
 * The costs of a join and of a leave in rooms of several sizes: messages, bytes, CPU and time, where all only listen, where
 * one of them speaks, and where all send media. Over a real hub; rooms of more than 32, and with `--virtual`
 * all, are over a hub in memory, in virtual time. `--sizes 8,16` chooses others.
 *
 * @module
 */
import { median, printResult, spread } from '../table.ts'
import { HubPlace } from './hub-place.ts'
import { LocalPlace } from './local-place.ts'
import { Members } from './members.ts'
import type { Cost, Place } from './place.ts'

/** Longer than anything waits that follows from a change. */
const QUIET_MS = 1500
const METRICS: readonly (readonly [
  metric: string,
  unit: string,
  valueOf: (step: Step) => number,
])[] = [
  ['messages to the hub', '', ({ cost }) => cost.messages],
  ...['introduction', 'hello', 'key', 'code'].map(
    (kind) => [`of these: ${kind}`, '', ({ cost }: Step) => cost.kinds[kind] ?? 0] as const,
  ),
  ['bytes to the hub', 'KiB', ({ cost }) => cost.bytes / 1024],
  ['messages from the hub', '', ({ cost }) => cost.delivered],
  ['CPU of all members', 'ms', ({ cost }) => cost.memberCpuMs],
  ['CPU of the hub', 'ms', ({ cost }) => cost.hubCpuMs],
  ['until all have it', 'ms', ({ ms }) => ms],
]
const sizes = sizesAsked() ?? [2, 8, 16, 32, 200]
/** All members are in this process: more of them need time that stands while they compute. */
const MOST_IN_REAL_TIME = process.argv.includes('--virtual') ? 0 : 32
const roundsOf = (size: number): number => (size > 32 ? 2 : 5)

/** One step: its cost with all that follows from it, and the time until everybody has it. */
interface Step {
  readonly cost: Cost
  readonly ms: number
}

const rows: Parameters<typeof printResult>[1][number][] = []
for (const size of sizes) {
  for (const role of ['all listen', 'all send media'] as const) {
    const place = size > MOST_IN_REAL_TIME ? new LocalPlace() : await HubPlace.start()
    for (const [name, steps] of await measure(place, { size, role })) {
      addRows(`${size} ${role}: ${name}`, steps)
    }
    place.stop()
  }
}
printResult('groups', rows)

async function measure(
  place: Place,
  { size, role }: { readonly size: number; readonly role: 'all listen' | 'all send media' },
): Promise<Map<string, Step[]>> {
  const sends = role === 'all send media'
  const members = await Members.create(place, { sends })
  await members.join(size - 1)
  const steps = new Map<string, Step[]>()
  const step = async (name: string, act: () => Promise<unknown>): Promise<void> => {
    const done = await measureStep(place, act)
    steps.set(name, [...(steps.get(name) ?? []), done])
  }
  await place.quiet(QUIET_MS)
  for (let round = 0; round < roundsOf(size); round += 1) {
    await step('join', () => members.join())
    if (!sends) await step('first message after a join', () => members.say(`joined ${round}`))
    if (!sends) await step('next message', () => members.say(`next ${round}`))
    await step('leave', () => members.leave())
    if (!sends) await step('first message after a leave', () => members.say(`left ${round}`))
  }
  await members.end()
  return steps
}

async function measureStep(place: Place, act: () => Promise<unknown>): Promise<Step> {
  const costSince = await place.measure()
  const startedAt = place.now()
  await act()
  const ms = place.now() - startedAt
  await place.quiet(QUIET_MS)
  return { cost: await costSince(), ms }
}

function addRows(name: string, steps: readonly Step[]): void {
  for (const [metric, unit, valueOf] of METRICS) {
    const values = steps.map(valueOf)
    const figures = { ours: median(values), spread: spread(values), peers: {} }
    rows.push({ case: name, metric, unit, better: 'lower', ...figures })
  }
}

function sizesAsked(): number[] | undefined {
  const at = process.argv.indexOf('--sizes')
  return at < 0 ? undefined : process.argv[at + 1]?.split(',').map(Number)
}
