/**
 * Every word that a person reads or hears, in one place.
 *
 * @module
 */
import { authorityStrings } from './authority-strings.ts'
import { chat } from './chat-strings.ts'
import type { StoppedMedia } from '../state/stopped-media.ts'
import type { LinkFault } from '../state/client-port.ts'
import type { DeviceFault, RecordingDevice } from '../state/media-port.ts'
import type { NoticeContent } from '../state/notices.ts'
import { roomCode } from './room-code-strings.ts'

/** The words of the app, in English. */
export const strings = {
  product: 'Conclave',
  guest: 'Guest',

  start: {
    title: 'Calls that only the people in them can see, hear and read.',
    lead: 'End-to-end encrypted. Make a room and send the link. No account, nothing to install.',
    newRoom: 'New room',
    making: 'Making a room…',
    failed: 'The room could not be made. Try again.',
    or: 'or',
    haveLink: 'Have a link? Paste it',
    placeholder: 'https://…/r/…',
    open: 'Open',
    notALink:
      'There is no link to a room of this site in it. Copy the whole link and paste it again.',
    burnt:
      'An app has changed this link: the part after # may no longer be secret. Make a new room instead.',
  },

  protection: {
    short: ['End-to-end', 'encrypted'],
    unverified: 'Not all verified',
    sentence:
      'Only people with this link can see, hear and read what happens here. The server cannot.',
    addresses: 'People in the call can see your network address.',
    details: 'What is protected, and what is not',
    protectedTitle: 'Only the people in the call have it',
    protectedItems: [
      'Video, audio and shared screens',
      'Chat and names',
      'The keys that set up the call between your devices',
    ],
    visibleTitle: 'What the server still sees',
    visibleItems: [
      'Your network address, and when your device enters and leaves a room',
      'How much data is sent',
      'It never sees the part of the link after #, which opens everything',
    ],
    limitsTitle: 'What encryption does not hide',
    limitsItems: [
      'People in the call can see each other’s network address, because video and audio go directly between their devices',
      'Anyone who has the link can join, or ask to: send it only to the people you want here',
      'The link stands in the address bar: hide it when you share or record your screen',
      'People in the call can record it',
      'This page comes from the server: if you do not trust it, run your own',
    ],
  },

  roomCode,

  /** The page opened from this browser's own memory. */
  serverWasAway:
    'The server could not be reached when this page opened. You can go on: the call begins as soon as it is back.',

  lobby: {
    title: 'Ready to join?',
    name: 'Your name',
    namePlaceholder: 'What others call you',
    nameHint: 'Others in the room see it. The server does not.',
    join: 'Join',
    joining: 'Joining…',
    cancel: 'Cancel',
    inside: insideText,
    entry: {
      ask: 'Somebody in the call lets you in.',
      closed: 'The call lets nobody in at the moment.',
    },
    preview: 'Your camera',
    asking:
      'Allow the camera and microphone, so that others can see and hear you. You can also join without.',
    askingMicrophone:
      'Allow the microphone, so that others can hear you. You can also join without.',
    askingCamera: 'Allow the camera, so that others can see you. You can also join without.',
    cameraOff: 'Your camera is off',
    cameraFault: {
      denied: 'Your camera is not allowed',
      missing: 'No camera was found',
      busy: 'Your camera is in use by another program',
      failed: 'Your camera did not start',
    } satisfies Record<DeviceFault, string>,
    opening: 'Starting the camera…',
    withoutIt: 'You can also join without it.',
    watchOnly: 'You can also join to watch and listen: nobody will see or hear you then.',
    failed: 'Joining did not work. Try again.',
    full: 'The room is full. Try again when somebody has left.',
    waiting: 'The server cannot be reached. You join as soon as it is back.',
    otherTab:
      'You are in this call in another tab. If you enter it here too, you are in it twice and may hear an echo.',
    moveHere: 'Move the call to this tab',
    returning: 'Coming back to the call…',
    level: 'Microphone level',
    heard: 'Your microphone hears you.',
    silent: 'Say something: the microphone hears nothing yet.',
    muted: 'Your microphone is off. You can turn it on at any time.',
  },

  devices: {
    title: 'Settings',
    microphone: 'Microphone',
    camera: 'Camera',
    speaker: 'Speaker',
    standard: 'Default device',
    unnamed: (number: number): string => `Device ${number}`,
    none: 'None found',
    sounds: 'Sounds for arrivals, messages and the connection',
    notAllowed: 'Not allowed',
    shortcuts: 'Keyboard shortcuts',
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
    microphone: 'Mic',
    camera: 'Camera',
    shareScreen: 'Share screen',
    share: 'Share',
    leave: 'Leave',
    copyLink: 'Copy link',
    settings: 'Settings',
    openChat: 'Chat',
    closeChat: 'Close chat',
    turnOnSound: 'Turn on sound',
    reconnecting: 'The call goes on. Messages and newcomers wait for the server.',
    recording: (names: readonly string[]) => `Recording this call: ${names.join(', ')}.`,
    recordingOwn: 'You are recording this call. Everyone sees that.',
    stopped: {
      briefly: 'Video and audio have stopped for a moment. They come back by themselves.',
      outgoing:
        'Nobody sees or hears you: this browser no longer encrypts your video and audio, so they are stopped. Leave the call and join again.',
      incoming:
        'You see and hear nobody: this browser no longer checks their video and audio, so they are stopped. Leave the call and join again.',
      all: 'Video and audio are stopped, because they cannot be encrypted here. Leave the call and join again.',
    } satisfies Record<StoppedMedia, string>,
    alone: 'You are the only one here',
    aloneHint: 'Send the link to the people you want to talk to.',
    sharing: 'You are sharing your screen',
    stopSharing: 'Stop sharing',
    you: 'You',
    otherTab: 'You, elsewhere',
    screenOf: (name: string): string => `${name}’s screen`,
    microphoneOff: 'microphone off',
    waitingKey: 'Waiting for the key of this person',
    failed: 'Not shown, because it cannot be verified',
    connecting: 'Connecting…',
    interrupted: 'Connection lost. It comes back by itself.',
    away: 'Away at the moment',
    unreachable:
      'No connection to this person. Try another network, or switch off a VPN. Chat still works.',
    stalled: 'This picture has stopped. It comes back by itself.',
    soundStalled: 'The sound of this person has stopped. It comes back by itself.',
    cameraGone: 'The camera of this person is no longer there.',
    noPicture:
      'This picture cannot be shown here. Sound and chat may still work. Try another browser to see it.',
    noSound: 'No sound comes from this person. Chat still works. Try another browser to hear it.',
    noScreen: 'This screen cannot be shown here. Try another browser to see it.',
    cameraOff: 'camera off',
    unread: (count: number): string => (count === 1 ? '1 new message' : `${count} new messages`),
  },

  chat,

  ...authorityStrings,

  leaving: {
    title: 'Leave the call?',
    leave: 'Leave the call',
    stay: 'Stay',
  },

  ended: {
    left: 'You left',
    leftHint: 'Microphone and camera are off.',
    unsent: 'The last thing that you wrote was not sent.',
    replaced: 'You are in this call in another tab',
    replacedHint: 'Microphone and camera are off in this one.',
    full: 'The room is full',
    fullHint: 'Others took the last places while you were disconnected. Try again later.',
    refused: 'The server ended this call',
    refusedHint: 'You no longer have access. Try to rejoin, or make a new room.',
    unadmitted: 'You were not let in',
    unadmittedHint: 'Somebody in the call said no. Microphone and camera are off.',
    removed: 'You were taken out of the call',
    removedHint: 'Microphone and camera are off. You can ask to come back.',
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
    burnt:
      'An app on the way has changed it: its secret, the part after #, was sent to the server. Do not use this link any more. Make a new room and send its link.',
    newRoom: 'New room',
  } satisfies Record<LinkFault | 'burnt' | 'title' | 'newRoom', string>,

  unsupported: {
    title: 'This browser cannot take part',
    sentence:
      'It cannot encrypt a call on your device, and nothing is sent without encryption. Open this link in a current Chrome, Edge or Firefox.',
    insecure:
      'This address is not secure (https), so the browser does not allow encryption here. Open the link with https.',
    missing: 'Missing features',
  },

  nowhere: {
    title: 'There is nothing here',
    hint: 'The address may be mistyped.',
    home: 'Start page',
  },

  deviceFault: deviceFault,
  notice: noticeText,
}

const NOUNS: Readonly<Record<RecordingDevice, string>> = {
  microphone: 'microphone',
  camera: 'camera',
}

/** Says who is in the call: some names, and how many more. */
function insideText(names: readonly string[], count: number): string {
  const shown = names.slice(0, names.length > MAX_NAMED ? MAX_NAMED - 1 : MAX_NAMED)
  const others = count - shown.length
  if (shown.length === 0) return others === 1 ? 'One person is here' : `${others} people are here`
  const more = others === 1 ? ['one more person'] : others > 1 ? [`${others} others`] : []
  const all = [...shown, ...more]
  return `${LIST_FORMAT.format(all)} ${count === 1 ? 'is' : 'are'} here`
}

const MAX_NAMED = 4
const LIST_FORMAT = new Intl.ListFormat('en', { type: 'conjunction' })

/** Says why a device is not open, and what to do. */
function deviceFault(fault: DeviceFault, devices: readonly RecordingDevice[]): string {
  const what = devices.map((device) => NOUNS[device]).join(' and the ')
  const button =
    devices.length === 1 && devices[0] === 'camera' ? strings.call.camera : strings.call.microphone
  switch (fault) {
    case 'denied':
      return `This page may not use the ${what}. To allow ${devices.length > 1 ? 'them' : 'it'}, click the icon in the address bar.`
    case 'missing':
      return `No ${devices.map((device) => NOUNS[device]).join(' and no ')} was found.`
    case 'busy':
      return `The ${what} cannot be started: another program may be using it. Close that program, then press ${button}.`
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
    case 'removed':
      return `${notice.name} was taken out of the call`
    case 'rule-open':
      return 'From now on everybody who has the link can come in.'
    case 'rule-ask':
      return 'From now on newcomers must be let in.'
    case 'rule-locked':
      return 'From now on nobody else can come in.'
    case 'new-link':
      return 'The call has a new link. The old one lets nobody in.'
    case 'owner-here':
      return 'You are the host here now.'
    case 'act-failed':
      return 'That did not work. Try again.'
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
    case 'other-key':
      return `${notice.name} is not the person that you confirmed under this name, or is on another device. Compare the code.`
    case 'not-kept':
      return `${notice.name} is confirmed for this call only: it cannot be kept for the next one.`
    case 'unverified-messages':
      return 'A message could not be verified. It was dropped.'
    case 'messages-lost':
      return 'Some messages did not arrive here.'
    case 'media-stopped':
      return 'Your video and audio are stopped, because they cannot be encrypted. Leave the call and join again.'
    case 'too-many-people':
      return 'There are too many people for video and audio: some see only the chat.'
    case 'call-spent':
      return 'Nobody else can join this call. Whoever made it can give everyone a new link under People.'
    case 'speaking-muted':
      return 'Your microphone is off: nobody hears you.'
    case 'device-lost':
      return `The ${NOUNS[notice.device]} was disconnected.`
    case 'device-refused':
      return deviceFault(notice.fault, [notice.device])
  }
}
