/**
 * Records an end-to-end encrypted call in a participant's browser: announced to everyone before the first picture, sealed while it is
 * written under the recording's own key, played and exported by those who hold it. Normative text: spec/recording.md.
 *
 * @module
 */
export { isRecordingError, RecordingError } from './errors.ts'
export type { AnyRecordingError, RecordingErrorCode, RecordingErrorDetails } from './errors.ts'
export { exportRecording } from './play/export-recording.ts'
export type { FileWrite } from './play/export-recording.ts'
export { openRecording } from './play/open-recording.ts'
export { playRecording } from './play/play-recording.ts'
export type { Playback } from './play/play-recording.ts'
export type { Recording, RecordingEnd } from './record/recording.ts'
export type { RecordingOptions } from './record/recording-options.ts'
export { startRecording } from './record/start-recording.ts'
export { encodeRecordingKey, parseRecordingKey } from './recording-key.ts'
export type { RecordingKey } from './recording-key.ts'
export {
  deleteStoredRecording,
  listStoredRecordings,
  storedRecording,
  storeRecording,
} from './storage/stored-recordings.ts'
