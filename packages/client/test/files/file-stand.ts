/** Two sessions that exchange files over a path in memory, with faults by a seed, under a virtual clock. */
import { Emitter } from '@conclave/base'
import { VirtualClock, createRandom } from '@conclave/base/testing'
import type { ParticipantId } from '@conclave/wire'
import { FileExchange, type FileDrop } from '../../src/files/file-exchange.ts'
import type { FilePath, FilePathEvents } from '../../src/files/file-path.ts'
import type { IncomingTransfer } from '../../src/files/incoming-transfer.ts'
import type { OutgoingTransfer } from '../../src/files/outgoing-transfer.ts'

/** A frame on its way. */
export interface OnItsWay {
  readonly from: ParticipantId
  readonly to: ParticipantId
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Changes the frames that are about to be delivered: what a hostile or a bad carrier does. */
export type Fault = (frame: OnItsWay) => readonly OnItsWay[]

/** One side. */
export interface Side {
  readonly id: ParticipantId
  readonly exchange: FileExchange
  readonly offers: IncomingTransfer[]
  readonly drops: Map<FileDrop, number>
  readonly path: TestPath
  takesFiles: boolean
}

/** One side's end of the path. */
class TestPath extends Emitter<FilePathEvents> implements FilePath {
  readonly #stand: FileStand
  readonly #id: ParticipantId

  constructor(stand: FileStand, id: ParticipantId) {
    super()
    this.#stand = stand
    this.#id = id
  }

  send(to: ParticipantId, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#stand.carry({ from: this.#id, to, bytes })
  }
}

const idOf = (letter: string): ParticipantId => letter.repeat(21).concat('A') as ParticipantId

/** The sessions, their messages and their path. */
export class FileStand {
  readonly clock = new VirtualClock()
  readonly sides = new Map<ParticipantId, Side>()
  /** Every frame that was ever handed to the path. */
  readonly seen: OnItsWay[] = []
  /** Every message that was ever sent. */
  readonly said: {
    readonly from: ParticipantId
    readonly to: ParticipantId
    readonly body: Uint8Array
  }[] = []
  fault: Fault = (frame) => [frame]
  isUp = true
  /** Frames that wait on the path. */
  queue: OnItsWay[] = []
  /** The most that ever waited. */
  most = 0
  readonly #waiting: (() => void)[] = []

  side(letter: string): Side {
    const id = idOf(letter)
    const known = this.sides.get(id)
    if (known !== undefined) return known
    const [offers, drops, path]: [IncomingTransfer[], Map<FileDrop, number>, TestPath] = [
      [],
      new Map(),
      new TestPath(this, id),
    ]
    const side: Side = {
      ...{ id, offers, drops, path, takesFiles: true },
      exchange: new FileExchange({
        ...{ clock: this.clock, path },
        send: async (to, body) => {
          this.said.push({ from: id, to, body })
          await nextTask()
          this.sides.get(to)?.exchange.receive(id, body)
        },
        offered: (file) => side.takesFiles && offers.push(file) > 0,
        drop: (reason) => void drops.set(reason, (drops.get(reason) ?? 0) + 1),
      }),
    }
    this.sides.set(id, side)
    return side
  }

  /** Takes a frame when there is space; rejects while the path is down. */
  async carry(frame: OnItsWay): Promise<void> {
    while (this.isUp && this.queue.length >= SPACE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    if (!this.isUp) throw new Error('the path was lost')
    this.seen.push(frame)
    this.queue.push(frame)
    this.most = Math.max(this.most, this.queue.length)
  }

  /** The path breaks, with all that is on it. */
  cut(): void {
    this.isUp = false
    this.queue = []
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** The path stands again. */
  mend(): void {
    this.isUp = true
    const ids = [...this.sides.keys()]
    for (const [id, side] of this.sides) {
      for (const participant of ids)
        if (participant !== id) side.path.emit('ready', { participant })
    }
  }

  /** Delivers the first frame, or what the fault makes of it. */
  deliver(): void {
    const frame = this.queue.shift()
    if (frame === undefined) return
    for (const made of this.fault(frame)) this.invent(made)
    this.#waiting.shift()?.()
  }

  /** Delivers bytes that nobody sent. */
  invent({ from, to, bytes }: OnItsWay): void {
    this.sides.get(to)?.path.emit('bytes', { from, bytes })
  }

  /** Delivers, and lets time pass where nothing moves, until the promise settles; or for so many idle turns. */
  async run(until?: Promise<unknown>, { idleTurns = 200_000 } = {}): Promise<void> {
    let isDone = false
    const finish = (): void => {
      isDone = true
    }
    void until?.then(finish, finish)
    for (let idle = 0; idle < idleTurns && !isDone; idle += 1) {
      for (let quiet = 0; quiet < 3 && !isDone; quiet += 1) {
        if (this.queue.length > 0) {
          quiet = -1
          this.deliver()
          this.clock.advance(1)
        }
        await nextTask()
      }
      if (!isDone) this.clock.advance(100)
    }
    if (until !== undefined && !isDone) throw new Error('the transfer does not end')
  }

  /** Delivers until this holds, without letting time pass. */
  async until(holds: () => boolean): Promise<void> {
    for (let turn = 0; !holds(); turn += 1) {
      if (turn > 100_000) throw new Error('it never holds')
      this.deliver()
      await nextTask()
    }
  }

  /** A transfer of a file from one side to another, offered. */
  async offer(
    from: Side,
    to: Side,
    file: FileToTest,
  ): Promise<{ out: OutgoingTransfer; in: IncomingTransfer }> {
    const { content, name = 'a.bin', type = '' } = file
    const [out] = from.exchange.offer({ content, name, type, size: content.size }, [to.id])
    await nextTask()
    const offered = to.offers.at(-1)
    if (out === undefined || offered === undefined) throw new Error('expected an offer')
    return { out, in: offered }
  }
}

interface FileToTest {
  readonly content: Blob
  readonly name?: string
  readonly type?: string
}

/** Content that differs everywhere. */
export function contentOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = createRandom(seed)
  const block = new Uint8Array(4099).map(() => random() * 256)
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += block.length) {
    bytes.set(block.subarray(0, Math.min(block.length, size - at)), at)
  }
  for (let at = 0; at + 4 <= size; at += 16_384) new DataView(bytes.buffer).setUint32(at, at)
  return bytes
}

/** Content of this size, as a blob. */
export const blobOf = (size: number, seed = 1): Blob => new Blob([contentOf(size, seed)])

/** The next task of the runtime: everything that is ready runs first. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

const SPACE = 32
