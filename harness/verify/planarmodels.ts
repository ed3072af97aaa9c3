/** The models of Gymnasium's MuJoCo tasks that recordings name, and the environments that they are replayed in. */
import { HALF_CHEETAH } from '../../envs/half_cheetah/model'
import { HOPPER } from '../../envs/hopper/model'
import { INVERTED_DOUBLE_PENDULUM } from '../../envs/inverted_double_pendulum/model'
import { INVERTED_PENDULUM } from '../../envs/inverted_pendulum/model'
import type { PlanarModel } from '../../envs/planar/model'
import { REACHER } from '../../envs/reacher/model'
import { SWIMMER } from '../../envs/swimmer/model'
import { WALKER2D, WALKER2D_V4 } from '../../envs/walker2d/model'

/** f32 columns of a table of errors: of the median and the 99th percentile transition, and the largest. */
export interface Errors {
  median: number
  p99: number
  max: number
}

export interface RecordedTask {
  /** The environment whose steps the file holds; its rewards are those of `rewards`. */
  id: string
  rewards: 'r' | 'r4'
  /** The environment that gives the other rewards, where the model is the same; null: there is none. */
  other: string | null
  model: PlanarModel
  obsDim: number
  /** Errors of a step in f32, measured with a prototype against MuJoCo 3.3.8 on 500 transitions. */
  f32: Errors
}

const errors = (median: number, p99: number, max: number): Errors => ({ median, p99, max })
const v5 = { rewards: 'r' } as const
const walker2d = { obsDim: 17, f32: errors(8e-7, 2e-5, 9e-5) }

/** By `meta.xml`. */
export const RECORDED: Readonly<Record<string, RecordedTask>> = {
  'half_cheetah.xml': {
    ...{ ...v5, id: 'HalfCheetah-v5', other: 'HalfCheetah-v4', model: HALF_CHEETAH, obsDim: 17 },
    f32: errors(1e-6, 3e-5, 4e-5),
  },
  'hopper.xml': {
    ...{ ...v5, id: 'Hopper-v5', other: 'Hopper-v4', model: HOPPER, obsDim: 11 },
    f32: errors(2e-7, 1e-6, 2e-6),
  },
  // Walker2d-v4 has another model: its right foot has less friction.
  'walker2d_v5.xml': { ...v5, id: 'Walker2d-v5', other: null, model: WALKER2D, ...walker2d },
  'walker2d.xml': { rewards: 'r4', id: 'Walker2d-v4', other: null, model: WALKER2D_V4, ...walker2d },
  'swimmer.xml': {
    ...{ ...v5, id: 'Swimmer-v5', other: 'Swimmer-v4', model: SWIMMER, obsDim: 8 },
    f32: errors(2e-7, 3e-6, 5e-6),
  },
  'reacher.xml': {
    ...{ ...v5, id: 'Reacher-v5', other: 'Reacher-v4', model: REACHER, obsDim: 10 },
    f32: errors(1e-7, 3e-6, 4e-6),
  },
  'inverted_pendulum.xml': {
    ...{ ...v5, id: 'InvertedPendulum-v5', other: 'InvertedPendulum-v4', model: INVERTED_PENDULUM, obsDim: 4 },
    f32: errors(4e-8, 2e-7, 3e-7),
  },
  'inverted_double_pendulum.xml': {
    ...{ ...v5, id: 'InvertedDoublePendulum-v5', other: 'InvertedDoublePendulum-v4', model: INVERTED_DOUBLE_PENDULUM },
    obsDim: 9,
    f32: errors(9e-8, 7e-7, 1e-6),
  },
}
