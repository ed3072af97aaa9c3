/**
 * The page's state as a link, in the part after #. All of it is text until it has been checked: options by the same
 * table as the command line's, the page's own settings against the lists below. If one entry is wrong, none is used.
 */

import { ConfigError, type PpoOptions, parseOption } from '../config/config'
import { parseParam } from '../config/params'
import { OPTIONS, type OptionName } from '../options/options'
import { formatOption, paramTexts, resolveChoice, withoutDefaults } from './choice'
import { environmentOf, firstEnv } from './environments'
import { DRAWINGS, type Drawing, type ViewChoice } from './protocol'

/** Panels that a link can hide: lessons show only the panels they need. */
export const PANELS = [
  'stage',
  'focus',
  'filters',
  'charts',
  'objective',
  'controls',
  'population',
  'compare',
  'runs',
] as const
export type PanelName = (typeof PANELS)[number]

export const COUNTS = [1, 4, 16, 36, 64, 144, 256, 1024, 4096] as const
export const SOURCES = ['policy', 'training'] as const
export const LAYOUTS = ['grid', 'ghosts', 'one'] as const

export interface PageState {
  env: string
  /** Options that differ from the environment's own. */
  given: PpoOptions
  view: Partial<Pick<ViewChoice, 'source' | 'layout' | 'count'>>
  hidden: PanelName[]
  play: boolean
  draw: Drawing
}

interface LinkKey {
  /** What it decides, and what holds without it. */
  help: string
  /** Its values, where they are few. */
  values?: readonly (string | number)[]
  /** @throws ConfigError for a value that it cannot have. */
  read(state: PageState, value: string, key: string): void
}

/** The page's own settings. Beside them a link has options by their names, and parameters of the environment. */
export const LINK_KEYS: Record<string, LinkKey> = {
  env: {
    help: 'The environment, by its id; `CartPole-v1` unless given.',
    read: (state, value) => {
      state.env = environmentOf(value).id
    },
  },
  show: {
    help: 'Which environments are drawn: those in which the policy plays, unless given, or those that train.',
    values: SOURCES,
    read: (state, value, key) => {
      state.view.source = oneOf(key, value, SOURCES)
    },
  },
  layout: {
    help: 'Side by side, unless given; all on top of each other; or one.',
    values: LAYOUTS,
    read: (state, value, key) => {
      state.view.layout = oneOf(key, value, LAYOUTS)
    },
  },
  count: {
    help: 'How many environments are drawn; unless given 256, on a software adapter 16.',
    values: COUNTS,
    read: (state, value, key) => {
      state.view.count = Number(oneOf(key, value, COUNTS.map(String)))
    },
  },
  draw: {
    help: 'How pictures get to the page: `direct` draws on it, `copy` copies them; `auto`, unless given, chooses.',
    values: DRAWINGS,
    read: (state, value, key) => {
      state.draw = oneOf(key, value, DRAWINGS)
    },
  },
  play: {
    help: '0: learning is paused when the page opens; 1, unless given: it begins.',
    values: ['0', '1'],
    read: (state, value, key) => {
      state.play = oneOf(key, value, ['0', '1']) === '1'
    },
  },
  hide: {
    help: 'Panels that are hidden, with commas between them.',
    values: PANELS,
    read: (state, value, key) => {
      state.hidden = value === '' ? [] : value.split(',').map((name) => oneOf(key, name, PANELS))
    },
  },
}

const MOST_CHARACTERS = 4000
/** Prefix of the name of an environment's parameter. */
const PARAM = 'env.'

/**
 * The state encoded in `hash`; undefined if it is empty.
 * @throws ConfigError for the first entry that is unknown, given twice or wrong.
 */
export function readLink(hash: string, software: boolean): PageState | undefined {
  const text = hash.replace(/^#/, '')
  if (text === '') return undefined
  if (text.length > MOST_CHARACTERS) throw new ConfigError(`link: longer than ${MOST_CHARACTERS} characters.`)
  const state: PageState = { env: firstEnv(), given: {}, view: {}, hidden: [], play: true, draw: 'auto' }
  const seen = new Set<string>()
  const params: [key: string, text: string][] = []
  for (const [key, value] of new URLSearchParams(text)) {
    if (seen.has(key)) throw new ConfigError(`link: ${JSON.stringify(key)} occurs twice.`)
    seen.add(key)
    if (Object.hasOwn(LINK_KEYS, key)) LINK_KEYS[key].read(state, value, key)
    else if (key.startsWith(PARAM)) params.push([key, value])
    else if (Object.hasOwn(OPTIONS, key)) Object.assign(state.given, { [key]: parseOption(key, value) })
    else throw new ConfigError(`link: there is no setting ${JSON.stringify(key)}.`)
  }
  if (params.length > 0) {
    const spec = environmentOf(state.env)
    const settings = params.map(([key, text]) => {
      const name = key.slice(PARAM.length)
      return [name, parseParam(`link: ${key}`, name, text, spec)]
    })
    state.given.envParams = Object.fromEntries(settings)
  }
  resolveChoice(state.env, state.given, software) // throws for a wrong value
  return state
}

/** The drawing mode in `hash`: needed before the adapter is known, which the check of the rest needs. */
export function readDrawing(hash: string): Drawing {
  const asked = new URLSearchParams(hash.replace(/^#/, '')).get('draw')
  return DRAWINGS.find((name) => name === asked) ?? 'auto'
}

function oneOf<T extends string>(key: string, value: string, known: readonly T[]): T {
  const found = known.find((name) => name === value)
  if (found === undefined)
    throw new ConfigError(`link: ${key} ${JSON.stringify(value)} is not one of ${known.join(', ')}.`)
  return found
}

/** The link of a state; contains only what differs from an empty link. */
export function writeLink(state: PageState, software: boolean): string {
  const entries = new URLSearchParams()
  entries.set('env', state.env)
  for (const [key, value] of Object.entries(withoutDefaults(state.env, state.given, software)))
    entries.set(key, formatOption(key as OptionName, value))
  for (const [name, text] of paramTexts(environmentOf(state.env), state.given)) entries.set(PARAM + name, text)
  const { source, layout, count } = state.view
  if (source !== undefined) entries.set('show', source)
  if (layout !== undefined) entries.set('layout', layout)
  if (count !== undefined) entries.set('count', String(count))
  if (state.hidden.length > 0) entries.set('hide', state.hidden.join(','))
  if (state.draw !== 'auto') entries.set('draw', state.draw)
  if (!state.play) entries.set('play', '0')
  return `#${entries.toString().replaceAll('%2C', ',').replaceAll('%28', '(').replaceAll('%29', ')')}`
}
