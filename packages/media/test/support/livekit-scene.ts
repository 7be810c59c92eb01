/**
 * Our worker with LiveKit's format, in a played scope.
 */
import type { ParticipantId } from '@conclave/wire'
import { LiveKitFormat } from '../../src/livekit/format/livekit-format.ts'
import { deriveRingKey } from '../../src/livekit/page/ring-key.ts'
import type { LiveKitKeyMaterial } from '../../src/livekit/page/ring-key.ts'
import type { PlayedPipe } from './worker-scene.ts'
import { WorkerScene } from './worker-scene.ts'

const derivation = { salt: 'LKFrameEncryptionKey', keyBits: 128 } as const

export class LiveKitScene extends WorkerScene {
  constructor() {
    super(undefined, (host) => new LiveKitFormat(host))
  }

  /** Sets a key in a ring, and seals with it. */
  async setRingKey(
    material: LiveKitKeyMaterial,
    { ring, index = 0, ...options }: Partial<typeof slot0> & Partial<DerivationOf> = {},
  ): Promise<void> {
    const key = await deriveRingKey(material, { ...derivation, ...options })
    await this.request({ type: 'ring-key', slot: { ring, index }, key })
    await this.request({ type: 'use-ring-key', slot: { ring, index } })
  }

  /** A pipe whose frames come out one by one; `undefined` for a dropped one. */
  pipe(side: 'seal' | 'open', participant = 'alice', label = 'camera'): ScenePipe {
    const played = this.attach({ side, participant: participant as ParticipantId, label })
    return {
      played,
      push: async (data, mimeType) => {
        await played.push(data, mimeType)
        return played.passed.splice(0)[0]
      },
    }
  }
}

/** One pipe. */
export interface ScenePipe {
  readonly played: PlayedPipe
  push(data: Uint8Array, mimeType: string): Promise<Uint8Array | undefined>
}

const slot0 = { ring: undefined as string | undefined, index: 0 }
type DerivationOf = Parameters<typeof deriveRingKey>[1]
