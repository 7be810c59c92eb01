/**
 * One file between two sessions of one process, over a path in memory: both ends, their cryptography and their state, and no network.
 *
 * @module
 */
import { Emitter, systemClock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { FileExchange } from '../../packages/client/src/files/file-exchange.ts'
import type { FilePath, FilePathEvents } from '../../packages/client/src/files/file-path.ts'
import type { IncomingTransfer } from '../../packages/client/src/files/incoming-transfer.ts'

const ALICE = 'alice' as ParticipantId
const BOB = 'bob' as ParticipantId

class MemoryPath extends Emitter<FilePathEvents> implements FilePath {
  readonly #self: ParticipantId
  other: MemoryPath | undefined

  constructor(self: ParticipantId) {
    super()
    this.#self = self
  }

  async send(_to: ParticipantId, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    // A task of the runtime for each frame, as with a network.
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.other?.emit('bytes', { from: this.#self, bytes })
  }
}

/** Sends a file from one session to the other. Resolves to how it ended. */
export async function transfer(
  content: Blob,
  to: WritableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const paths = { [ALICE]: new MemoryPath(ALICE), [BOB]: new MemoryPath(BOB) }
  const sides = new Map<ParticipantId, FileExchange>()
  let offered: (file: IncomingTransfer) => void = () => {}
  const offer = new Promise<IncomingTransfer>((resolve) => {
    offered = resolve
  })
  for (const [self, other] of [
    [ALICE, BOB],
    [BOB, ALICE],
  ] as const) {
    const path = paths[self]
    if (path === undefined) throw new Error('unreachable: both have a path')
    path.other = paths[other]
    const exchange = new FileExchange({
      ...{ clock: systemClock, path, drop: () => {} },
      offered: (file) => {
        offered(file)
        return true
      },
      send: async (receiver, body) =>
        queueMicrotask(() => sides.get(receiver)?.receive(self, body)),
    })
    sides.set(self, exchange)
  }
  const file = { content, name: 'big.bin', type: '', size: content.size }
  const [out] = sides.get(ALICE)?.offer(file, [BOB]) ?? []
  const incoming = await offer
  await incoming.accept({ to })
  const end = await out?.done
  for (const exchange of sides.values()) exchange.close()
  return end?.reason ?? 'none'
}
