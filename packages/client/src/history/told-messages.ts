import { equalBytes } from '@conclave/base'
import { deriveParticipantId, verifyPerson, verifyRoomMessage } from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { MESSAGE_KINDS, decodeChat } from '../messages/bodies.ts'
import { derivePersonId } from '../persons/person-id.ts'
import type { HistoryPage, ToldAuthor } from './history-body.ts'
import type { Author, SignedMessage } from './history-log.ts'

/** The messages of a page. */
export interface OpenedPage {
  /** Those whose signature verified, in the order of the page. */
  readonly messages: readonly SignedMessage[]
  /** How many others there were. */
  readonly forged: number
}

/** The surroundings of a page. */
export interface PageContext {
  readonly room: RoomId
  readonly toldBy: ParticipantId
  /** A session that introduced itself here: this says more than what is told of it. */
  readonly authorOf: (participant: ParticipantId) => Author | undefined
}

/**
 * Verifies the messages of a page: that the session of a signing key signed each of them for this room as a message of
 * the chat, and that a person vouches for the session. Everything else about them is the word of the member that tells them.
 * spec R64
 */
export async function openPage(page: HistoryPage, context: PageContext): Promise<OpenedPage> {
  const { room, toldBy } = context
  const authors = await Promise.all(page.authors.map((author) => openAuthor(author, context)))
  const opened = await Promise.all(
    page.messages.map(async ({ author: index, sequence, body }) => {
      const author = authors[index]
      if (author === undefined) return undefined
      const place = { room, sequence: BigInt(sequence), kind: MESSAGE_KINDS.chat }
      const content = await verifyRoomMessage(body, { ...place, signingKey: author.signingKey })
      const chat = content && decodeChat(content)
      return chat && { author, sequence, body, chat, toldBy }
    }),
  )
  const messages = opened.filter((message) => message !== undefined)
  return { messages, forged: page.messages.length - messages.length }
}

const openAuthor = async (
  { signingKey, name, person }: ToldAuthor,
  { room, authorOf }: PageContext,
): Promise<Author | undefined> => {
  const id = await deriveParticipantId(signingKey)
  if (id === undefined) return undefined
  const known = authorOf(id)
  if (known !== undefined && equalBytes(known.signingKey, signingKey)) {
    return { ...known, name: known.name || name }
  }
  const told = { id, signingKey, name }
  if (person === undefined) return { ...told, person: undefined, certificate: undefined }
  if (!(await verifyPerson(person, { room, signingKey }))) return undefined
  const { personKey } = person
  return { ...told, person: await derivePersonId(personKey, { room }), certificate: person }
}
