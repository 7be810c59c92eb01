/**
 * The picture of the start page: people in a room, and outside of it only the outline.
 *
 * @module
 */
import type { JSX } from 'preact'

/** Decoration; says nothing that the words do not. */
export function StartPicture(): JSX.Element {
  return (
    <svg class="start-picture" viewBox="0 0 520 440" aria-hidden="true" focusable="false">
      <rect class="pic-room" x="20" y="28" width="480" height="384" rx="36" />
      {PEOPLE.map(({ x, y, width, height, tone, head }) => (
        <g key={tone} class={`pic-tile pic-${tone}`}>
          <clipPath id={`clip-${tone}`}>
            <rect x={x} y={y} width={width} height={height} rx="20" />
          </clipPath>
          <rect class="pic-back" x={x} y={y} width={width} height={height} rx="20" />
          <g clip-path={`url(#clip-${tone})`}>
            <circle
              class="pic-body"
              cx={x + width / 2}
              cy={y + height * 0.44 + head * 2.95}
              r={head * 1.8}
            />
            <circle class="pic-head" cx={x + width / 2} cy={y + height * 0.44} r={head} />
          </g>
        </g>
      ))}
      <g class="pic-chat">
        <rect x="298" y="296" width="178" height="38" rx="19" />
        <rect x="298" y="344" width="118" height="38" rx="19" />
      </g>
      <g class="pic-lines">
        <path d="M318 315h120M318 363h76" />
      </g>
    </svg>
  )
}

const PEOPLE = [
  { x: 44, y: 52, width: 236, height: 176, tone: 'a', head: 38 },
  { x: 296, y: 52, width: 180, height: 220, tone: 'b', head: 40 },
  { x: 44, y: 244, width: 236, height: 144, tone: 'c', head: 32 },
] as const
