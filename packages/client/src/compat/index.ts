/**
 * The calls around key providers as other conference kits name them, over `Room`: `setKeyProvider`, `initMeeting`, `init`, and participants
 * with the event `e2ee-state-change`. For code that was written for them; new code uses `Room`. Normative text: spec/room.md, section 15.
 *
 * @module
 */
export { BaseKeyProvider, ParticipantKeyProvider, SharedKeyProvider } from '@conclave/e2ee'
export { ExternalE2EEKeyProvider, generatePassphrase } from '@conclave/e2ee/passphrase'
export { E2EEManager } from '@conclave/media/manager'
export { Conclave } from './conclave.ts'
export type { ConclaveCalls, InitMeetingOptions, InitOptions } from './conclave.ts'
export type { Meeting, MeetingEvents } from './meeting.ts'
export type {
  MeetingParticipant,
  MeetingParticipantEvents,
  MeetingStream,
} from './meeting-participant.ts'
export type { MeetingOptions } from './meeting-target.ts'
