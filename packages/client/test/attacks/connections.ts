/** The connections of a page, for tests. */
import { onTestFinished } from 'vitest'

/** All connections that the page makes from now on with a configuration of the wanted kind. */
export function collectConnections(
  isWanted: (configuration: RTCConfiguration | undefined) => boolean = () => true,
): readonly RTCPeerConnection[] {
  const connections: RTCPeerConnection[] = []
  const { RTCPeerConnection: Connection } = globalThis
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      if (isWanted(configuration)) connections.push(this)
    }
  }
  onTestFinished(() => {
    globalThis.RTCPeerConnection = Connection
  })
  return connections
}

/** An entry of statistics of what is received or sent, as far as tests read it. */
export interface RtpStats {
  readonly type: string
  readonly kind?: string
  readonly codecId?: string
  readonly framesDecoded?: number
  readonly totalAudioEnergy?: number
  readonly bytesSent?: number
}

/** The statistics of each stream of each connection, with its codec. */
export async function rtpStats(
  connections: readonly RTCPeerConnection[],
): Promise<readonly (RtpStats & { readonly codec: string | undefined })[]> {
  const reports = await Promise.all(connections.map((connection) => connection.getStats()))
  return reports.flatMap((report) => {
    const entries: [string, RtpStats & { readonly mimeType?: string }][] = []
    report.forEach((entry, id: string) => entries.push([id, entry]))
    const byId = new Map(entries)
    return entries
      .map(([, entry]) => ({ ...entry, codec: byId.get(entry.codecId ?? '')?.mimeType }))
      .filter(({ type }) => type === 'inbound-rtp' || type === 'outbound-rtp')
  })
}
