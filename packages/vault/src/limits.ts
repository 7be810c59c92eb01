/** The longest vault in bytes, as it is stored. spec V1 */
export const MAX_VAULT_BYTES: number = 4 * 2 ** 20

/** The longest value of an entry in bytes. spec V4 */
export const MAX_ENTRY_BYTES: number = 64 * 2 ** 10

/** The longest name of an entry, and label of a slot, in bytes of UTF-8. spec V4 */
export const MAX_NAME_BYTES = 255

/** The most entries of a vault. spec V4 */
export const MAX_ENTRIES = 4_096

/** The most slots of a vault; the recovery key is one of them. spec V7 */
export const MAX_SLOTS = 16

/** How many earlier states a vault knows by their digests. spec V20 */
export const MAX_HISTORY = 64

/** Of how many devices a vault knows the last write. spec V20 */
export const MAX_LAST_WRITES = 64

/** How many rotations a vault can prove. spec V21 */
export const MAX_ROTATIONS = 64

/** How often a change is tried when others write at the same time. spec V15 */
export const MAX_WRITE_ATTEMPTS = 16

/** The most changes under way, the one that is being written included. spec V15 */
export const MAX_WAITING_CHANGES = 256

/** Length of the id of a vault, a slot or a device in bytes. */
export const ID_BYTES = 16

/** Length of keys, salts, digests and seeds in bytes. */
export const KEY_BYTES = 32
