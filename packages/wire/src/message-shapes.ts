import { isIntegerUpTo } from '@conclave/base'
import type { Shape } from '@conclave/base'

/** The shape of each message of a union, by its type. */
export type Shapes<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: Shape<Extract<Message, { readonly type: Type }>>
}

/** Whether a member has an allowed value. */
export type Guard = (value: unknown) => boolean

/** The type has chosen the shape. */
export const isType: Guard = () => true

/** Whether a value is a u32. spec W5 */
export const isUint32: Guard = (value) => isIntegerUpTo(0xffff_ffff, value)
