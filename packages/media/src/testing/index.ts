/**
 * For tests only: the wiretap's recorder, and checks on its recordings.
 *
 * @module
 */
export { readRecording, spawnRecordingWorker } from './recording.ts'
export type { RecordedFrame } from './recording.ts'
