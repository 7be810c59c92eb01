/** The parts that may be on their way, or wait for the receiver's storage: 4 MB. spec R194 */
export const WINDOW_PARTS = 128

/** Open transfers, offers included, from one participant or to one, and of a session in all in each direction. spec R201 */
export const MAX_TRANSFERS = { each: 16, all: 64 } as const

/** Offers that a session takes from one participant; a session makes no more than half of it. spec R201 */
export const OFFERS = { perSecond: 4, burst: 64 } as const

/** New runs of one transfer that a sender begins. spec R196 */
export const RUNS = { perSecond: 1, burst: 8 } as const

/** The pause of a receiver between two runs that it asks for because parts are missing. spec R195 */
export const RUN_PAUSE_MS = 1000

/** A receiver to whom nothing comes for so long asks again. spec R195 */
export const SILENCE_MS = 5000

/** A receiver repeats its first wish so often, until the first part comes. spec R195 */
export const FIRST_SILENCE_MS = 500

/** A receiver tells so often how far it is, at least. spec R194 */
export const TELLING_MS = 500

/** The largest file that is kept in memory as a `Blob`. spec R204 */
export const MAX_BLOB_BYTES: number = 512 * 2 ** 20
