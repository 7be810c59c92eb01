/**
 * The least that a mesh of this topology takes of a machine: WebRTC of the browser, without rooms, signalling and encryption of frames.
 *
 * @module
 */

/** The connections of one member, described by the runner's hand. Each sends what a mesh sends at its last level. spec S122, S145 */
export class RawMesh {
  readonly #sending = new Map<string, RTCPeerConnection>()
  readonly #camera: MediaStream
  readonly #show: (track: MediaStreamTrack) => void

  get [Symbol.toStringTag](): string {
    return 'RawMesh'
  }

  constructor(camera: MediaStream, show: (track: MediaStreamTrack) => void) {
    this.#camera = camera
    this.#show = show
  }

  /** Offers the camera and the microphone to a peer. */
  async offer(peer: string): Promise<string> {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    this.#sending.set(peer, connection)
    for (const track of this.#camera.getTracks()) {
      const isVideo = track.kind === 'video'
      const { height = 720 } = track.getSettings()
      const { codecs = [] } = RTCRtpSender.getCapabilities(track.kind) ?? {}
      const encoding = isVideo ? { ...LEAST, scaleResolutionDownBy: height / LINES } : {}
      const transceiver = connection.addTransceiver(track, {
        direction: 'sendonly',
        sendEncodings: [encoding],
      })
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => CODECS.test(mimeType)))
    }
    return describe(connection, await connection.createOffer())
  }

  /** Answers the offer of a peer, and shows its camera. */
  async answer(offer: string): Promise<string> {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    connection.addEventListener('track', ({ track }) => {
      if (track.kind === 'video') this.#show(track)
    })
    await connection.setRemoteDescription({ type: 'offer', sdp: offer })
    const sdp = await describe(connection, await connection.createAnswer())
    return sdp.replace(/^m=audio [^]*?(?=^m=|$(?![^]))/gm, (section) => `${section}a=ptime:60\r\n`)
  }

  /** The peer has answered. */
  async accept(peer: string, answer: string): Promise<void> {
    await this.#sending.get(peer)?.setRemoteDescription({ type: 'answer', sdp: answer })
  }
}

const describe = async (
  connection: RTCPeerConnection,
  description: RTCSessionDescriptionInit,
): Promise<string> => {
  await connection.setLocalDescription(description)
  while (connection.iceGatheringState !== 'complete') {
    await new Promise((resolve) => {
      connection.addEventListener('icegatheringstatechange', resolve, { once: true })
    })
  }
  return connection.localDescription?.sdp ?? ''
}

const LINES = 180
const LEAST = { maxBitrate: 150_000, maxFramerate: 12 }
const CODECS = /opus|VP8|rtx/i
