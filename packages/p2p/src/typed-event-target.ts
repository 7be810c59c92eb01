/**
 * An `EventTarget` whose events have types.
 *
 * @module
 */

/**
 * Events by name, each a `CustomEvent` with its detail: `addEventListener` as on the platform, or
 * {@link TypedEventTarget.on} which passes the detail only. A listener that throws disturbs neither the caller nor
 * the other listeners: the platform reports its error as an uncaught one, as `Emitter` of `@conclave/base` does.
 */
export class TypedEventTarget<Events extends object> extends EventTarget {
  /** Calls `handler` with the detail of each event, until the returned function is called. */
  on<Type extends keyof Events & string>(
    type: Type,
    handler: (detail: Events[Type]) => void,
  ): () => void {
    const listener = (event: CustomEvent<Events[Type]>): void => handler(event.detail)
    this.addEventListener(type, listener)
    return () => this.removeEventListener(type, listener)
  }

  /** As on the platform, with `event.detail` typed by the event's name. */
  override addEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: TypedListener<Events[Type]> | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener as EventListenerOrEventListenerObject | null, options)
  }

  /** As on the platform. */
  override removeEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: TypedListener<Events[Type]> | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListenerOrEventListenerObject | null, options)
  }

  /** Raises an event; for subclasses. */
  protected raise<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

/** A listener of one event. */
export type TypedListener<Detail> =
  | ((event: CustomEvent<Detail>) => void)
  | { handleEvent(event: CustomEvent<Detail>): void }
