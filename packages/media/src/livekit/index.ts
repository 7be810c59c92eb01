/**
 * Frames in the format of LiveKit's clients, so that they and `FrameCrypto` understand each other. A separate entry with its own
 * worker: pages that use SFrame load none of it. It gives less than SFrame does: `spec/media.md`, section 8.
 *
 * @module
 */
export { createLiveKitProfile } from './page/livekit-profile.ts'
export { LiveKitKeys } from './page/livekit-keys.ts'
export type {
  LiveKitKeyChange,
  LiveKitKeyPlace,
  LiveKitKeysEvents,
  LiveKitKeysOptions,
} from './page/livekit-keys.ts'
export type { LiveKitKeyMaterial } from './page/ring-key.ts'
export { LIVEKIT_SERVER_FRAMES } from './server-frames.ts'
export { spawnLiveKitWorker } from './page/spawn.ts'
