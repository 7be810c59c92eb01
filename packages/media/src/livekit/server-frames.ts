import type { ServerFrame } from '../shared/server-frames.ts'

/**
 * The frames that LiveKit's server makes for tracks that are muted or ended: a black picture of VP8, the three parts of one of
 * H.264, and silence of Opus. Give them to `FrameCrypto` as `serverFrames`, with the trailer that the server tells on joining. spec M69
 */
export const LIVEKIT_SERVER_FRAMES: readonly ServerFrame[] = [
  {
    byteLength: 31,
    sha256: 'ef0161653d8b2b23aad46624b420af1d03ce48950e9fc85718028f91b50f9219',
  },
  {
    byteLength: 24,
    sha256: 'f0a0e09647d891d6d50aa898bce7108090375d0d55e50a2bb21147afee558e44',
  },
  { byteLength: 6, sha256: '61d9665eed71b6d424ae9539330a3bdd5cb386d4d781c808219a6e36750493a7' },
  {
    byteLength: 10,
    sha256: 'faffc26b68a2fc09096fa20f3351e706398b6f838a7500c8063472c2e476e90d',
  },
  {
    byteLength: 80,
    sha256: 'aad8d31fc56b2802ca500e58c2fb9d0b29ad71bb7cb52cd6530251eade188988',
  },
]
