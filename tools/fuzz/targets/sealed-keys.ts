/** Sealed keys and prekeys, as carriers and directories bring them. */
import {
  choosePrekey,
  decodeSealedKeyHeader,
  openKey,
  PrekeyBook,
  sealKey,
  SeenKeys,
  X25519_KEM,
} from '@conclave/e2ee/exchange'
import { X_WING } from '@conclave/e2ee/exchange-hybrid'
import type { ExchangeKem, Prekey } from '@conclave/e2ee/exchange'
import { FuzzFailure, mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { expiresAt, holdRecord, isBytesOf, keysOf, makeBytes, NOW } from './exchange-inputs.ts'

/** Sealed keys, as carriers bring them. */
export const sealedKeys: FuzzTarget = {
  name: 'exchange/open-key',
  share: 5,
  async prepare() {
    const [alice, bob, mallory] = await Promise.all([keysOf(1), keysOf(2), keysOf(3)])
    const seal = (from: typeof alice, to: typeof alice, room: string, prekey?: Prekey) =>
      sealKey(new Uint8Array(32).fill(9), {
        ...{ from, to: to.identity, room, purpose: 'p', expiresAt, keyId: 'k', epoch: 7 },
        ...(prekey && { prekey }),
      })
    const storage = holdRecord()
    const book = new PrekeyBook({ keys: bob, storage })
    const times = { now: NOW, expiresAt }
    const offers = [...(await book.createOneTime({ count: 1, ...times }))]
    offers.push(await book.createLastResort(times))
    const [oneTime, last] = await Promise.all(
      offers.map(async (offer) => {
        const asked = { of: bob.identity, now: NOW, whenNone: 'last-resort' } as const
        const choice = await choosePrekey([offer], asked)
        return choice.type === 'chosen' ? choice.prekey : undefined
      }),
    )
    const real = await Promise.all([
      ...[seal(alice, bob, 'r-1'), seal(alice, bob, 'r-1', oneTime), seal(alice, bob, 'r-1', last)],
      seal(alice, bob, 'r-2'),
    ])
    const others = [
      ...[await seal(mallory, bob, 'r-1'), await seal(alice, mallory, 'r-1')],
      await seal(bob, bob, 'r-1'),
    ]
    const valid = [...real, ...others]
    return {
      async attempt(random, note) {
        const input = makeBytes(random, valid)
        const room = random.pick(['r-1', 'r-2'])
        note({ input, room })
        const header = decodeSealedKeyHeader(input)
        const prekeys = new PrekeyBook({ keys: bob, storage: holdRecord(storage.record()) })
        const options = {
          ...{ to: bob, from: alice.identity, room, purpose: 'p', now: NOW },
          ...{ seen: new SeenKeys({ storage: 'none' }), prekeys },
        }
        const answer = await openKey(input, options)
        if (answer.type === 'dropped') {
          mustHold((header === undefined) === (answer.reason === 'malformed'), 'readers agree')
          return answer.reason
        }
        const ofRoom = room === 'r-1' ? real.slice(0, 3) : real.slice(3)
        if (!ofRoom.some((bytes) => isBytesOf(input, bytes)))
          throw new FuzzFailure('forged', 'opened what Alice did not seal for this room')
        const again = await openKey(input, options)
        const isOnce = answer.sealedTo === 'one-time-prekey'
        const reason = again.type === 'dropped' && again.reason
        mustHold(reason === (isOnce ? 'used-prekey' : 'replay'), 'opens once')
        return answer.sealedTo
      },
    }
  },
}

/** Prekeys of a kind, as directories offer them. */
const prekeysOf = (name: string, share: number, kem: ExchangeKem): FuzzTarget => ({
  name,
  share,
  async prepare() {
    const [bob, mallory] = await Promise.all([keysOf(2), keysOf(3)])
    const times = { now: NOW, expiresAt }
    const book = new PrekeyBook({ keys: bob, kem, storage: 'none' })
    const last = await book.createLastResort(times)
    const real = [...(await book.createOneTime({ count: 2, ...times })), last]
    const theirs = new PrekeyBook({ keys: mallory, kem, storage: 'none' })
    const others = await theirs.createOneTime({ count: 1, ...times })
    return {
      async attempt(random, note) {
        const whenNone = random.pick(['refuse', 'last-resort'] as const)
        const length = random.pick([0, 1, 1, 1, 2, 3])
        const offers = Array.from({ length }, () => makeBytes(random, [...real, ...others]))
        note({ offers, whenNone })
        const choice = await choosePrekey(offers, { of: bob.identity, now: NOW, whenNone, kem })
        if (choice.type === 'refused') {
          const wanted = whenNone === 'refuse' ? real.slice(0, 2) : real
          mustHold(!wanted.some((bytes) => offers.includes(bytes)), 'a good prekey is chosen')
          return choice.reason
        }
        if (!offers.some((offer) => real.some((bytes) => isBytesOf(offer, bytes))))
          throw new FuzzFailure('forged', 'chose what Bob did not sign')
        return choice.prekey.use
      },
    }
  },
})

/** Prekeys, as directories offer them. */
export const prekeys: readonly FuzzTarget[] = [
  prekeysOf('exchange/prekey', 8, X25519_KEM),
  prekeysOf('exchange/hybrid-prekey', 2, X_WING),
]
