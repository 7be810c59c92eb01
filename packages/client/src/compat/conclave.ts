/**
 * The calls that make a meeting. spec R132
 *
 * @module
 */
import { isRecord } from '@conclave/base'
import { E2eeError, type KeySource } from '@conclave/e2ee'
import type { E2EEManager } from '@conclave/media/manager'
import {
  BOOLEAN,
  OBJECT,
  checkArgument,
  optional,
  withMethods,
  wrongArgument,
} from '../arguments.ts'
import { KEY_SOURCE } from '../room/room-kinds.ts'
import { Meeting } from './meeting.ts'
import type { MeetingOptions } from './meeting-target.ts'
import { pageAddress } from './page.ts'

/** The options of {@link ConclaveCalls.initMeeting}. */
export interface InitMeetingOptions extends MeetingOptions {
  /** Whether the microphone is published on joining; `true` when left out. */
  readonly micEnabled?: boolean | undefined
  /** Whether the camera is published on joining; `true` when left out. */
  readonly webcamEnabled?: boolean | undefined
}

/** The options of {@link ConclaveCalls.init}. */
export interface InitOptions extends Partial<MeetingOptions> {
  /** Whether the microphone and the camera are published on joining; `true` when left out. */
  readonly defaults?:
    | { readonly audio?: boolean | undefined; readonly video?: boolean | undefined }
    | undefined
  readonly modules: {
    /** `enabled: false` is refused: there is no meeting without encryption. */
    readonly e2ee: { readonly enabled: true; readonly manager: E2EEManager }
  }
}

/** The calls, with the provider that the next meeting uses. */
export class ConclaveCalls {
  #keyProvider: KeySource | undefined

  get [Symbol.toStringTag](): string {
    return 'ConclaveCalls'
  }

  /**
   * Sets the keys of the meetings that are made from now on; with them they are encrypted, and without there are none. It does
   * not touch a meeting that was made. A provider of passphrases or of participants' keys serves one meeting.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for anything but a key provider: encryption is not switched off
   */
  setKeyProvider(keyProvider: KeySource): void {
    checkArgument('keyProvider', keyProvider, KEY_SOURCE)
    this.#keyProvider = keyProvider
  }

  /**
   * Makes a meeting, which you `join`.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`, also without a key provider
   */
  initMeeting(options: InitMeetingOptions): Meeting {
    checkArgument('options', options, OBJECT)
    const { micEnabled = true, webcamEnabled = true } = options
    checkArgument('micEnabled', micEnabled, BOOLEAN)
    checkArgument('webcamEnabled', webcamEnabled, BOOLEAN)
    const keys = this.#keyProvider
    if (keys === undefined) {
      throw wrongArgument(
        'keyProvider',
        keys,
        'a key provider, by setKeyProvider before initMeeting',
      )
    }
    return new Meeting({ ...options, keys, audio: micEnabled, video: webcamEnabled })
  }

  /**
   * Makes a meeting under the keys of a manager's provider, which you `join`. Without a `meetingId` it is that of the page's
   * address, without query and fragment.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` (rejects)
   * @throws E2eeError `ERR_E2EE_CLEAR_FRAMES` (rejects) for `enabled: false`
   */
  async init(options: InitOptions): Promise<Meeting> {
    checkArgument('options', options, OBJECT)
    const { defaults = {}, meetingId = pageAddress(), modules } = options
    const e2ee: unknown = isRecord(modules) ? modules.e2ee : undefined
    checkArgument('modules.e2ee', e2ee, OBJECT)
    const { enabled, manager } = modules.e2ee
    checkArgument('modules.e2ee.enabled', enabled, optional(BOOLEAN))
    if (!enabled) throw new E2eeError('ERR_E2EE_CLEAR_FRAMES', undefined)
    checkArgument('modules.e2ee.manager', manager, MANAGER)
    const { audio = true, video = true } = defaults
    return new Meeting({
      ...{ ...options, meetingId, audio, video },
      keys: manager.keyProvider,
      onRoom: (room) => manager.attach(room),
    })
  }
}

/** Module state: the code that these calls are for sets the page's key provider once, before it makes a meeting. */
export const Conclave: ConclaveCalls = new ConclaveCalls()

const MANAGER = withMethods('attach', 'getStats')
