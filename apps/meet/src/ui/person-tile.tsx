/**
 * One person on the stage.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { hueOfPerson, initialsOf } from '../state/person.ts'
import { type CameraView, type Person, cameraViewOf, isMuted, securityOf } from '../state/roster.ts'
import type { Box } from '../state/stage-layout.ts'
import { Avatar } from './avatar.tsx'
import { ConfirmationMark } from './confirmation-mark.tsx'
import { Icon } from './icon.tsx'
import { placeOf } from './place.ts'
import { strings } from './strings.ts'
import { TrackVideo } from './track-video.tsx'
import { useGlide } from './use-glide.ts'

/** A picture or initials, the name, and in words what keeps the picture away. */
export function PersonTile(props: {
  readonly person: Person
  readonly box: Box
  readonly speaking: boolean
  readonly corner: boolean
}): JSX.Element {
  const { person, box } = props
  const tile = useRef<HTMLDivElement>(null)
  useGlide(tile, box)
  const view = cameraViewOf(person)
  const muted = isMuted(person)
  const words = wordsOf(view)
  const hue = hueOfPerson(person)
  // The small tile of this person shows only "You"; screen readers read the name as well.
  const short = person.isSelf && box.width < 180
  const classes = ['tile']
  if (props.speaking && !muted) classes.push('is-speaking')
  if (props.corner) classes.push('is-corner')
  if (box.width < 180) classes.push('is-small')
  return (
    <div ref={tile} class={classes.join(' ')} style={{ ...placeOf(box), '--hue': String(hue) }}>
      <TrackVideo
        track={person.tracks.get('camera')?.track}
        class={person.isSelf ? 'tile-video is-mirrored' : 'tile-video'}
        data-participant={person.id}
        data-e2ee={securityOf(person)}
        data-shown={view === 'picture'}
        aria-hidden="true"
      />
      {view !== 'picture' && (
        <div class="tile-cover">
          <Avatar initials={initialsOf(person.name)} hue={hue} />
          {words !== undefined && <p class="tile-words">{words}</p>}
        </div>
      )}
      <div class="tile-name">
        {muted && <Icon name="microphone-off" />}
        {person.isSelf && <span class="tile-you">{strings.call.you}</span>}
        {person.isOtherTab && <span class="tile-you">{strings.call.otherTab}</span>}
        <span class={short ? 'visually-hidden' : 'tile-name-text'} dir="auto">
          {person.name}
        </span>
        <ConfirmationMark person={person} />
        <span class="visually-hidden">
          {muted && `, ${strings.call.microphoneOff}`}
          {view === 'off' && `, ${strings.call.cameraOff}`}
        </span>
      </div>
    </div>
  )
}

const wordsOf = (view: CameraView): string | undefined => {
  switch (view) {
    case 'picture':
    case 'off':
      return undefined
    case 'waiting-key':
      return strings.call.waitingKey
    case 'failed':
      return strings.call.failed
    case 'connecting':
      return strings.call.connecting
    case 'interrupted':
      return strings.call.interrupted
    case 'away':
      return strings.call.away
    case 'unreachable':
      return strings.call.unreachable
    case 'stalled':
      return strings.call.stalled
    case 'sound-stalled':
      return strings.call.soundStalled
    case 'camera-gone':
      return strings.call.cameraGone
    case 'no-picture':
      return strings.call.noPicture
    case 'no-sound':
      return strings.call.noSound
  }
}
