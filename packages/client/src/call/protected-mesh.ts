/**
 * A mesh and the frame encryption that protects it.
 *
 * @module
 */
import { FrameCrypto } from '@conclave/media'
import { type IceServerSource, Mesh } from '@conclave/p2p'
import { wrongArgument } from '../arguments.ts'
import { MEDIUM_BY_SOURCE } from '../track-source.ts'
import type { MediaContext } from './media-transport.ts'

/** Options of the mesh. */
export interface MeshTransportOptions {
  /**
   * STUN and TURN servers, or a function that gives them for each connection and restart, with fresh credentials. They learn addresses and carry
   * ciphertext. Left out: those that the hub names. spec R220
   */
  readonly iceServers?: IceServerSource | undefined
  /** `relay`: calls go through TURN servers only, so that other members do not learn this device's addresses. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy | undefined
  /** Makes the worker that encrypts frames, for bundlers that need help with it. Called again when a worker failed. */
  readonly createWorker?: (() => Worker) | undefined
  /** The codecs of video that may be used, as mime types, the preferred one first: `['video/av1', 'video/vp8']`. spec M50 */
  readonly videoCodecs?: readonly string[] | undefined
}

/** Made together, and ended together: nothing leaves a mesh that its own frame encryption did not seal. spec R18 */
export class ProtectedMesh {
  readonly frames: FrameCrypto
  readonly mesh: Mesh

  /** @throws as `MeshTransport` */
  constructor(
    { room, self, keys, driver, data, clock, signedMedia, iceServers: named = [] }: MediaContext,
    { iceServers = named, iceTransportPolicy, createWorker, videoCodecs }: MeshTransportOptions,
  ) {
    const frames = new FrameCrypto({
      ...{ keys, room, self, clock, videoCodecs, signedMedia },
      ...(createWorker && { createWorker }),
    })
    this.frames = frames
    try {
      this.mesh = new Mesh({
        ...{ driver, room, id: self, frames, iceServers, clock },
        ...(data && { data }),
        ...(iceTransportPolicy && { iceTransportPolicy }),
        labels: MEDIUM_BY_SOURCE,
      })
    } catch {
      void frames.close()
      throw wrongArgument('iceServers', iceServers, 'servers that this browser takes')
    }
  }

  /** Ends the connections, then the worker. Can be called again. */
  async close(): Promise<void> {
    await this.mesh.close()
    await this.frames.close()
  }
}
