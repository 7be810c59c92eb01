/**
 * Longer packets of sound, for a machine to which each packet is a cost.
 *
 * @module
 */

/** How much sound goes into a packet. */
export interface PacketTime {
  /** The milliseconds, now. */
  ms(): number
  /** Changes the answer of the other side so that each packet from this side carries as many. */
  apply(answer: string): string
}

/** A machine that is asked for less, by the level of its load, sends a third of the packets, 40 ms later. spec S145 */
export function packetTimeUnderLoad(level: () => number): PacketTime {
  const ms = (): number => (level() < LONG_PACKETS_LEVEL ? 20 : 60)
  return { ms, apply: (answer) => withPacketTime(answer, ms()) }
}

/**
 * Lets an answer ask for packets of so many milliseconds of sound: browsers follow the wish of the receiving side (RFC 8866 §6.4), and where
 * they do not, packets stay as they are.
 */
export function withPacketTime(sdp: string, milliseconds: number): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      // A rejected section has the port 0.
      if (!/^m=audio [1-9]/.test(section)) return section
      return `${section.replace(/^a=(?:max)?ptime:.*\r\n/gm, '')}a=ptime:${milliseconds}\r\n`
    })
    .join('')
}

const LONG_PACKETS_LEVEL = 2
