/**
 * The parts of one session that judge who belongs to its room, connected with its messages.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { OwnerKeys, PersonCertificate } from '@conclave/e2ee/authority'
import type { SessionKeys } from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { Introductions } from '../messages/introductions.ts'
import type { RoomMessages } from '../messages/room-messages.ts'
import type { Transport } from '../transport.ts'
import type { Admission } from './admission.ts'
import { NewLinks } from './new-link.ts'
import { Renewal } from './renewal.ts'
import { RoomControl } from './room-control.ts'
import { StatementExchange } from './statement-exchange.ts'

/** The owner on this device. */
export interface OwnOwner {
  readonly keys: OwnerKeys
  /** The owner's word that the session is its own. */
  readonly certificate: PersonCertificate
}

/** The parts that judge. */
export interface Governance {
  readonly admission: Admission
  readonly control: RoomControl
  /** `undefined` when nobody owns the room. */
  readonly exchange: StatementExchange | undefined
  /** `undefined` when nobody owns the room. */
  readonly links: NewLinks | undefined
  /** Ends the timers. */
  close(): void
}

/** Connects the parts that judge with the messages of their session. */
export function composeGovernance(parts: {
  readonly room: RoomId
  readonly session: SessionKeys
  readonly admission: Admission
  readonly messages: RoomMessages
  readonly introductions: Introductions | undefined
  readonly transport: Transport
  readonly owner: OwnOwner | undefined
  readonly certificate: PersonCertificate | undefined
  readonly clock: Clock
  readonly flooded: () => void
  /** The fingerprint of the room's owner. */
  readonly fingerprint: Uint8Array | undefined
}): Governance {
  const { room, session, admission, messages, introductions, transport, clock, ...rest } = parts
  const { authority } = admission
  const exchange =
    authority &&
    new StatementExchange({
      ...{ authority, clock, flooded: rest.flooded },
      peers: () => admission.members,
      send: (to, body) => messages.send(to, MESSAGE_KINDS.statements, body),
      agreed: (peer) => admission.newest.agreed(peer),
      learned: () => admission.stated(),
    })
  const tellHub = (participant: ParticipantId): void => {
    const proof = authority?.removalProof(participant)
    if (proof !== undefined) transport.remove?.(participant, proof)
  }
  admission.on('returned', ({ participant }) => tellHub(participant))
  const links =
    rest.fingerprint &&
    new NewLinks({
      ...{ room, owner: rest.fingerprint },
      personOf: (participant) => introductions?.of(participant)?.personKey,
      moved: (path) => admission.moved(path),
    })
  const control = new RoomControl({
    ...{ room, session, clock, admission, exchange, links },
    send: (to, body) => messages.send(to, MESSAGE_KINDS.move, body),
    ...{ owner: rest.owner, certificate: rest.certificate },
    roster: () => admission.members,
    introductionOf: (participant) => introductions?.of(participant),
    removed: (participant) => tellHub(participant),
  })
  messages.on('joined', ({ participant }) =>
    exchange?.met(participant, introductions?.of(participant)),
  )
  messages.on('left', ({ participant }) => exchange?.forget(participant))
  const renewal = new Renewal({
    ...{ self: session.id, admission, clock, ownerKey: rest.owner?.keys.publicKey },
    due: () => admission.renewalDue(),
  })
  const close = (): void => {
    exchange?.close()
    renewal.close()
    admission.close()
  }
  return { admission, control, exchange, links, close }
}
