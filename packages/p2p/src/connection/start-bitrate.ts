/**
 * A higher bitrate at the start of a video.
 *
 * @module
 */

/**
 * Changes an answer so that the video of this side starts at `kilobits` per second. Chromium starts at 300 otherwise
 * and needs more than 20 seconds to find out that there is room for 720 lines; browsers without the hint ignore it.
 * Where there is less room, congestion control lowers the rate within a second, as at any other time. spec S35
 */
export function withStartBitrate(sdp: string, kilobits: number): string {
  const hint = `x-google-start-bitrate=${kilobits}`
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      // Chromium takes the hint of the codec that it sends, the first one. RFC 8866 §5.14
      const [, type = ''] = /^m=video [1-9]\d* \S+ (\d+)/.exec(section) ?? []
      const parameters = new RegExp(`^a=fmtp:${type} .*(?=\\r$)`, 'm')
      return parameters.test(section)
        ? section.replace(parameters, `$&;${hint}`)
        : section.replace(
            new RegExp(`^a=rtpmap:${type} .*\\r\\n`, 'm'),
            `$&a=fmtp:${type} ${hint}\r\n`,
          )
    })
    .join('')
}

/** The rate at which video starts, in kilobits per second. */
export const START_KILOBITS = 800
