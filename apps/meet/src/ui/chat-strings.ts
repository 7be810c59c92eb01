/**
 * The words of the chat.
 *
 * @module
 */

/** A part of the app's words, in English. */
export const chat = {
  title: 'Chat',
  message: 'Message',
  placeholder: 'Write to everyone',
  send: 'Send',
  sending: 'Sending…',
  failed: 'Not sent. Copy it and send it again.',
  you: 'You',
  back: 'Back to the call',
  newest: 'New messages',
  empty:
    'Only the people who are here now get your messages. They are gone when you leave or reload.',
  emptyKept:
    'The people in the call read your messages, and so does everyone who comes while the call lasts.',
  passedOn: (name: string): string =>
    `Written before you came, passed on by ${name === '' ? 'somebody in the call' : name}`,
  passedOnMeanwhile: (name: string): string =>
    `Written while you were away, passed on by ${name === '' ? 'somebody in the call' : name}`,
  missed: missedText,
  said: (name: string, text: string): string => `${name}: ${text}`,
}

/** Says how many messages did not come while this person was away. */
function missedText(count: number): string {
  const messages = count === 1 ? '1 message' : `${count > 999 ? 'more than 999' : count} messages`
  return `You missed ${messages} while you were away.`
}
