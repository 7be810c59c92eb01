/**
 * Gives inputs to targets and counts the outcomes.
 *
 * @module
 */
import { inspect } from 'node:util'
import { hashName, Random } from './random.ts'
import { FuzzFailure } from './target.ts'
import type { FuzzTarget, PreparedTarget } from './target.ts'

/** An outcome that a run does not allow. */
export interface FuzzFault {
  readonly target: string
  /** `untyped`: something was thrown that is not among the documented errors. */
  readonly type: 'forged' | 'wrong' | 'untyped' | 'slow' | 'polluted'
  readonly message: string
  /** The command that does it again. */
  readonly reproduction: string
  /** The beginning of the input, as it looks. */
  readonly input: string
}

/** The outcomes of the inputs of one target. */
export interface TargetReport {
  readonly target: string
  readonly inputs: number
  readonly seconds: number
  /** How many inputs had which outcome. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly faults: readonly FuzzFault[]
}

/** The inputs of a target: `count` from number `from`, of those that `seed` makes. */
export interface FuzzRange {
  readonly seed: number
  readonly from?: number
  readonly count: number
  /** How long one input may take; 2 s when left out. */
  readonly maxInputMs?: number
  /** Called with the number of the next input, so that a watchdog can tell where it hangs. */
  readonly onProgress?: (next: number) => void
}

/** Runs one target. Never throws for a failure of the target. */
export async function runTarget(target: FuzzTarget, range: FuzzRange): Promise<TargetReport> {
  const { seed, from = 0, count, maxInputMs = MAX_INPUT_MS, onProgress } = range
  const outcomes = new Map<string, number>()
  const faults: FuzzFault[] = []
  const before = takePrints()
  const prepared = await withSeededCrypto(() => target.prepare())
  const started = performance.now()
  let done = 0
  while (done < count && faults.length < MAX_FAULTS) {
    const size = Math.min(BATCH, count - done)
    onProgress?.(from + done)
    const numbers = Array.from({ length: size }, (_, index) => from + done + index)
    const results = await Promise.all(
      numbers.map((number) => tryInput({ target, prepared, seed, number })),
    )
    for (const [index, { outcome, fault, ms }] of results.entries()) {
      const number = numbers[index] ?? 0
      const slow =
        ms > maxInputMs ? await findSlow({ target, prepared, seed, number }, maxInputMs) : undefined
      for (const found of [fault, slow]) if (found !== undefined) faults.push(found)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    done += size
    const changed = changedPrint(before)
    if (changed === undefined) continue
    const at = `${numbers[0]} to ${numbers.at(-1)}`
    const reproduction = reproductionOf(target.name, { seed, number: numbers[0] ?? 0, size })
    const message = `${changed} is not as it was, after the inputs ${at}`
    faults.push({ target: target.name, type: 'polluted', message, reproduction, input: '' })
    break
  }
  const seconds = (performance.now() - started) / 1000
  try {
    await prepared.finish?.()
  } catch (error) {
    const reproduction = reproductionOf(target.name, { seed, number: from, size: done })
    faults.push({ ...describe(error), target: target.name, reproduction, input: 'all of them' })
  }
  return { target: target.name, inputs: done, seconds, outcomes, faults }
}

interface OneInput {
  readonly target: FuzzTarget
  readonly prepared: PreparedTarget
  readonly seed: number
  readonly number: number
}

async function tryInput(
  one: OneInput,
): Promise<{ readonly outcome: string; readonly fault?: FuzzFault; readonly ms: number }> {
  let input: unknown
  const started = performance.now()
  try {
    const outcome = await attempt(one, (given) => void (input = given))
    return { outcome, ms: performance.now() - started }
  } catch (error) {
    const what = describe(error)
    return { outcome: what.type, fault: faultOf(one, what, input), ms: 0 }
  }
}

/**
 * A busy machine makes anything slow. What counts is the work of the processor, when nothing else is under way;
 * each time, as something may have to be compiled first.
 */
async function findSlow(one: OneInput, maxMs: number): Promise<FuzzFault | undefined> {
  let input: unknown
  let least = Number.POSITIVE_INFINITY
  for (let left = 2; left > 0; left -= 1) {
    const before = process.cpuUsage()
    try {
      await attempt(one, (given) => void (input = given))
    } catch {
      return undefined
    }
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  if (least <= maxMs) return undefined
  return faultOf(one, { type: 'slow', message: `${Math.round(least)} ms of work` }, input)
}

const faultOf = (
  { target, seed, number }: OneInput,
  what: Pick<FuzzFault, 'type' | 'message'>,
  input: unknown,
): FuzzFault => ({
  ...what,
  target: target.name,
  reproduction: reproductionOf(target.name, { seed, number, size: 1 }),
  input: show(input),
})

function attempt(
  { target, prepared, seed, number }: OneInput,
  note: (input: unknown) => void,
): string | Promise<string> {
  return prepared.attempt(new Random(seed, hashName(target.name), number), note)
}

/**
 * Runs with WebCrypto's random bytes replaced by the same ones each time, so that valid inputs, and what is made
 * of them, can be had again.
 */
async function withSeededCrypto<T>(run: () => Promise<T>): Promise<T> {
  const random = new Random(hashName('prepare'))
  const getRandomValues = <A extends ArrayBufferView | null>(array: A): A => {
    if (array !== null) {
      const { buffer, byteOffset, byteLength } = array
      const bytes = new Uint8Array(buffer, byteOffset, byteLength)
      bytes.set(random.bytes(bytes.length))
    }
    return array
  }
  Object.defineProperty(globalThis.crypto, 'getRandomValues', {
    value: getRandomValues,
    configurable: true,
  })
  try {
    return await run()
  } finally {
    Reflect.deleteProperty(globalThis.crypto, 'getRandomValues')
  }
}

/** The objects that all code of the process shares: no input may change them. */
function takePrints(): readonly { readonly name: string; readonly print: () => string }[] {
  return SHARED.map(([name, object]) => ({ name, object, first: keysOf(object) })).map(
    ({ name, object, first }) => ({
      name,
      print: () => (keysOf(object) === first ? '' : name),
    }),
  )
}

const changedPrint = (prints: ReturnType<typeof takePrints>): string | undefined =>
  prints.find(({ print }) => print() !== '')?.name

const keysOf = (object: object): string =>
  `${Reflect.ownKeys(object).map(String).join()}|${Object.isFrozen(object)}`

function describe(error: unknown): Pick<FuzzFault, 'type' | 'message'> {
  if (error instanceof FuzzFailure) return { type: error.type, message: error.message }
  const message = error instanceof Error ? (error.stack ?? error.message) : inspect(error)
  return { type: 'untyped', message: message.split('\n').slice(0, 6).join('\n') }
}

const reproductionOf = (
  name: string,
  { seed, number, size }: { readonly seed: number; readonly number: number; readonly size: number },
): string => `npm run fuzz -- --target ${name} --seed ${seed} --from ${number} --inputs ${size}`

/** Looking at an input must not run what is in it. */
function show(input: unknown): string {
  try {
    const text = inspect(input, {
      depth: 3,
      maxArrayLength: 200,
      maxStringLength: 500,
      getters: false,
    })
    return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} ...` : text
  } catch {
    return 'an input that cannot be shown'
  }
}

const SHARED: readonly (readonly [string, object])[] = [
  ['Object.prototype', Object.prototype],
  ['Array.prototype', Array.prototype],
  ['Function.prototype', Function.prototype],
  ['String.prototype', String.prototype],
  ['Promise.prototype', Promise.prototype],
  ['Uint8Array.prototype', Uint8Array.prototype],
  ['Map.prototype', Map.prototype],
  ['Error.prototype', Error.prototype],
  ['Object', Object],
]
/** Inputs that are under way at the same time: cryptography runs on several threads. */
const BATCH = 16
/** More than anything takes whose work is bounded. */
const MAX_INPUT_MS = 2_000
/** After so many there is enough to read. */
const MAX_FAULTS = 5
const MAX_SHOWN = 600
