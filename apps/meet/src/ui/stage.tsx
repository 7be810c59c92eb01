/**
 * Everybody in the call, each at a place that changes only when somebody comes, goes or shares.
 *
 * @module
 */
import type { Participant } from '@conclave/client'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { wishFor } from '../state/attention.ts'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import { sharesScreen } from '../state/roster.ts'
import { type Box, planStage } from '../state/stage-layout.ts'
import { CopyLinkButton } from './copy-link-button.tsx'
import { PersonTile } from './person-tile.tsx'
import { ScreenTile } from './screen-tile.tsx'
import { strings } from './strings.ts'
import { TrackAudio } from './track-audio.tsx'
import { useElementSize } from './use-element-size.ts'
import { usePageSight } from './use-page-sight.ts'

/** The list of participants with their pictures, sound and shared screens. */
export function Stage(props: { readonly call: Call; readonly entry: Entry }): JSX.Element {
  const { call, entry } = props
  const ref = useRef<HTMLUListElement>(null)
  const size = useElementSize(ref)
  const people = call.people.value
  const sharing = people.filter(sharesScreen)
  const ratioById = useSignal<ReadonlyMap<string, number>>(new Map())
  const learnRatio = (id: string, ratio: number): void => {
    const known = [...ratioById.peek()].filter(([other]) =>
      sharing.some((each) => each.id === other),
    )
    ratioById.value = new Map(known).set(id, ratio)
  }
  const plan = planStage(
    {
      people: people.map((person) => person.id),
      self: call.self.value?.id ?? '',
      screens: sharing.map(({ id }) => ({ id, ratio: ratioById.value.get(id) })),
    },
    size.value,
  )
  const page = { sight: usePageSight().value, density: window.devicePixelRatio }
  useEffect(() => {
    for (const { id, isSelf } of people) {
      if (isSelf) continue
      call.watch(id, 'camera', wishFor(plan.people.get(id), page))
      call.watch(id, 'screen', wishFor(plan.screens.get(id), page))
    }
  })
  const corner = plan.corner ? plan.people.get(call.self.value?.id ?? '') : undefined
  const alone = people.length < 2 && call.authority.guests.value.length === 0
  return (
    <div class={alone ? 'stage is-alone' : 'stage'}>
      {call.screenShare.state.value === 'on' && <OwnShare call={call} />}
      <ul
        ref={ref}
        class="stage-tiles"
        aria-label={strings.call.participants}
        style={{ '--corner': `${corner?.width ?? 0}px` }}
      >
        {people.map((person) => (
          <li key={person.id} class="stage-person">
            <PersonTile
              person={person}
              box={plan.people.get(person.id) ?? HIDDEN}
              speaking={call.speaking.value.has(person.id)}
              corner={plan.corner && person.isSelf}
            />
            {sharesScreen(person) && (
              <ScreenTile
                person={person}
                box={plan.screens.get(person.id) ?? HIDDEN}
                onRatio={(ratio) => learnRatio(person.id, ratio)}
              />
            )}
            {!person.isSelf &&
              VOICES.map((source) => <PersonAudio key={source} person={person} source={source} />)}
          </li>
        ))}
      </ul>
      {alone && <Invitation entry={entry} />}
    </div>
  )
}

const VOICES = ['microphone', 'screen-audio'] as const

const PersonAudio = (props: {
  readonly person: Participant
  readonly source: (typeof VOICES)[number]
}): JSX.Element | null => {
  const track = props.person.tracks.get(props.source)?.track
  return track === undefined ? null : <TrackAudio track={track} />
}

const HIDDEN: Box = { start: 0, top: 0, width: 0, height: 0 }

const Invitation = ({ entry }: { readonly entry: Entry }): JSX.Element => (
  <div class="invitation">
    <div>
      <h2>{strings.call.alone}</h2>
      <p>{strings.call.aloneHint}</p>
    </div>
    <CopyLinkButton entry={entry} primary />
  </div>
)

const OwnShare = ({ call }: { readonly call: Call }): JSX.Element => (
  <div class="own-share">
    <p role="status">{strings.call.sharing}</p>
    <button type="button" class="button is-small" onClick={() => void call.screenShare.toggle()}>
      {strings.call.stopSharing}
    </button>
  </div>
)
