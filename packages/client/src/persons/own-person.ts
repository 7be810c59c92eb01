import { type Clock, within } from '@conclave/base'
import {
  type PersonCertificate,
  type SigningKeys,
  certifySession,
  ensurePersonKeys,
} from '@conclave/e2ee/session'
import type { RoomId } from '@conclave/wire'
import { type ConfirmedPerson, requireConfirmed } from './confirmed-persons.ts'
import type { PersonId } from './person-id.ts'
import { type PersonStorage, pagePersonStorage } from './person-storage.ts'

/** The person of a session. */
export interface OwnPerson {
  /** The person's word that the session is its own. */
  readonly certificate: PersonCertificate
  readonly storage: PersonStorage
  /** The persons whom it confirmed in this room. */
  readonly confirmed: readonly ConfirmedPerson[]
}

/** The person that certifies a session: of a storage, or the owner, who needs none. */
export interface CertifyingPerson {
  readonly id: PersonId
  readonly certificate: PersonCertificate
}

/** The storage that an application chose: its own, none, or by default that of the page. spec R85 */
export type PersonChoice = PersonStorage | false | undefined

/**
 * The person in a room, who certifies the session. `undefined` without a storage, and `failed` when the storage fails or
 * does not answer in time: the session has no person then. Never rejects. spec R85
 */
export async function certifyOwnPerson(
  choice: PersonChoice,
  {
    clock,
    keys: given,
    ...session
  }: {
    readonly room: RoomId
    readonly signingKey: Uint8Array
    readonly clock: Clock
    /** Of the room's owner, who is the person on its devices. Left out: the storage has them. spec R76 */
    readonly keys?: SigningKeys | undefined
  },
): Promise<OwnPerson | 'failed' | undefined> {
  const { room } = session
  const certify = async (): Promise<OwnPerson | undefined> => {
    const storage = choice === undefined ? pagePersonStorage() : choice
    if (storage === undefined || storage === false) return undefined
    const keys = given ?? (await ensurePersonKeys(room, { storage }))
    const certificate = await certifySession(keys, session)
    const confirmed = requireConfirmed(await storage.readConfirmed(room))
    return { certificate, storage, confirmed }
  }
  const failed = (): 'failed' => 'failed'
  const certifying = certify().catch(failed)
  return within(certifying, { clock, ms: STORAGE_PATIENCE_MS, late: failed })
}

/** Some browsers never answer a page whose database is damaged. */
const STORAGE_PATIENCE_MS = 3000
