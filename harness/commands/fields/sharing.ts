/** What `share` and `enjoy` print with `--json`. */
import type { Fields } from '../../cli/fields'

export interface ShareResult {
  env: string
  policy: string
  out: string
  repo: string | null
  episodes: number
  seed: number
  meanReturn: number
  stdReturn: number
  files: { name: string; bytes: number }[]
}

export const SHARE_FIELDS: Fields<ShareResult> = {
  env: { type: 'text', help: 'Id of the environment.' },
  policy: { type: 'text', help: 'The policy file that was read.' },
  out: { type: 'text', help: 'The folder that was written.' },
  repo: { type: 'text or null', help: 'The name of the repository in the model card.' },
  episodes: { type: 'number', help: 'Number of episodes of the evaluation.' },
  seed: { type: 'number', help: 'Their seed.' },
  meanReturn: { type: 'number', help: 'Mean of their returns.' },
  stdReturn: { type: 'number', help: 'Standard deviation of their returns.' },
  files: {
    each: { name: { type: 'text', help: 'Its name.' }, bytes: { type: 'number', help: 'Its size.' } },
    help: 'The files in the folder.',
  },
}

export interface EnjoyResult {
  env: string
  policy: string
  url: string
}

export const ENJOY_FIELDS: Fields<EnjoyResult> = {
  env: { type: 'text', help: 'Id of the environment.' },
  policy: { type: 'text', help: 'The policy file that was read.' },
  url: { type: 'text', help: 'The address of the page: until the command ends, or of the file with --out.' },
}
