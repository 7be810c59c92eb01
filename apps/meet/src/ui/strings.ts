/**
 * Every word that a person reads or hears, in one place.
 *
 * @module
 */
import type { LinkFault } from '../state/client-port.ts'
import type { DeviceFault, RecordingDevice } from '../state/media-port.ts'
import type { NoticeContent } from '../state/notices.ts'

/** The words of the app, in English. */
export const strings = {
  product: 'Conclave',
  guest: 'Guest',

  start: {
    title: 'Calls that only the people in them can see, hear and read.',
    lead: 'Make a room and send the link. No account, nothing to install.',
    newRoom: 'New room',
    making: 'Making a room…',
    failed: 'The room could not be made. Try again.',
    or: 'or',
    haveLink: 'Have a link? Paste it',
    placeholder: 'https://…/r/…',
    open: 'Open',
    notALink: 'That is not a room link of this place. Copy the whole link and paste it again.',
  },

  protection: {
    short: 'End-to-end encrypted',
    sentence:
      'Only people with this link can see, hear and read what happens here. The server cannot.',
    details: 'What is protected, and what is not',
    protectedTitle: 'Only the people in the call have it',
    protectedItems: [
      'Pictures, sound and shared screens',
      'Chat and names',
      'The addresses and keys that set up the call between your devices',
    ],
    visibleTitle: 'What the server still sees',
    visibleItems: [
      'That some device with your network address is in some room, from when until when',
      'How much is sent',
      'It never sees the part of the link after #, and that part opens everything',
    ],
    limitsTitle: 'What nobody can promise you',
    limitsItems: [
      'Whoever has the link can join: send it only to people whom you want here',
      'People in the call can record it',
      'This page comes from the server: who does not trust it should run their own',
    ],
  },

  lobby: {
    title: 'Ready to join?',
    name: 'Your name',
    namePlaceholder: 'What others call you',
    nameHint: 'Others in the room see it. The server does not.',
    join: 'Join',
    joining: 'Joining…',
    cancel: 'Cancel',
    preview: 'Your camera',
    asking:
      'Allow the camera and microphone, so that others can see and hear you. You can also join without.',
    askingMicrophone:
      'Allow the microphone, so that others can hear you. You can also join without.',
    askingCamera: 'Allow the camera, so that others can see you. You can also join without.',
    cameraOff: 'Your camera is off',
    opening: 'Starting the camera…',
    withoutIt: 'You can also join without it.',
    watchOnly: 'You can also join to watch and listen: nobody will see or hear you then.',
    failed: 'Joining did not work. Try again.',
    full: 'The room is full. Try again when somebody has left.',
    waiting: 'The server cannot be reached. Trying again by itself…',
    returning: 'Coming back to the call…',
    level: 'Microphone level',
    heard: 'Your microphone hears you.',
    silent: 'Say something: nothing is heard yet.',
    muted: 'Your microphone is off. You can turn it on at any time.',
  },

  devices: {
    title: 'Settings',
    microphone: 'Microphone',
    camera: 'Camera',
    speaker: 'Speaker',
    standard: 'Standard device',
    unnamed: (number: number): string => `Device ${number}`,
    none: 'None found',
    shortcuts: 'Keys',
    close: 'Close',
  },

  shortcuts: [
    ['M', 'Microphone on or off'],
    ['V', 'Camera on or off'],
    ['C', 'Open or close the chat'],
  ],

  call: {
    title: 'Call',
    participants: 'Participants',
    controls: 'Call controls',
    microphone: 'Microphone',
    camera: 'Camera',
    shareScreen: 'Share screen',
    leave: 'Leave',
    copyLink: 'Copy link',
    settings: 'Settings',
    openChat: 'Open chat',
    closeChat: 'Close chat',
    turnOnSound: 'Turn on sound',
    reconnecting: 'Reconnecting…',
    alone: 'You are the only one here',
    aloneHint: 'Send the link to the people you want to talk to.',
    sharing: 'You are sharing your screen',
    stopSharing: 'Stop sharing',
    you: (name: string): string => `${name} (you)`,
    youShort: 'You',
    screenOf: (name: string): string => `${name}’s screen`,
    microphoneOff: 'microphone off',
    waitingKey: 'Waiting for the key',
    failed: 'Cannot be verified: not shown',
    connecting: 'Connecting…',
    interrupted: 'Connection lost. Reconnecting…',
    cameraOff: 'camera off',
    unread: (count: number): string => (count === 1 ? '1 new message' : `${count} new messages`),
  },

  chat: {
    title: 'Chat',
    message: 'Message',
    placeholder: 'Write to everyone',
    send: 'Send',
    sending: 'Sending…',
    earlier: 'Show earlier messages',
    you: 'You',
    back: 'Back to the call',
    empty: 'Messages are for the people who are here now. They are gone when the call ends.',
    said: (name: string, text: string): string => `${name}: ${text}`,
  },

  ended: {
    left: 'You left',
    leftHint: 'Microphone and camera are off.',
    replaced: 'This call goes on somewhere else',
    replacedHint: 'It was opened in another window. Microphone and camera are off here.',
    full: 'The room is full',
    fullHint: 'Others took the last places while you were disconnected. Try to come back later.',
    refused: 'The server ended this call',
    refusedHint: 'It does not let this page in any more. Try to come back, or make a new room.',
    rejoin: 'Rejoin',
    newRoom: 'New room',
  },

  badLink: {
    title: 'This link does not open a room',
    'not-a-room':
      'It names no room, or only part of one. Ask for the whole link again and open it unchanged.',
    'missing-secret':
      'Its secret, the part after #, is missing. Ask for the whole link again: some apps cut that part off.',
    'damaged-secret':
      'Its secret, the part after #, is damaged. Ask for the whole link again and copy it in one piece.',
    'wrong-secret':
      'The secret in it, the part after #, belongs to another room. Ask for the whole link again and open it unchanged.',
    newRoom: 'New room',
  } satisfies Record<LinkFault | 'title' | 'newRoom', string>,

  unsupported: {
    title: 'This browser cannot take part',
    sentence:
      'It lacks what encrypts a call on your device, and without that nothing is sent. Open this link in a current Chrome, Edge or Firefox.',
    insecure:
      'This address is not secure (https), so the browser does not allow encryption here. Open the link with https.',
    missing: 'What is missing',
  },

  nowhere: {
    title: 'There is nothing here',
    hint: 'The address may be mistyped.',
    home: 'Start page',
  },

  deviceFault: deviceFault,
  notice: noticeText,
}

const nouns: Readonly<Record<RecordingDevice, string>> = {
  microphone: 'microphone',
  camera: 'camera',
}

/** Says why a device is not open, and what to do. */
function deviceFault(fault: DeviceFault, devices: readonly RecordingDevice[]): string {
  const what = devices.map((device) => nouns[device]).join(' and the ')
  const button = devices.length === 1 && devices[0] === 'camera' ? 'Camera' : 'Microphone'
  switch (fault) {
    case 'denied':
      return `This page may not use the ${what}. To allow ${devices.length > 1 ? 'them' : 'it'}, press the sign beside the address of this page.`
    case 'missing':
      return `No ${devices.map((device) => nouns[device]).join(' and no ')} was found.`
    case 'busy':
      return `The ${what} cannot be started: another program may be using it. Close it there, then press ${button}.`
    case 'failed':
      return `The ${what} did not start. Press ${button} to try again.`
  }
}

/** Says what a notice is about. */
function noticeText(notice: NoticeContent): string {
  switch (notice.type) {
    case 'joined':
      return `${notice.name} joined`
    case 'left':
      return `${notice.name} left`
    case 'sharing':
      return `${notice.name} is sharing a screen`
    case 'link-copied':
      return 'Link copied'
    case 'copy-failed':
      return 'The link could not be copied. Copy it from the address bar.'
    case 'share-failed':
      return 'The screen could not be shared.'
    case 'unverified-media':
      return `Some of what ${notice.name} sends cannot be verified. It is not shown.`
    case 'unverified-messages':
      return 'Something arrived that could not be verified. It was dropped.'
    case 'messages-lost':
      return 'Some messages did not arrive here.'
    case 'speaking-muted':
      return 'Your microphone is off: nobody hears you.'
    case 'device-lost':
      return `The ${nouns[notice.device]} was disconnected.`
    case 'device-refused':
      return `The ${nouns[notice.device]} could not be started. The page may not be allowed to use it.`
  }
}
