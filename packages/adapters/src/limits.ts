/** The most events that wait to be sent on one channel. spec T4 */
export const MAX_QUEUED_EVENTS = 256

/** The most received events that are being opened on one channel. spec T7 */
export const MAX_OPENING_EVENTS = 1024

/** The most events that can wait for keys. spec T10 */
export const MAX_KEPT_EVENTS = 512

/** The most bytes, or characters, of all events that wait for keys. spec T10 */
export const MAX_KEPT_BYTES: number = 4 * 2 ** 20

/** The most UTF-16 units of an event name, as Pusher allows. spec T2 */
export const MAX_EVENT_NAME_LENGTH = 200
