/**
 * Plain words for the facts about a room: what holds, for what, and because of what.
 *
 * @module
 */
import type { ContentProperties, RoomCondition, RoomFact, RoomProperties } from '@conclave/client'

/** A sort of content. */
export type Content = Exclude<keyof RoomProperties, 'admission'>

/** A property in words, and the answer for each sort of content. */
export interface FactLine {
  readonly property: string
  readonly answers: readonly { readonly contents: readonly Content[]; readonly answer: string }[]
}

/** The facts about a room in words, those that people ask about first; contents with one answer stand together. */
export function factLines(facts: RoomProperties): readonly FactLine[] {
  const lines = PROPERTIES.map((name) => {
    const answers = new Map<string, Content[]>()
    for (const content of CONTENTS) {
      const answer = answerOf(facts[content][name])
      answers.set(answer, [...(answers.get(answer) ?? []), content])
    }
    return {
      property: factWords.property[name],
      answers: [...answers].map(([answer, contents]) => ({ contents, answer })),
    }
  })
  const admission = { contents: [], answer: answerOf(facts.admission) }
  return [{ property: factWords.property.admission, answers: [admission] }, ...lines]
}

/** A fact in words, as in `yes: each message is signed`. */
export function answerOf({ holds, because }: RoomFact): string {
  return `${factWords.holds[holds]}: ${because.map((code) => factWords.condition[code]).join(', ')}`
}

const CONTENTS: readonly Content[] = ['messages', 'media', 'direct']
const PROPERTIES: readonly (keyof ContentProperties)[] = [
  'senderAuth',
  'rekeyOnLeave',
  'closedToNewcomers',
  'memberAuth',
  'forwardSecrecy',
  'postCompromise',
]

/** The words. */
export const factWords = {
  title: 'What holds in this room now',
  content: {
    messages: 'Chat and names',
    media: 'Video and audio',
    direct: 'Between two devices',
  } satisfies Record<Content, string>,
  property: {
    admission: 'Somebody must let you in',
    senderAuth: 'Nobody here can pose as somebody else',
    rekeyOnLeave: 'Who left or was taken out gets nothing more',
    closedToNewcomers: 'Newcomers get nothing from before',
    memberAuth: 'Nobody can take the place of somebody listed',
    forwardSecrecy: 'Stolen keys open nothing from before',
    postCompromise: 'Stolen keys open nothing from later',
  } satisfies Record<keyof ContentProperties | 'admission', string>,
  holds: { yes: 'yes', no: 'no', 'per-epoch': 'for keys that have ended' },
  condition: {
    'sessions-ended': 'once both devices have left the call',
    'same-delivery-keys': 'new keys travel under the same ones until the call ends',
    'signed-by-session': 'each message is signed',
    'keys-of-pair': 'only the two have the key',
    'connection-of-pair': 'each person’s comes over a connection with that person',
    'signed-in-batches':
      'each person signs it, and what somebody else sends stops after some seconds',
    'granted-keys-seal': 'everyone in the call has the key',
    'roster-shows-readers': 'everyone who can open it is in the list of participants',
    'keys-from-now-on': 'the key that they are given opens nothing earlier',
    'members-repeat-chat': 'people in the call repeat the chat to them',
    'ids-certify-keys': 'names stand for keys, and the room code shows whether all see the same',
    'link-admits': 'the link is all that it takes',
    'hosts-admit': 'the maker of the room or a host does',
    'room-locked': 'the maker of the room has closed it',
    'secrets-deleted': 'if nobody keeps an earlier secret',
    'passphrase-not-guessed': 'if nobody guesses the passphrase',
    'deliveries-closed': 'if nobody opens the messages that brought the keys',
    'leaving-is-told': 'if the keys are told of it',
    'one-secret': 'all have one secret',
    'application-keys': 'the application brings the keys',
    'members-unproved': 'nothing proves it',
  } satisfies Record<RoomCondition, string>,
}
