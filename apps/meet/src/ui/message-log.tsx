/**
 * The messages of the chat.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useLayoutEffect, useMemo } from 'preact/hooks'
import type { MessageRow } from '../state/chat.ts'
import { Icon } from './icon.tsx'
import { MessageText } from './message-text.tsx'
import { strings } from './strings.ts'
import { useRowWindow } from './use-row-window.ts'

/**
 * Draws the messages in sight and those near by. It is not live for screen readers, because rows also come into the
 * page when somebody scrolls: the call announces messages.
 */
export function MessageLog(props: {
  readonly rows: readonly MessageRow[]
  /** Whether those who come later read what is written. */
  readonly isKept: boolean
  /** How many messages did not come while there was none here. */
  readonly missed?: number | undefined
}): JSX.Element {
  const { rows, isKept, missed } = props
  const ids = useMemo(() => rows.map(({ id }) => id), [rows])
  const { scroller, list, range, isAtEnd, onScroll, toEnd } = useRowWindow(ids)
  const missesNew = useSignal(false)
  const newest = rows.at(-1)
  useLayoutEffect(() => {
    if (newest?.own === true) toEnd()
    else if (newest !== undefined) missesNew.value = !isAtEnd.peek()
  }, [newest?.id])
  return (
    <div class="chat-log-frame">
      <div
        ref={scroller}
        class="chat-log"
        role="log"
        aria-live="off"
        aria-label={strings.chat.title}
        tabIndex={0}
        onScroll={() => {
          onScroll()
          if (isAtEnd.peek()) missesNew.value = false
        }}
      >
        {rows.length === 0 ? (
          <>
            <p class="chat-empty">{isKept ? strings.chat.emptyKept : strings.chat.empty}</p>
            <MissedNotice count={missed} />
          </>
        ) : (
          <div
            ref={list}
            class="chat-rows"
            role="list"
            style={{ paddingBlock: `${range.before}px ${range.after}px` }}
          >
            {rows.slice(range.first, range.end).map((row, index) => (
              <MessageRowView
                key={row.id}
                row={row}
                position={range.first + index + 1}
                count={rows.length}
              />
            ))}
          </div>
        )}
      </div>
      {missesNew.value && (
        <button
          type="button"
          class="button is-small chat-newest"
          onClick={() => {
            toEnd()
            missesNew.value = false
            scroller.current?.focus({ preventScroll: true })
          }}
        >
          {strings.chat.newest}
          <Icon name="down" />
        </button>
      )}
    </div>
  )
}

const MessageRowView = (props: {
  readonly row: MessageRow
  readonly position: number
  readonly count: number
}): JSX.Element => {
  const { row } = props
  return (
    <div
      class={`message${row.own ? ' is-own' : ''}${row.isFirst ? ' is-first' : ''}`}
      role="listitem"
      aria-posinset={props.position}
      aria-setsize={props.count}
      data-row={row.id}
    >
      <MissedNotice count={row.missedBefore} />
      {row.passedOnBy !== undefined && (
        <p class="message-notice" dir="auto">
          {props.position === 1
            ? strings.chat.passedOn(row.passedOnBy)
            : strings.chat.passedOnMeanwhile(row.passedOnBy)}
        </p>
      )}
      {row.isFirst && (
        <p class="message-meta">
          <span class="message-name" dir="auto">
            {row.own ? strings.chat.you : row.name}
          </span>
          {/* oxlint-disable-next-line no-restricted-globals -- writes a given time, asks for none */}
          <time dir="auto" dateTime={new Date(row.at).toISOString()}>
            {TIME_FORMAT.format(row.at)}
          </time>
        </p>
      )}
      <div class="message-bubble" data-state={row.state}>
        <MessageText text={row.text} />
        {row.state !== 'sent' && <span class="message-state">{strings.chat[row.state]}</span>}
      </div>
      <MissedNotice count={row.missedAfter} />
    </div>
  )
}

const MissedNotice = ({ count }: { readonly count: number | undefined }): JSX.Element | null =>
  count === undefined ? null : (
    <p class="message-notice" dir="auto">
      {strings.chat.missed(count)}
    </p>
  )

const TIME_FORMAT = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
