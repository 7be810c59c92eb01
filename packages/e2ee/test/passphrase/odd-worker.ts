/** A worker that is told how to go wrong before it says that it runs, or once it has a passphrase. */
import { STRETCH_PROTOCOL } from '../../src/passphrase/stretch-protocol.ts'
import { startStretchWorker } from '../../src/passphrase/stretch-worker.ts'
import type { StretchWorkerScope } from '../../src/passphrase/stretch-worker.ts'

/** The ways in which it goes wrong. */
export type Oddity =
  | 'another version'
  | 'an answer at once'
  | 'a crash'
  | 'a short key'
  | 'an end without a word'
  | 'no WebAssembly'
  | 'nonsense'
  | 'silence'

const scope = self as unknown as StretchWorkerScope & { close(): void }
const ready = { type: 'ready', version: STRETCH_PROTOCOL } as const
const say = (message: unknown): void => scope.postMessage(message as never)
let told: Oddity | undefined

scope.addEventListener('message', ({ data }) => {
  if (told === undefined) {
    told = data as Oddity
    begin(told)
  } else answer(told)
})

function begin(oddity: Oddity): void {
  if (oddity === 'silence') return
  if (oddity === 'another version') return say({ ...ready, version: STRETCH_PROTOCOL + 1 })
  if (oddity === 'an answer at once') return say({ type: 'stretched', key: new Uint8Array(32) })
  if (oddity !== 'no WebAssembly') return say(ready)
  Reflect.deleteProperty(globalThis, 'WebAssembly')
  startStretchWorker(scope)
}

function answer(oddity: Oddity): void {
  if (oddity === 'a crash') throw new Error('an invariant broke, on purpose')
  if (oddity === 'an end without a word') scope.close()
  if (oddity === 'a short key') say({ type: 'stretched', key: new Uint8Array(31) })
  if (oddity === 'nonsense') say('nonsense')
}
