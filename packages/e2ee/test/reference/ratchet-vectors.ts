/**
 * Makes `spec/vectors/keys-ratchet.json` from the chapter only, with `node:crypto`:
 * `node packages/e2ee/test/reference/ratchet-vectors.ts`
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exportKey, u64 } from './node-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const id = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) & 255))

const derive = (chain: Uint8Array, label: string, epoch: bigint): Buffer =>
  exportKey(chain, { label, context: Buffer.alloc(0), length: 32, epoch })

/** spec K28 */
const rootOf = (chain: Uint8Array, epoch: bigint): Buffer =>
  derive(chain, 'conclave/1 ratchet root', epoch)
/** spec K24, K28 */
const nextOf = (secret: Uint8Array, epoch: bigint): Buffer =>
  derive(secret, 'conclave/1 ratchet', epoch)

/** spec K29 */
const grantOf = (
  kind: number,
  participant: Uint8Array,
  epoch: bigint,
  secret: Uint8Array,
): Buffer => Buffer.concat([Buffer.from([1, kind]), participant, u64(epoch), secret])

export function makeRatchetVectors(): object {
  const [alice, chain] = [counting(0xa0, 16), counting(0x40, 32)]
  const request = { label: 'conclave/1 payload', context: counting(1, 48), length: 32 }
  const epochs = [0n, 1n, 2n ** 32n + 1n, 2n ** 64n - 2n]
  const good = grantOf(2, alice, 7n, chain)
  const wrong = (why: string, bytes: Uint8Array): object => ({ why, bytes: hex(bytes) })
  const put = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(good)
    bytes[at] = value
    return bytes
  }
  return {
    about:
      'Chapter keys, sections 5 and 6. Bytes are hexadecimal, ids base64url, epochs decimal. `exported` is what `request` gives under the root of the epoch.',
    request: { ...request, context: hex(request.context) },
    shared: epochs.map((epoch) => {
      const next = nextOf(chain, epoch)
      const exported = exportKey(next, { ...request, epoch: epoch + 1n })
      return { secret: hex(chain), epoch: `${epoch}`, next: hex(next), exported: hex(exported) }
    }),
    participant: epochs.map((epoch) => {
      const [root, next] = [rootOf(chain, epoch), nextOf(chain, epoch)]
      const nextRoot = rootOf(next, epoch + 1n)
      return {
        participant: id(alice),
        ...{ epoch: `${epoch}`, chain: hex(chain), root: hex(root) },
        ...{ nextChain: hex(next), nextRoot: hex(nextRoot) },
        following: hex(grantOf(2, alice, epoch, chain)),
        prepared: hex(grantOf(3, alice, epoch, chain)),
        epochAlone: hex(grantOf(1, alice, epoch, root)),
        exported: hex(exportKey(root, { ...request, epoch })),
        exportedNext: hex(exportKey(nextRoot, { ...request, epoch: epoch + 1n })),
      }
    }),
    refusedGrants: [
      wrong('no bytes', Buffer.alloc(0)),
      wrong('one byte short', good.subarray(0, -1)),
      wrong('one byte long', Buffer.concat([good, Buffer.alloc(1)])),
      wrong('version 0', put(0, 0)),
      wrong('version 2', put(0, 2)),
      wrong('kind 0', put(1, 0)),
      wrong('kind 4', put(1, 4)),
    ],
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    new URL('../../../../spec/vectors/keys-ratchet.json', import.meta.url),
    `${JSON.stringify(makeRatchetVectors(), null, 2)}\n`,
  )
}
