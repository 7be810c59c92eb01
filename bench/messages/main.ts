/**
 * 10,000 messages across 100 random kills: chat of three rooms over a real hub, and reliable values of a topic between two pages over
 * real data channels. Fails if one is lost, doubled, out of order, or was said by nobody.
 *
 * `npm run bench -- messages [messages] [kills] [--seed N] [--only chat|data]`
 *
 * @module
 */
import { chatScene } from './chat.ts'
import { dataScene } from './data.ts'
import { FAULTS, type Outcome, type Scene, play } from './play.ts'
import { printResult } from '../table.ts'

const [messages, kills] = [numberAt(2, 10_000), numberAt(3, 100)]
const seed = Number(valueOf('--seed') ?? 1)
const only = valueOf('--only')
const scenes: Readonly<Record<string, () => Promise<Scene>>> = { chat: chatScene, data: dataScene }
const outcomes: [name: string, outcome: Outcome][] = []
for (const [name, make] of Object.entries(scenes)) {
  if (only !== undefined && only !== name) continue
  const scene = await make()
  outcomes.push([name, await play(scene, { messages, kills, seed })])
  await scene.close()
}
for (const [name, { kills: done }] of outcomes) console.log(name, JSON.stringify(done))
printResult(
  'messages',
  outcomes.flatMap(([name, outcome]) =>
    [
      ...(['said', 'deliveries', ...FAULTS, 'silences'] as const).map(
        (metric) => [metric, 'messages', outcome[metric]] as const,
      ),
      ['longest wait for the last one before silence', 's', outcome.longestWaitMs / 1000] as const,
      ['all', 's', outcome.seconds] as const,
    ].map(([metric, unit, ours]) => ({
      ...{ case: name, metric, unit, ours, peers: {}, better: 'lower' as const },
      spread: [ours, ours] as const,
    })),
  ),
)
const faults = outcomes.flatMap(([, outcome]) => FAULTS.map((kind) => outcome[kind]))
process.exit(faults.some((count) => count > 0) ? 1 : 0)

function numberAt(at: number, otherwise: number): number {
  const given = Number(process.argv[at])
  return given > 0 ? given : otherwise
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
