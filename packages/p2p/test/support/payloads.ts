/** The payload protector that ships, over a secret that tests can name. */
import { createSignalProtector, SharedKeySource } from '@conclave/e2ee'
import type { PayloadProtector } from '@conclave/p2p'

export const createPayloadProtector = (
  self: string,
  { secret = 1, room = 'room' }: { readonly secret?: number; readonly room?: string } = {},
): PayloadProtector =>
  createSignalProtector(new SharedKeySource(new Uint8Array(32).fill(secret)), { room, self })
