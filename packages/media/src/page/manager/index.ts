/**
 * The manager that attaches key providers, for applications with their own WebRTC stack. Normative text:
 * `spec/media.md`, section 7.
 *
 * @module
 */
export type { ConnectionAttachment, TrackAttachment } from './attachment.ts'
export { E2EEManager } from './e2ee-manager.ts'
export type { AttachableRoom, E2EEManagerEvents, E2EEManagerOptions } from './e2ee-manager.ts'
