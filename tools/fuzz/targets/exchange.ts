/** Keys, identities and invitations, as carriers, cameras and people bring them. */
import {
  encodeIdentity,
  encodeInvitation,
  InvitationBook,
  openInvitationAnswer,
  parseIdentity,
  parseInvitation,
  PrekeyBook,
  requestInvitation,
  restoreExchangeKeys,
  sealKey,
  SeenKeys,
} from '@conclave/e2ee/exchange'
import { hostileCopy, hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText } from '../mutate.ts'
import { codeOf, FuzzFailure, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import {
  expiresAt,
  holdRecord,
  isBytesOf,
  isTyped,
  keysOf,
  makeBytes,
  NOW,
} from './exchange-inputs.ts'
import { prekeys, sealedKeys } from './sealed-keys.ts'

const texts: FuzzTarget = {
  name: 'exchange/texts',
  share: 25,
  async prepare() {
    const keys = await keysOf(1)
    const book = new InvitationBook({ keys, storage: 'none' })
    const { invitation } = await book.create({ room: 'räum', expiresAt, now: NOW })
    const valid = (['link', 'qr'] as const).flatMap((form) => [
      encodeIdentity(keys.identity, form),
      encodeInvitation(invitation, form),
    ])
    return {
      attempt(random, note) {
        const input = random.oneIn(5) ? hostileValue(random) : mutateText(random, valid, 80)
        note(input)
        const identity = parseIdentity(input)
        const parsed = parseInvitation(input)
        mustHold(identity === undefined || parsed === undefined, 'no text is two things')
        if (identity !== undefined) {
          const known = [encodeIdentity(identity, 'link'), encodeIdentity(identity, 'qr')]
          mustHold(isSpelling(String(input), known), 'the text of its identity')
          return 'identity'
        }
        if (parsed === undefined) return 'refused'
        const known = [encodeInvitation(parsed, 'link'), encodeInvitation(parsed, 'qr')]
        mustHold(isSpelling(String(input), known), 'the text of its invitation')
        mustHold(JSON.stringify(parsed).length < 40, 'does not show itself')
        return 'invitation'
      },
    }
  },
}

const invitations: FuzzTarget = {
  name: 'exchange/invitation',
  share: 4,
  async prepare() {
    const [alice, bob, mallory] = await Promise.all([keysOf(1), keysOf(2), keysOf(3)])
    const book = new InvitationBook({ keys: alice, storage: 'none' })
    const { invitation: kept } = await book.create({ room: 'r-1', expiresAt, now: NOW })
    const { invitation: spent } = await book.create({ room: 'r-1', expiresAt, now: NOW })
    const requests = await Promise.all(
      [kept, spent].map((invitation) => requestInvitation(invitation, { keys: bob, now: NOW })),
    )
    const valid = requests.flatMap((request) => (request.type === 'request' ? [request.bytes] : []))
    const [first = new Uint8Array(), second = new Uint8Array()] = valid
    const accepted = await book.accept(second, { now: NOW })
    if (accepted.type !== 'accepted') throw new Error('expected to be accepted')
    const key = new Uint8Array(32).fill(4)
    const answering = { invitation: accepted.invitation, now: NOW, expiresAt }
    const answered = await book.answer(key, answering)
    if (answered.type !== 'answered') throw new Error('expected to be answered')
    const { answer } = answered
    const others = [
      await sealKey(key, { from: mallory, to: bob.identity, room: 'r-1', purpose: 'p', expiresAt }),
      await sealKey(key, { from: alice, to: bob.identity, room: 'r-1', purpose: 'p', expiresAt }),
    ]
    return {
      async attempt(random, note) {
        if (random.oneIn(2)) {
          const input = makeBytes(random, valid)
          note(input)
          if (isBytesOf(input, first)) return 'the open one, kept'
          const outcome = await book.accept(input as Uint8Array, { now: NOW })
          if (outcome.type === 'accepted') throw new FuzzFailure('forged', 'accepted nobody')
          if (outcome.type === 'refused') return outcome.reason
          if (!isBytesOf(input, second))
            throw new FuzzFailure('forged', 'answered a request that Bob did not make')
          mustHold(isBytesOf(outcome.answer, answer), 'the same answer')
          return 'answered again'
        }
        const input = makeBytes(random, [answer, ...others])
        note(input)
        const opened = await openInvitationAnswer(input, { invitation: spent, to: bob, now: NOW })
        if (opened.type === 'dropped') return opened.reason
        if (!isBytesOf(input, answer))
          throw new FuzzFailure('forged', 'opened what nobody answered')
        return 'opened'
      },
      async finish() {
        const outcome = await book.accept(first, { now: NOW })
        mustHold(outcome.type === 'accepted', 'the invitation that nobody used is still open')
      },
    }
  },
}

/** The records of a book with an invitation that is open, accepted and answered. */
async function makeBookRecords(): Promise<Uint8Array[]> {
  const [alice, bob] = await Promise.all([keysOf(1), keysOf(2)])
  const storage = holdRecord()
  const records: Uint8Array[] = []
  const keep = (): void => void records.push(storage.record() ?? new Uint8Array())
  const book = new InvitationBook({ keys: alice, storage })
  const { id, invitation } = await book.create({ room: 'r', expiresAt, now: NOW })
  keep()
  const request = await requestInvitation(invitation, { keys: bob, now: NOW })
  if (request.type === 'request') await book.accept(request.bytes, { now: NOW })
  keep()
  await book.answer(new Uint8Array(32).fill(4), { invitation: id, now: NOW, expiresAt })
  keep()
  return records
}

const records: FuzzTarget = {
  name: 'exchange/stored-records',
  share: 8,
  async prepare() {
    const keys = await keysOf(1)
    const senderId = 'AAAAAAAAAAAAAAAAAAAAAA'
    let stored: Uint8Array = new Uint8Array()
    const recorder = {
      read: async () => undefined,
      write: async (bytes: Uint8Array) => {
        stored = new Uint8Array(bytes)
        return '1'
      },
    }
    const seen = new SeenKeys({ storage: recorder })
    await seen.admit({ id: 'AAAAAAAAAAAAAAAAAAAAAQ', senderId, expiresAt }, NOW)
    const seenRecord = stored
    const books = await makeBookRecords()
    const times = { expiresAt, now: NOW }
    await new PrekeyBook({ keys, storage: recorder }).createOneTime({ count: 2, ...times })
    const prekeyRecord = stored
    return {
      async attempt(random, note) {
        const bytes = mutateBytes(random, [seenRecord, prekeyRecord, ...books])
        note(bytes)
        let writes = 0
        const storage = {
          read: async () => ({ bytes, version: '1' }),
          write: async () => {
            writes += 1
            return '2'
          },
        }
        try {
          if (random.oneIn(3)) {
            await new PrekeyBook({ keys, storage }).removeExpired({ now: expiresAt })
            return 'a record of prekeys'
          }
          if (random.oneIn(2)) {
            await new SeenKeys({ storage }).admit(
              { id: 'AAAAAAAAAAAAAAAAAAAAAg', senderId, expiresAt },
              NOW,
            )
            return 'a record of keys'
          }
          await new InvitationBook({ keys, storage }).list({ now: NOW })
          return 'a record of invitations'
        } catch (error) {
          mustHold(writes === 0, 'nothing was written over it')
          return codeOf(error, new Set(['ERR_E2EE_STORAGE']))
        }
      },
    }
  },
}

const storedKeys: FuzzTarget = {
  name: 'exchange/restore-keys',
  share: 2,
  async prepare() {
    const keys = await keysOf(1)
    const stored = keys.toStored()
    const parts: readonly object[] = [stored.signing, stored.agreement]
    return {
      async attempt(random, note) {
        const part = random.oneIn(4)
          ? hostileValue(random)
          : hostileCopy(random, random.pick(parts))
        const mixed = { ...stored, [random.pick(['signing', 'agreement'])]: part }
        const input = random.oneIn(3) ? hostileCopy(random, stored) : mixed
        note(input)
        const restored = await restoreExchangeKeys(input)
        if (restored === undefined) return 'refused'
        const { signingKey, agreementKey } = restored.identity
        mustHold(toHex(signingKey) === toHex(keys.identity.signingKey), 'halves belong together')
        mustHold(
          toHex(agreementKey) === toHex(keys.identity.agreementKey),
          'halves belong together',
        )
        return 'restored'
      },
    }
  },
}

/** The link as it is; of the form for cameras what people may do to it. spec E5 */
const isSpelling = (text: string, [link, qr]: readonly string[]): boolean =>
  text === link || isTyped(text, qr)

/** The targets of `@conclave/e2ee/exchange`. */
export const EXCHANGE_TARGETS: readonly FuzzTarget[] = [
  ...[sealedKeys, ...prekeys, texts, invitations, records, storedKeys],
]
