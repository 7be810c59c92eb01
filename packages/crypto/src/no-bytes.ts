/** The salt, the additional data or the lead that was left out. */
export const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array()
