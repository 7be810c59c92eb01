/** People who invite each other, and the steps that they take. */
import { generateExchangeKeys, InvitationBook, requestInvitation } from '@conclave/e2ee/exchange'
import type { AcceptedOrRefused, AnsweredOrRefused, Invitation } from '@conclave/e2ee/exchange'
import { rootOf } from '../fixtures.ts'
import type { TestStorage } from '../test-storage.ts'

export const NOW = Date.UTC(2026, 10, 21)
export const HOUR = 3_600_000
export const [alice, bob, mallory] = [
  await generateExchangeKeys(),
  await generateExchangeKeys(),
  await generateExchangeKeys(),
]

export const openBook = (storage: TestStorage | 'none' = 'none'): InvitationBook =>
  new InvitationBook({ keys: alice, storage })
export const invite = (book: InvitationBook, room = 'room-42') =>
  book.create({ room, expiresAt: NOW + HOUR, now: NOW })
export async function ask(invitation: Invitation, keys = bob): Promise<Uint8Array<ArrayBuffer>> {
  const request = await requestInvitation(invitation, { keys, now: NOW })
  if (request.type !== 'request') throw new Error('expected a request')
  return request.bytes
}
const outcomeOf = (answer: AcceptedOrRefused): string =>
  answer.type === 'refused' ? answer.reason : answer.type
export const accept = async (book: InvitationBook, bytes: unknown, now = NOW, room?: string) =>
  outcomeOf(await book.accept(bytes, { now, ...(room !== undefined && { room }) }))
export const answer = (
  book: InvitationBook,
  id: string,
  key = rootOf(7),
): Promise<AnsweredOrRefused> =>
  book.answer(key, { invitation: id, now: NOW, expiresAt: NOW + HOUR })
