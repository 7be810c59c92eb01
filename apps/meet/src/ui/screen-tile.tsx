/**
 * A shared screen, large and whole.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { Person } from '../state/roster.ts'
import type { Box } from '../state/stage-layout.ts'
import { Icon } from './icon.tsx'
import { placeOf } from './place.ts'
import { strings } from './strings.ts'
import { TrackVideo } from './track-video.tsx'
import { useGlide } from './use-glide.ts'

const WORDS = {
  pending: strings.call.connecting,
  'waiting-key': strings.call.waitingKey,
  failed: strings.call.failed,
}

/** The screen of a person; shown only when what arrives is authentic. */
export function ScreenTile(props: {
  readonly person: Person
  readonly box: Box
  /** Learns the width of the screen divided by its height. */
  readonly onRatio: (ratio: number) => void
}): JSX.Element {
  const { person, box } = props
  const tile = useRef<HTMLDivElement>(null)
  useGlide(tile, box)
  const screen = person.tracks.get('screen')
  const security = screen?.e2ee ?? 'pending'
  return (
    <div ref={tile} class="tile is-screen" style={placeOf(box)}>
      <TrackVideo
        track={screen?.track}
        class="tile-video"
        data-participant={person.id}
        data-source="screen"
        data-e2ee={security}
        data-shown={security === 'ok'}
        aria-label={strings.call.screenOf(person.name)}
        onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
          if (videoWidth > 0 && videoHeight > 0) props.onRatio(videoWidth / videoHeight)
        }}
      />
      {security !== 'ok' && (
        <div class="tile-cover">
          <p class="tile-words">
            {person.overdue.has('screen') ? strings.call.noScreen : WORDS[security]}
          </p>
        </div>
      )}
      <div class="tile-name">
        <Icon name="screen" />
        <span class="tile-name-text" dir="auto">
          {strings.call.screenOf(person.name)}
        </span>
      </div>
    </div>
  )
}
