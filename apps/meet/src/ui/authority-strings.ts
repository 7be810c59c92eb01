/**
 * The words about who may come into a call.
 *
 * @module
 */

/** A part of the app's words, in English. */
export const authorityStrings = {
  people: {
    title: 'People',
    here: 'People in the call',
    close: 'Close',
    remove: 'Take out',
    removeNamed: (name: string): string => `Take ${name} out of the call`,
    sure: 'They leave the call at once, and hear and read nothing from then on.',
    sureAndAsk:
      'They leave the call at once, and hear and read nothing from then on. You are asked before anybody comes in.',
    keep: 'Let stay',
    host: 'lets in and takes out',
    away: 'away',
    makeHost: 'May let in',
    makeHostNamed: (name: string): string => `${name} may let in and take out`,
    rule: 'Who can come in',
    rules: {
      open: 'Everybody who has the link',
      ask: 'People who have the link and are let in',
      locked: 'Nobody else',
    },
    newLink: 'New link',
    newLinkHint: 'Everyone who is here now goes on with it. The old link lets nobody in.',
  },

  asking: {
    wants: (name: string): string => `${name} wants to come in.`,
    waits: (name: string): string => `${name} waits to be let in.`,
    more: (count: number): string =>
      count === 1 ? '1 more person waits.' : `${count} more people wait.`,
    admit: 'Let in',
    refuse: 'Refuse',
  },

  waiting: {
    asking: {
      title: 'You asked to come in',
      text: 'The people in the call see your name. Until they let you in, nobody sees or hears you.',
    },
    locked: {
      title: 'Nobody can come in now',
      text: 'The call is closed to newcomers. You come in by yourself if that changes.',
    },
    leave: 'Leave',
  },
}
