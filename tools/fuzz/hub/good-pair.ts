import { createTestRoom, createTestSession } from '@conclave/server/testing'
import type { TestRoom } from '@conclave/server/testing'
import { bytesToMessageId, encodeDataFrame } from '@conclave/wire'
import { clientFrame } from './frames.ts'
import { SECRET, Stranger } from './stranger.ts'

/** Two who talk while others attack the hub. */
export class GoodPair {
  readonly #alice: Stranger
  readonly #bob: Stranger
  readonly #channel: number
  #sent = 0
  /** How many messages came. */
  heard = 0

  private constructor({
    alice,
    bob,
    channel,
  }: {
    alice: Stranger
    bob: Stranger
    channel: number
  }) {
    this.#alice = alice
    this.#bob = bob
    this.#channel = channel
    bob.onSecret = () => (this.heard += 1)
  }

  static async join(port: number): Promise<GoodPair> {
    const room: TestRoom = await createTestRoom()
    const [alice, bob] = [new Stranger(port, '127.0.0.2'), new Stranger(port, '127.0.0.3')]
    const joined = await alice.join(room, await createTestSession())
    await bob.join(room, await createTestSession())
    if (joined === undefined) throw new Error('the good pair was not let in')
    return new GoodPair({ alice, bob, channel: joined.channel })
  }

  /** One says something. Rejects when the other does not hear it. */
  async talk(): Promise<void> {
    this.#sent += 1
    const due = this.#sent
    const bytes = new Uint8Array(16)
    new DataView(bytes.buffer).setUint32(12, due)
    const id = bytesToMessageId(bytes)
    if (id === undefined) throw new Error('unreachable: an id of zeros')
    const payload = new Uint8Array(SECRET)
    const frame = encodeDataFrame({
      type: 'publish',
      channel: this.#channel,
      id,
      to: undefined,
      payload,
    })
    this.#alice.write(clientFrame(frame, { opcode: 2 }))
    if (!(await this.until(() => this.heard >= due)))
      throw new Error(`the good pair lost message ${due}`)
    const fault = this.#alice.fault ?? this.#bob.fault
    if (fault !== undefined) throw new Error(`the good pair got ${fault}`)
  }

  /** Waits for something, for a minute at most. */
  async until(condition: () => boolean): Promise<boolean> {
    const untilMs = performance.now() + PATIENCE_MS
    while (!condition()) {
      if (performance.now() > untilMs) return false
      await new Promise((resolve) => setImmediate(resolve))
    }
    return true
  }

  close(): void {
    this.#alice.end()
    this.#bob.end()
  }
}

const PATIENCE_MS = 60_000
