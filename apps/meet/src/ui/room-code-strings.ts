/**
 * The words about the room code.
 *
 * @module
 */

/** The words about the code by which people compare whom they see, and about those who are confirmed. */
export const roomCode = {
  title: 'Check who is here',
  how: 'Read this code to each other. If everybody has the same one, only the people listed here are in the call.',
  differs:
    'If somebody still has another one after a moment, somebody stands between you: leave, make a new room, and send its link in another way.',
  label: 'Code',
  pending: 'The code comes in a moment.',
  waiting: (names: readonly string[]): string => `Waiting for ${names.join(', ')}.`,
  none: 'A code appears when up to 32 devices are in the call.',
  people: 'People to confirm',
  confirm: 'Confirm',
  confirmName: (name: string): string => `Confirm ${name}`,
  confirmed: 'Confirmed',
  takeBack: 'Undo',
  takeBackName: (name: string): string => `Undo the confirmation of ${name}`,
  hint: 'Confirm people whose voice you know, once the codes are the same. A check mark stands beside their names then, also next time.',
  otherKey: 'Not the person that you confirmed under this name, or on another device',
  close: 'Close',
  nobodyKept:
    'This browser keeps nothing for this page. After a reload others see you as somebody new.',
}
