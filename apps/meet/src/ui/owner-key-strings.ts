/**
 * The words about the host key.
 *
 * @module
 */

/** A part of the app's words, in English. They are loaded with the part of the page that shows them. */
export const ownerKeyStrings = {
  title: 'Be the host on another device',
  about:
    'You are the host because the host key of this room is in this browser. With the key you can be the host on another device, too.',
  show: 'Show the host key',
  hide: 'Hide the host key',
  label: 'Host key',
  warning:
    'Whoever has this key can do everything that you can: let in, take out, and decide who can come in. Show it to nobody, and send it to nobody but yourself. Only a new link ends that.',
  how: 'On the other device, open the link of this room, join, open People and press “I am the host”.',
  copy: 'Copy the host key',
  copied: 'Copied',
  notCopied: 'The browser did not copy it. Select the key and copy it yourself.',
  bound:
    'The host key of this room cannot leave this browser. Give the call a new link: the key of the new room can.',
  failed: 'That did not work. Try again.',

  enter: 'I am the host',
  enterHint:
    'The key is in the browser in which you made the room: open People there and press “Show the host key”.',
  enterNext: 'You come in again, as the host.',
  submit: 'Be the host here',
  malformed:
    'This is not a whole host key. Copy it again in one piece, or compare it character by character.',
  'other-owner': 'This is the host key of another room. Take the one of this room.',
}
