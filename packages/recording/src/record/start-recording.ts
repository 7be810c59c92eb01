import { checkInstance } from '@conclave/base'
import { Room } from '@conclave/client'
import type { RecordingAnnouncement } from '@conclave/client'
import type { KeySource } from '@conclave/e2ee'
import { canEncodeAudio, canEncodeVideo } from 'mediabunny'
import { RecordingError } from '../errors.ts'
import { Sound } from '../picture/sound.ts'
import { Recording } from './recording.ts'
import { checkOptions } from './recording-options.ts'
import type { RecordingOptions } from './recording-options.ts'

/**
 * Records the room, in this browser: the composed picture and the mixed sound of this session and of everyone whose client has confirmed that it
 * knows of the recording, as a WebM that is sealed while it is written. Resolves when the announcement is with the hub and the first
 * picture was taken. There is no way to record without the announcement. Begin from a click: the browser wants one before it lets the page use sound.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws ClientError as `room.announceRecording`: nothing was recorded
 * @throws RecordingError `ERR_RECORDING_UNSUPPORTED`, `ERR_RECORDING_SOUND`, `ERR_RECORDING_MEDIA`, `ERR_RECORDING_STORAGE`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function startRecording<Keys extends KeySource>(
  room: Room<Keys>,
  options: RecordingOptions,
): Promise<Recording> {
  checkInstance<Room<Keys>>('room', room, { of: 'Room', method: 'announceRecording' })
  const checked = checkOptions(options)
  await checkSupport(checked)
  const sound = await Sound.begin(checked.clock)
  let announcement: RecordingAnnouncement | undefined
  try {
    // Not what somebody may have put onto the object in its place: a room that is none throws here.
    const announce = (Room.prototype as Room<Keys>).announceRecording.bind(room)
    announcement = await announce({ signal: checked.signal })
    return await Recording.begin(room, { ...checked, announcement, sound })
  } catch (error) {
    await announcement?.end()
    await sound.close()
    throw error
  }
}

/** @throws RecordingError `ERR_RECORDING_UNSUPPORTED` */
async function checkSupport({ size, encoding }: ReturnType<typeof checkOptions>): Promise<void> {
  const missing = ['VideoEncoder', 'AudioEncoder', 'AudioContext'].filter(
    (name) => !(name in globalThis),
  )
  if (missing.length === 0) {
    const { videoBitrate, audioBitrate } = encoding
    const video = { ...size, bitrate: videoBitrate }
    if (!(await canEncodeVideo('vp8', video))) missing.push('VP8')
    if (!(await canEncodeAudio('opus', { bitrate: audioBitrate }))) missing.push('Opus')
  }
  if (missing.length > 0) throw new RecordingError('ERR_RECORDING_UNSUPPORTED', { missing })
}
