/**
 * How components reach what the composition root made.
 *
 * @module
 */
import { type Context, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { LevelMeter } from '../platform/levels.ts'
import type { SoundOutput } from '../platform/sound.ts'
import type { App } from '../state/app.ts'

/** The context that every component may use. */
export interface AppServices {
  readonly app: App
  readonly levels: LevelMeter
  readonly sound: SoundOutput
}

/** Carries the services down the tree. */
export const AppServicesContext: Context<AppServices | undefined> = createContext<
  AppServices | undefined
>(undefined)

/** The services; only below the root's provider. */
export function useServices(): AppServices {
  const services = useContext(AppServicesContext)
  if (services === undefined) throw new Error('unreachable: component outside of the app')
  return services
}
