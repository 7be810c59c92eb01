/**
 * The signs of the app, drawn here: lines on a grid of 24.
 *
 * @module
 */
import type { JSX } from 'preact'

/** Names of the signs. */
export type IconName = keyof typeof DRAWINGS

/** A sign beside a text or in a named button; it says nothing by itself. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {DRAWINGS[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  )
}

const MICROPHONE = [
  'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3z',
  'M5.5 11a6.5 6.5 0 0 0 13 0',
  'M12 17.5V21',
]
const CAMERA = [
  'M5.5 6h7A2.5 2.5 0 0 1 15 8.5v7a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 3 15.5v-7A2.5 2.5 0 0 1 5.5 6z',
  'M15 11l4.6-2.9a.9.9 0 0 1 1.4.8v6.2a.9.9 0 0 1-1.4.8L15 13z',
]
const SLASH = 'M3.5 3.5l17 17'

const DRAWINGS = {
  microphone: MICROPHONE,
  'microphone-off': [
    'M9 9.5V11a3 3 0 0 0 4.7 2.5M15 10.5V6a3 3 0 0 0-5.7-1.3',
    'M5.5 11a6.5 6.5 0 0 0 10.3 5.3M18.5 11a6.5 6.5 0 0 1-.6 2.8',
    'M12 17.5V21',
    SLASH,
  ],
  camera: CAMERA,
  'camera-off': [
    'M10 6h2.5A2.5 2.5 0 0 1 15 8.500v2.500l4.600-2.900a.9.9 0 0 1 1.400.8v6.200a.9.9 0 0 1-.6.8',
    'M15 15.500a2.500 2.500 0 0 1-2.500 2.500h-7A2.500 2.500 0 0 1 3 15.500v-7A2.500 2.500 0 0 1 5.500 6',
    SLASH,
  ],
  screen: [
    'M5.500 4h13A2.500 2.500 0 0 1 21 6.500v7a2.500 2.500 0 0 1-2.500 2.500h-13A2.500 2.500 0 0 1 3 13.500v-7A2.500 2.500 0 0 1 5.500 4z',
    'M8.500 20h7',
    'M12 13V7.500M9.500 9.800L12 7.300l2.500 2.500',
  ],
  leave: [
    'M3.200 15.400c-.3-1.900.5-3.100 1.700-3.900 4.300-2.900 9.900-2.900 14.200 0 1.200.8 2 2 1.700 3.900-.2 1.100-1 1.600-2.100 1.400l-2-.4c-1-.2-1.500-.8-1.600-1.800l-.1-1.300a10 10 0 0 0-6 0l-.1 1.300c-.1 1-.6 1.600-1.600 1.800l-2 .4c-1.100.2-1.900-.3-2.100-1.400z',
  ],
  chat: [
    'M6 4.500h12A3 3 0 0 1 21 7.500v6a3 3 0 0 1-3 3h-5.500L8 20.200v-3.700H6a3 3 0 0 1-3-3v-6a3 3 0 0 1 3-3z',
    'M8 9h8M8 12.200h5',
  ],
  link: [
    'M10 14a4 4 0 0 0 5.700 0l3.100-3.100a4 4 0 0 0-5.700-5.700L12 6.300',
    'M14 10a4 4 0 0 0-5.700 0l-3.100 3.100a4 4 0 0 0 5.700 5.700L12 17.700',
  ],
  settings: [
    'M4 7.500h8.500M17.500 7.500H20M4 16.500h2.500M11.500 16.500H20',
    'M15 5.200a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z',
    'M9 14.200a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z',
  ],
  sound: [
    'M4 9.500v5h3.300L12 18.500v-13L7.300 9.500z',
    'M15.500 9.200a4 4 0 0 1 0 5.600M18 6.500a7.800 7.800 0 0 1 0 11',
  ],
  send: ['M12 19V5.500M6 11.200L12 5l6 6.200'],
  close: ['M6.500 6.500l11 11M17.500 6.500l-11 11'],
  down: ['M6.500 9.500L12 15l5.500-5.500'],
  warning: ['M12 8v5.200M12 16.600v.1', 'M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z'],
} satisfies Readonly<Record<string, readonly string[]>>
