/** Fields of the result of `record`. */
import type { FilmFormat } from '../../../src/film/formats'
import type { ParamSettings } from '../../../src/options/params'
import type { Fields } from '../../cli/fields'

export interface RecordResult {
  env: string
  out: string
  bytes: number
  format: FilmFormat
  codec: string
  width: number
  height: number
  frames: number
  seconds: number
  fps: number
  every: number
  columns: number
  rows: number
  episodes: number
  meanReturn: number
  returns: number[]
  lengths: number[]
  seed: number
  envParams?: ParamSettings
  deterministic: boolean
  agent: number
  wallSeconds: number
}

export const RECORD_FIELDS: Fields<RecordResult> = {
  env: { type: 'text', help: 'Id of the environment.' },
  out: { type: 'text', help: 'The film that was written.' },
  bytes: { type: 'number', help: 'Its size.' },
  format: { type: 'text', help: '`mp4`, `webm`, `webp` or `gif`.' },
  codec: { type: 'text', help: 'What encoded it: `H.264`, `VP9`, `VP8`, `AV1`, `WebP` or `GIF`.' },
  width: { type: 'number', help: 'Width of a picture in pixels.' },
  height: { type: 'number', help: 'Its height.' },
  frames: { type: 'number', help: 'Pictures in the film.' },
  seconds: { type: 'number', help: 'How long the film lasts.' },
  fps: { type: 'number', help: 'Steps of the environment per second of the film.' },
  every: {
    type: 'number',
    help: 'Steps from one picture to the next; above 1 only where the format shows fewer pictures per second.',
  },
  columns: { type: 'number', help: 'Cards side by side.' },
  rows: { type: 'number', help: 'Rows of cards.' },
  episodes: { type: 'number', help: 'Episodes in the film.' },
  meanReturn: { type: 'number', help: 'Mean of their returns.' },
  returns: { type: 'list of numbers', help: 'The return of each, as far as it is in the film.' },
  lengths: { type: 'list of numbers', help: 'Steps of each.' },
  seed: { type: 'number', help: 'Seed of the episodes.' },
  envParams: { type: 'object', when: 'the environment has parameters', help: 'Their values.' },
  deterministic: { type: 'true or false', help: 'False with `--stochastic`.' },
  agent: { type: 'number', help: 'Which agent, from 0.' },
  wallSeconds: { type: 'number', help: 'Seconds that it took, the start of the browser included.' },
}
