/**
 * Sealed events over the channel that an application already has. Normative text: spec/adapters.md.
 *
 * @module
 */
export type { EventTransport } from './transport.ts'
