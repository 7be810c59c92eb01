/**
 * The text of the worker: the build writes it here. Empty in the sources.
 *
 * @module
 */

/** The worker, one script without imports. */
export const WORKER_TEXT: string = ''
